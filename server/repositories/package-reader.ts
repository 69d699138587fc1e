import { DamagedBlobError } from '../blobs/checked-stream.ts'
import { toBlobId } from '../blobs/blob-store.ts'
import type { Deps } from '../deps.ts'
import { BusyError, MalformedError } from '../errors.ts'
import type { PackageFacts } from '../formats/package-facts.ts'
import type { Package } from '../generated/prisma/client.ts'
import { WorkersClosedError } from '../workers/worker-pool.ts'
import { TaskLimitError, WorkerDiedError } from '../workers/worker-process.ts'

/** Attempts of which each may have failed for another reason than the package, such as a machine without free memory. */
const maxAttempts = 3
/** Problems quote names of fields, which are as long as a build makes them. Characters. */
const maxProblemLength = 300
const limits = { timeoutMs: 60_000, maxCpuMs: 20_000, maxMemoryMiB: 768 }

export type PackageReader = {
  /**
   * What a package says, or why it cannot be read. Null: that is not known yet; ask again in `retryMs`. Throws if no package can be
   * read now, for example because no worker process starts.
   */
  read: (sha256: string, format: PackageFacts['format']) => Promise<Package | null>
}

type Failure = { problem: string }

/** Reads packages in worker processes: a package is anything at all. Failed attempts are counted until the server stops. */
export function packageReader(
  deps: Pick<Deps, 'blobs' | 'clock' | 'copies' | 'log' | 'workers'>,
  { retryMs }: { retryMs: number },
): PackageReader {
  const { clock, log } = deps
  const failed = new Map<string, { attempts: number; retryAt: number }>()

  /** Null: it is to be tried again. */
  function problemAfter(sha256: string, { problem }: Failure): string | null {
    const attempts = (failed.get(sha256)?.attempts ?? 0) + 1
    log.warn({ sha256, attempts, problem }, 'a package could not be read')
    failed.set(sha256, { attempts, retryAt: clock.now().getTime() + retryMs })
    if (attempts < maxAttempts) return null
    failed.delete(sha256)
    return `${problem}; it was tried ${attempts} times`
  }

  return {
    async read(sha256, format) {
      const retryAt = failed.get(sha256)?.retryAt ?? 0
      const restMs = retryAt - clock.now().getTime()
      // A clock that was put back does not stop reading.
      if (restMs > 0 && restMs <= retryMs) return null
      const unreadable = (problem: string): Package => ({
        ...{ sha256, format, name: '', version: '', architecture: '', control: '' },
        problem: problem.slice(0, maxProblemLength),
      })
      try {
        const facts = await attempt(deps, sha256, format)
        if ('problem' in facts) {
          const problem = problemAfter(sha256, facts)
          return problem === null ? null : unreadable(problem)
        }
        failed.delete(sha256)
        return { sha256, ...facts, problem: null }
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error
        return unreadable(error.message)
      }
    },
  }
}

/** One attempt. Throws MalformedError, and what is wrong with the server instead of the package. */
async function attempt(
  { blobs, copies, workers }: Pick<Deps, 'blobs' | 'copies' | 'workers'>,
  sha256: string,
  format: PackageFacts['format'],
): Promise<PackageFacts | Failure> {
  try {
    return await copies.withFile(blobs, toBlobId(sha256), async (file) => {
      try {
        return await workers.run('readPackage', { file, format }, limits)
      } catch (error) {
        return failureOf(error)
      }
    })
  } catch (error) {
    if (error instanceof DamagedBlobError) return { problem: `its content is damaged: ${error.found}` }
    throw error
  }
}

/** Throws errors that say nothing of the package, or all of it. */
function failureOf(error: unknown): Failure {
  if (error instanceof TaskLimitError) return { problem: error.message }
  if (error instanceof WorkerDiedError && error.hasStarted) return { problem: 'reading it ended the process' }
  const isOther = error instanceof WorkerDiedError || error instanceof WorkersClosedError
  if (isOther || error instanceof BusyError || error instanceof MalformedError) throw error
  return { problem: 'reading it failed' }
}
