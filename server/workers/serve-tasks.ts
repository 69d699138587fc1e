import { Worker } from 'node:worker_threads'
import { packError, type TaskOutcome } from './task-outcome.ts'

/** Tasks of a worker process, by name. */
export type TaskFunctions = Record<string, (input: never) => unknown>

/** Message to a worker process. Without a name of a task, the process only reports that it is ready. */
export type TaskCall = { name: string | null; input: unknown }

/** Message of a worker process: first that a task begins, then its outcome. */
export type TaskAnswer = { kind: 'started' } | TaskOutcome

/** Runs the tasks that the parent process sends, one after the other. Ends when the parent process ends. */
export function serveTasks(tasks: TaskFunctions): void {
  // Ignored: a terminal or service manager signals all processes, but the server may still need a result.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  process.on('disconnect', () => process.exit())
  endWithParent()
  process.on('message', (call: TaskCall) => {
    // Wait until this message is sent: the task blocks this thread, and its time limit starts here.
    send({ kind: 'started' }, () => void perform(tasks, call).then((outcome) => send(outcome)))
  })
}

async function perform(tasks: TaskFunctions, { name, input }: TaskCall): Promise<TaskOutcome> {
  try {
    if (name === null) return { kind: 'returned', value: null }
    const task = tasks[name]
    if (!task) throw new Error(`no task ${name}`)
    return { kind: 'returned', value: await task(input as never) }
  } catch (error) {
    return packError(error)
  }
}

function send(answer: TaskAnswer, onSent: () => void = () => {}): void {
  try {
    process.send?.(answer, onSent)
  } catch (error) {
    // The result cannot be sent to the server.
    process.send?.(packError(error))
  }
}

/** A task that never ends blocks the event "disconnect". Therefore a thread detects the end of a killed server. */
function endWithParent(): void {
  const watch = `setInterval(() => {
    if (process.ppid !== ${process.ppid}) process.kill(process.pid, 'SIGKILL')
  }, 1_000)`
  new Worker(watch, { eval: true, execArgv: [] }).unref()
}
