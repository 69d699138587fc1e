import { Worker } from 'node:worker_threads'
import { packError, type TaskOutcome } from './task-outcome.ts'

/** What a worker process can be asked for. */
export type TaskFunctions = Record<string, (input: never) => unknown>

/** A task as it is sent to a worker process; without a name there is nothing to do but to be ready. */
export type TaskCall = { name: string | null; input: unknown }

/** What a worker process answers: first that it begins, then how it ended. */
export type TaskAnswer = { kind: 'started' } | TaskOutcome

/** Do one task after the other for the process that started this one, and end with it. */
export function serveTasks(tasks: TaskFunctions): void {
  // A terminal or a service manager signals them to all processes: the server may still need an answer.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
  process.on('disconnect', () => process.exit())
  endWithParent()
  process.on('message', (call: TaskCall) => {
    // Once it is sent: a task keeps this thread busy, and the clock runs from here.
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
    // The value cannot be sent.
    process.send?.(packError(error))
  }
}

/** A task that never ends hears of no disconnection: a thread watches for the end of a killed server. */
function endWithParent(): void {
  const watch = `setInterval(() => {
    if (process.ppid !== ${process.ppid}) process.kill(process.pid, 'SIGKILL')
  }, 1_000)`
  new Worker(watch, { eval: true, execArgv: [] }).unref()
}
