import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { BusyError } from '../errors.ts'
import { findProjectDir } from '../project-dir.ts'
import type { TaskCall, TaskFunctions } from './serve-tasks.ts'
import type { Tasks } from '../tasks.ts'
import { startWorkerProcess, type TaskLimits, type WorkerProcess } from './worker-process.ts'

/** The server stops, so the task has no result. */
export class WorkersClosedError extends Error {
  override readonly name = 'WorkersClosedError'
  constructor() {
    super('the server stops')
  }
}

/** The queue of tasks is full. The caller can try again later. */
export class WorkersBusyError extends BusyError {
  override readonly name = 'WorkersBusyError'
}

/**
 * Runs the functions of tasks.ts in worker processes, so that no input can stop the server.
 * Why not in threads: docs/decisions/011-worker-processes.md.
 */
export type WorkerPool<All extends TaskFunctions = Tasks> = {
  /**
   * Runs a task and returns its result. The time limit starts when a process begins the task. Throws the errors
   * of the task, TaskLimitError, WorkersBusyError, WorkersClosedError.
   */
  run: <Name extends keyof All & string>(
    name: Name,
    input: Parameters<All[Name]>[0],
    limits?: TaskLimits,
  ) => Promise<ReturnType<All[Name]>>
  /** Start a process, so that the first task does not wait for it. */
  warmUp: () => Promise<void>
  /** Ends all processes. Running and waiting tasks throw WorkersClosedError. */
  close: () => Promise<void>
}

const defaultLimits: TaskLimits = { timeoutMs: 10_000 }

type Options = {
  /** A file that calls `serveTasks`. */
  file?: string
  maxProcesses?: number
  /** Maximum number of waiting tasks. Further ones throw WorkersBusyError. */
  maxWaiting?: number
  /** Limit for JavaScript values, without the content of typed arrays. */
  maxHeapMiB?: number
  /** Time limit for the start of a process. It takes a fraction of a second, unless the machine is busy. */
  startTimeoutMs?: number
  /** Nice value of the processes, up to 19. Processes with a lower value, such as the server, go first. */
  niceness?: number
  /** Time after which an idle process is ended. Default: never. */
  idleMs?: number
}

/**
 * Processes start with the first task, or with `warmUp`, and are reused, because starting one takes longer than
 * most tasks. One core is left to the server. There are at least two processes, so that one long task does not
 * block the others.
 */
export function createWorkerPool<All extends TaskFunctions = Tasks>({
  file,
  maxProcesses = Math.min(4, Math.max(2, availableParallelism() - 1)),
  maxWaiting = 256,
  maxHeapMiB = 512,
  startTimeoutMs = 60_000,
  niceness,
  idleMs,
}: Options = {}): WorkerPool<All> {
  const oneForEachProcess = pLimit(maxProcesses)
  const processes = new Set<WorkerProcess>()
  const idle: WorkerProcess[] = []
  let isClosed = false
  let idleTimer: NodeJS.Timeout | undefined

  function takeProcess(): WorkerProcess {
    for (let found = idle.pop(); found; found = idle.pop()) {
      if (found.isAlive()) return found
      processes.delete(found)
    }
    const started = startWorkerProcess({
      ...{ file: file ?? ownFile(), maxHeapMiB, startTimeoutMs },
      ...(niceness === undefined ? {} : { niceness }),
    })
    processes.add(started)
    return started
  }

  /** Ends the processes after all of them have been idle for `idleMs`. */
  function endIdle(): void {
    for (const worker of idle.splice(0)) {
      processes.delete(worker)
      void worker.kill()
    }
  }

  async function runNow(call: TaskCall, limits: TaskLimits): Promise<unknown> {
    if (isClosed) throw new WorkersClosedError()
    clearTimeout(idleTimer)
    const worker = takeProcess()
    try {
      return await worker.run(call, limits)
    } catch (error) {
      throw isClosed ? new WorkersClosedError() : error
    } finally {
      if (worker.isAlive()) idle.push(worker)
      else processes.delete(worker)
      if (idleMs !== undefined && !isClosed) {
        clearTimeout(idleTimer)
        idleTimer = setTimeout(endIdle, idleMs).unref()
      }
    }
  }

  return {
    async run<Name extends keyof All & string>(
      name: Name,
      input: Parameters<All[Name]>[0],
      limits = defaultLimits,
    ): Promise<ReturnType<All[Name]>> {
      if (oneForEachProcess.pendingCount >= maxWaiting) {
        throw new WorkersBusyError(
          `the server has much to do: ${maxWaiting} tasks wait already; try again later`,
        )
      }
      // The type of the task defines the type of its result.
      return (await oneForEachProcess(() => runNow({ name, input }, limits))) as ReturnType<All[Name]>
    },

    async warmUp() {
      await oneForEachProcess(() => runNow({ name: null, input: null }, defaultLimits))
    },

    async close() {
      isClosed = true
      clearTimeout(idleTimer)
      await Promise.all([...processes].map((worker) => worker.kill()))
    },
  }
}

/** The sources if tsx runs the server from its sources; otherwise the bundle, which starts much faster. */
function ownFile(): string {
  const isThroughTsx = process.execArgv.some((flag) => flag.includes('tsx'))
  if (isThroughTsx && import.meta.filename.endsWith('.ts')) return join(import.meta.dirname, 'main.ts')
  const file = join(findProjectDir(), 'dist/tasks.mjs')
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build"`)
  return file
}
