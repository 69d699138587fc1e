import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { DomainError } from '../errors.ts'
import { findProjectDir } from '../project-dir.ts'
import type { TaskCall, TaskFunctions } from './serve-tasks.ts'
import type { Tasks } from '../tasks.ts'
import { startWorkerProcess, type TaskLimits, type WorkerProcess } from './worker-process.ts'

/** The server stops: what the task would have given is not known. */
export class WorkersClosedError extends Error {
  override readonly name = 'WorkersClosedError'
  constructor() {
    super('the server stops')
  }
}

/** So many tasks wait already that this one was not taken. Later it may be. */
export class WorkersBusyError extends DomainError {
  override readonly name = 'WorkersBusyError'
}

/**
 * Runs the functions of tasks.ts in processes of their own, so that no input stops the server.
 * Why not in threads: docs/decisions/011-worker-processes.md.
 */
export type WorkerPool<All extends TaskFunctions = Tasks> = {
  /**
   * What the task gives. The time counts from when a process begins with it.
   * Throws what the task throws, TaskLimitError, WorkersBusyError, WorkersClosedError.
   */
  run: <Name extends keyof All & string>(
    name: Name,
    input: Parameters<All[Name]>[0],
    limits?: TaskLimits,
  ) => Promise<ReturnType<All[Name]>>
  /** Start a process, so that the first task needs not wait for it. */
  warmUp: () => Promise<void>
  /** Ends all processes; tasks that are under way, or wait, throw WorkersClosedError. */
  close: () => Promise<void>
}

const defaultLimits: TaskLimits = { timeoutMs: 10_000 }

type Options = {
  /** A file that calls `serveTasks`. */
  file?: string
  maxProcesses?: number
  /** More tasks than these are refused at once. */
  maxWaiting?: number
  /** JavaScript's values; the content of typed arrays comes on top. */
  maxHeapMiB?: number
  /** A process starts in a fraction of a second, unless the machine has much else to do. */
  startTimeoutMs?: number
  /** Of the system's scheduler, up to 19: these processes give way to the server, and to others with a lower one. */
  niceness?: number
  /** A process that had nothing to do for so long is ended; unless set, they stay. */
  idleMs?: number
}

/**
 * Processes start with the first task, or with `warmUp`, and stay: to start one takes longer than
 * most tasks do. One core is left to the server itself; but one long task holds up no other.
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

  /** Once all have had nothing to do for a while. */
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
      // The task's own type says what it gives.
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

/** The sources where tsx runs the server from sources, the bundle everywhere else: it starts in a fraction of the time. */
function ownFile(): string {
  const isThroughTsx = process.execArgv.some((flag) => flag.includes('tsx'))
  if (isThroughTsx && import.meta.filename.endsWith('.ts')) return join(import.meta.dirname, 'main.ts')
  const file = join(findProjectDir(), 'dist/tasks.mjs')
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build"`)
  return file
}
