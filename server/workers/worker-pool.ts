import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Piscina } from 'piscina'
import { DomainError } from '../errors.ts'
import { findProjectDir } from '../project-dir.ts'
import type { Tasks } from './tasks.ts'

/** A task took too long, or more memory than it may. Nothing else of the server noticed. */
export class TaskLimitError extends DomainError {
  override readonly name = 'TaskLimitError'
}

/** Runs the functions of tasks.ts in threads, so that no input stops the server. */
export type WorkerPool = {
  /** What the task gives. Throws what it throws, or TaskLimitError. Errors lose their class on the way. */
  run: <Name extends keyof Tasks>(
    name: Name,
    input: Parameters<Tasks[Name]>[0],
    limits?: { timeoutMs: number },
  ) => Promise<ReturnType<Tasks[Name]>>
  close: () => Promise<void>
}

const defaultTimeoutMs = 10_000
const maxOldGenerationSizeMb = 512

/** Threads start with the first task; `warmUp` starts one before. */
export function createWorkerPool({ warmUp = false } = {}): WorkerPool {
  const pool = new Piscina({
    ...workerFile(),
    minThreads: warmUp ? 1 : 0,
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: 60_000,
    resourceLimits: { maxOldGenerationSizeMb },
  })
  return {
    async run(name, input, { timeoutMs } = { timeoutMs: defaultTimeoutMs }) {
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        return await (pool.run(input, { name, signal: timeout }) as Promise<ReturnType<Tasks[typeof name]>>)
      } catch (error) {
        if (timeout.aborted) throw new TaskLimitError(`it takes longer than ${timeoutMs / 1000} seconds`)
        if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
          throw new TaskLimitError(`it takes more than ${maxOldGenerationSizeMb} MiB of memory`)
        }
        throw error
      }
    },
    close: () => pool.close({ force: true }),
  }
}

/** The bundle brings the tasks as a file of its own; from sources, tsx reads them. */
function workerFile(): { filename: string; execArgv?: string[] } {
  const isSource = import.meta.filename.endsWith('.ts')
  if (isSource) {
    return { filename: pathToFileURL(join(import.meta.dirname, 'tasks.ts')).href, execArgv: ['--import', 'tsx'] }
  }
  const file = join(findProjectDir(), 'dist/tasks.mjs')
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npm run build"`)
  return { filename: pathToFileURL(file).href }
}
