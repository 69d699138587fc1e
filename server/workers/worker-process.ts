import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { DomainError } from '../errors.ts'
import type { TaskAnswer, TaskCall } from './serve-tasks.ts'
import { unpackError } from './task-outcome.ts'

/** A task takes too long, or more memory than it may. The server is not hurt. */
export class TaskLimitError extends DomainError {
  override readonly name = 'TaskLimitError'
}

/** Its process ended before it did, for no reason that is known. `how`: a signal, or a status. */
export class WorkerDiedError extends Error {
  override readonly name = 'WorkerDiedError'
  readonly how: string
  constructor(how: string, errorText: string) {
    super(`worker process ended (${how}): ${errorText}`)
    this.how = how
  }
}

export type TaskLimits = {
  timeoutMs: number
  /** Of processor time, which for a process that gives way to others is not the time that passes. Linux only. */
  maxCpuMs?: number
  /** Resident memory of the process, which counts what typed arrays hold. Linux only. */
  maxMemoryMiB?: number
}

export type WorkerProcess = {
  /** Do one task; the next one only after it. After an error other than the task's own, the process is gone. */
  run: (call: TaskCall, limits: TaskLimits) => Promise<unknown>
  isAlive: () => boolean
  kill: () => Promise<void>
}

export type WorkerOptions = {
  file: string
  maxHeapMiB: number
  startTimeoutMs: number
  /** Of the system's scheduler, from -20 to 19: a process with a higher one gives way. */
  niceness?: number
}

/** How often /proc is asked: fast enough for what a parser can fill. */
const watchMs = 50

/** Enough to say why a process died. */
const maxErrorTextLength = 4_096

/** Start a process that serves tasks; it is ready some time later. */
export function startWorkerProcess(options: WorkerOptions): WorkerProcess {
  const { file, maxHeapMiB, startTimeoutMs, niceness } = options
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
  if (niceness !== undefined && child.pid !== undefined) giveWay(child.pid, niceness)
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
    return new WorkerDiedError(how, errorText.trim())
  }

  return {
    isAlive: () => isAlive,

    async run(call, { timeoutMs, maxCpuMs, maxMemoryMiB }) {
      let timer: NodeJS.Timeout | undefined
      let watch: NodeJS.Timeout | undefined
      try {
        return await new Promise((resolve, reject) => {
          const killNow = (error: Error) => {
            isAlive = false
            child.kill('SIGKILL')
            reject(error)
          }
          const killAfter = (ms: number, error: Error) => {
            clearTimeout(timer)
            timer = setTimeout(() => killNow(error), ms)
          }
          const watchFrom = ({ cpuMs: cpuBeforeMs }: Usage) => {
            if (maxCpuMs === undefined && maxMemoryMiB === undefined) return
            watch = setInterval(() => {
              const { cpuMs, residentMiB } = usageOf(child.pid)
              if (residentMiB > (maxMemoryMiB ?? Infinity))
                killNow(new TaskLimitError(`it takes more than ${maxMemoryMiB} MiB of memory`))
              if (cpuMs - cpuBeforeMs > (maxCpuMs ?? Infinity))
                killNow(new TaskLimitError(`it takes longer than ${Number(maxCpuMs) / 1000} s`))
            }, watchMs)
          }
          onEnd = (how) => reject(endError(how))
          onAnswer = (answer) => {
            if (answer.kind === 'started') {
              killAfter(timeoutMs, new TaskLimitError(`it takes longer than ${timeoutMs / 1000} s`))
              watchFrom(usageOf(child.pid))
            }
            if (answer.kind === 'returned') resolve(answer.value)
            if (answer.kind === 'threw') reject(unpackError(answer))
          }
          killAfter(
            startTimeoutMs,
            new WorkerDiedError(`it did not start within ${startTimeoutMs / 1000} s`, 'killed'),
          )
          // Of a process that has ended, the end tells more.
          child.send(call, () => {})
        })
      } finally {
        clearTimeout(timer)
        clearInterval(watch)
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

/** What is less urgent than answers and uploads. */
function giveWay(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness)
  } catch {
    // It has ended already; or the system knows no priorities: then it is as urgent as all.
  }
}

type Usage = { cpuMs: number; residentMiB: number }

/** What a process has used so far; zeros where the system does not tell. Source: proc_pid_stat(5). */
function usageOf(pid: number | undefined): Usage {
  let stat
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return { cpuMs: 0, residentMiB: 0 }
  }
  // The second field is a name in brackets, which may hold anything; what follows it starts with the third.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [utime, stime, rss] = [fields[11], fields[12], fields[21]].map(Number)
  // Ticks of 10 ms, and pages of 4 KiB, on all that Node runs on but some ARM systems, whose pages are larger.
  return { cpuMs: ((utime ?? 0) + (stime ?? 0)) * 10, residentMiB: ((rss ?? 0) * 4_096) / 1024 ** 2 }
}
