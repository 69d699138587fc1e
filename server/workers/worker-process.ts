import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { DomainError } from '../errors.ts'
import type { TaskAnswer, TaskCall } from './serve-tasks.ts'
import { unpackError } from './task-outcome.ts'

/** A task exceeded its limit of time or memory. The server is not affected. */
export class TaskLimitError extends DomainError {
  override readonly name = 'TaskLimitError'
}

/**
 * The process of a task ended unexpectedly. `how` is a signal or an exit status. `hasStarted`: the process had begun the task;
 * otherwise its input is not to blame.
 */
export class WorkerDiedError extends Error {
  override readonly name = 'WorkerDiedError'
  readonly how: string
  readonly hasStarted: boolean
  constructor(how: string, errorText: string, hasStarted: boolean) {
    super(`worker process ended (${how}): ${errorText}`)
    this.how = how
    this.hasStarted = hasStarted
  }
}

export type TaskLimits = {
  timeoutMs: number
  /** Limit of processor time, which for a process of low priority is less than the elapsed time. Linux only. */
  maxCpuMs?: number
  /** Limit of the resident memory of the process, which includes typed arrays. Linux only. */
  maxMemoryMiB?: number
}

export type WorkerProcess = {
  /**
   * Runs one task; wait for its end before the next one. After an error that is not the task's own, the process has
   * ended.
   */
  run: (call: TaskCall, limits: TaskLimits) => Promise<unknown>
  isAlive: () => boolean
  kill: () => Promise<void>
}

export type WorkerOptions = {
  file: string
  maxHeapMiB: number
  startTimeoutMs: number
  /** Nice value of the process, from -20 to 19. Processes with a lower value go first. */
  niceness?: number
}

/** Interval at which /proc is read. It is short, because a parser can fill memory quickly. */
const watchMs = 50

/** Maximum length of the kept error output, which says why a process ended. */
const maxErrorTextLength = 4_096

/** Start a worker process. It is ready some time later. */
export function startWorkerProcess(options: WorkerOptions): WorkerProcess {
  const { file, maxHeapMiB, startTimeoutMs, niceness } = options
  const child = fork(file, [], {
    // The structured clone algorithm sends bytes without conversion.
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
  // An idle worker process does not keep the server process alive.
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

  /** Reason of an unexpected end of the process. */
  function endError(how: string, hasStarted: boolean): Error {
    if (/heap out of memory|invalid (table )?size|array length/i.test(errorText)) {
      return new TaskLimitError(`it takes more than ${maxHeapMiB} MiB of memory`)
    }
    return new WorkerDiedError(how, errorText.trim(), hasStarted)
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
          let hasStarted = false
          onEnd = (how) => reject(endError(how, hasStarted))
          onAnswer = (answer) => {
            if (answer.kind === 'started') {
              hasStarted = true
              killAfter(timeoutMs, new TaskLimitError(`it takes longer than ${timeoutMs / 1000} s`))
              watchFrom(usageOf(child.pid))
            }
            if (answer.kind === 'returned') resolve(answer.value)
            if (answer.kind === 'threw') reject(unpackError(answer))
          }
          killAfter(
            startTimeoutMs,
            new WorkerDiedError(`it did not start within ${startTimeoutMs / 1000} s`, 'killed', false),
          )
          // If the process has ended, the handler of its end reports the reason.
          child.send(call, () => {})
        })
      } finally {
        clearTimeout(timer)
        clearInterval(watch)
      }
    },

    async kill() {
      isAlive = false
      // A caller that waits for the end of the process must not end before it.
      child.ref()
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Lowers the priority of a process below that of the server. */
function giveWay(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness)
  } catch {
    // The process has ended already, or the system has no priorities; then all processes have the same.
  }
}

type Usage = { cpuMs: number; residentMiB: number }

/** Processor time and memory of a process; zeros on systems without /proc. Source: proc_pid_stat(5). */
function usageOf(pid: number | undefined): Usage {
  let stat
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return { cpuMs: 0, residentMiB: 0 }
  }
  // The second field is a name in parentheses, which may contain any character. The text after it starts with field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [utime, stime, rss] = [fields[11], fields[12], fields[21]].map(Number)
  // Ticks of 10 ms and pages of 4 KiB, on all systems that Node.js supports, except some ARM systems with larger pages.
  return { cpuMs: ((utime ?? 0) + (stime ?? 0)) * 10, residentMiB: ((rss ?? 0) * 4_096) / 1024 ** 2 }
}
