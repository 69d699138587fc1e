import { fork } from 'node:child_process'
import { DomainError } from '../errors.ts'
import type { TaskAnswer, TaskCall } from './serve-tasks.ts'
import { unpackError } from './task-outcome.ts'

/** A task takes too long, or more memory than it may. The server is not hurt. */
export class TaskLimitError extends DomainError {
  override readonly name = 'TaskLimitError'
}

export type WorkerProcess = {
  /** Do one task; the next one only after it. After an error other than the task's own, the process is gone. */
  run: (call: TaskCall, timeoutMs: number) => Promise<unknown>
  isAlive: () => boolean
  kill: () => Promise<void>
}

export type WorkerOptions = { file: string; maxHeapMiB: number; startTimeoutMs: number }

/** Enough to say why a process died. */
const maxErrorTextLength = 4_096

/** Start a process that serves tasks; it is ready some time later. */
export function startWorkerProcess({ file, maxHeapMiB, startTimeoutMs }: WorkerOptions): WorkerProcess {
  const child = fork(file, [], {
    // The structured clone, which takes bytes as they are.
    serialization: 'advanced',
    execArgv: [
      `--max-old-space-size=${maxHeapMiB}`,
      '--enable-source-maps',
      ...(file.endsWith('.ts') ? ['--import', 'tsx'] : []),
    ],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let errorText = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errorText = (errorText + text).slice(-maxErrorTextLength)
  })
  // One that has nothing to do keeps nothing from ending.
  child.unref()
  child.channel?.unref()

  let isAlive = true
  let onAnswer: (answer: TaskAnswer) => void = () => {}
  let onEnd: (how: string) => void = () => {}
  child.on('message', (answer: TaskAnswer) => onAnswer(answer))
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code, signal) => resolve(signal ?? `status ${code}`))
  })
  void ended.then((how) => {
    isAlive = false
    onEnd(how)
  })

  /** Why it ended, when nobody here wanted it to. */
  function endError(how: string): Error {
    if (/heap out of memory|invalid (table )?size|array length/i.test(errorText)) {
      return new TaskLimitError(`it takes more than ${maxHeapMiB} MiB of memory`)
    }
    return new Error(`worker process ended (${how}): ${errorText.trim()}`)
  }

  return {
    isAlive: () => isAlive,

    async run(call, timeoutMs) {
      let timer: NodeJS.Timeout | undefined
      try {
        return await new Promise((resolve, reject) => {
          const killAfter = (ms: number, error: Error) => {
            clearTimeout(timer)
            timer = setTimeout(() => {
              isAlive = false
              child.kill('SIGKILL')
              reject(error)
            }, ms)
          }
          onEnd = (how) => reject(endError(how))
          onAnswer = (answer) => {
            if (answer.kind === 'started')
              killAfter(timeoutMs, new TaskLimitError(`it takes longer than ${timeoutMs / 1000} s`))
            if (answer.kind === 'returned') resolve(answer.value)
            if (answer.kind === 'threw') reject(unpackError(answer))
          }
          killAfter(startTimeoutMs, new Error(`no worker process started within ${startTimeoutMs / 1000} s`))
          // Of a process that has ended, the end tells more.
          child.send(call, () => {})
        })
      } finally {
        clearTimeout(timer)
      }
    },

    async kill() {
      isAlive = false
      // Who waits for its end is not to end before.
      child.ref()
      child.kill('SIGKILL')
      await ended
    },
  }
}
