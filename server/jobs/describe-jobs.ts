import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import { toBlobId } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { SwitchDescription } from '../formats/opam/describe-switch.ts'
import { WorkersBusyError, WorkersClosedError } from '../workers/worker-pool.ts'

/** Section, synopsis and description of a job from a switch. All are null if the switch does not have them. */
type Description = { [Key in keyof SwitchDescription]: SwitchDescription[Key] | null }

const nothing: Description = { section: null, synopsis: null, description: null }

/** Limit of the opam reader. The largest known switch has 0.4 MiB. */
const maxSwitchBytes = 16 * 1024 ** 2
/** Time limit for a switch. Real ones take about ten milliseconds. */
const timeoutMs = 5_000
const busyPauseMs = 1_000

export type JobDescriber = {
  /** Resolves when every switch that was uploaded so far has been read or has failed. */
  settled: () => Promise<void>
  /** Stops soon after the workers are closed. The remaining switches are read after the next start. */
  close: () => Promise<void>
}

/**
 * Reads section, synopsis and description of each job from its newest opam switch: first for all jobs that have a
 * pending switch, then after each upload. The pending switch is in the row of the job (`pendingSwitchSha256`), so
 * a restart does not lose it.
 *
 * If a switch cannot be read, its job has no description, and the switch is not read again.
 */
export function describeJobs(
  deps: Pick<Deps, 'blobs' | 'db' | 'events' | 'log' | 'workers' | 'writer'>,
): JobDescriber {
  const { db, events, log, writer } = deps
  const readSwitch = switchReader(deps)
  const waiting = new Set<string>()
  let isClosed = false
  let isWorking = false
  let work = noteWaitingJobs()
    .catch((error: unknown) => log.error({ err: error }, 'jobs that wait for a description not found'))
    .then(describeWaiting)

  async function noteWaitingJobs(): Promise<void> {
    const jobs = await db.job.findMany({
      where: { pendingSwitchSha256: { not: null } },
      select: { name: true },
    })
    for (const { name } of jobs) waiting.add(name)
  }

  /** Reads one switch at a time, so that uploads and pages are not delayed. */
  async function describeWaiting(): Promise<void> {
    isWorking = true
    for (const name of waiting) {
      if (isClosed) break
      waiting.delete(name)
      try {
        await describeJob(name)
      } catch (error) {
        if (error instanceof WorkersClosedError) break
        // The switch is not the cause (for example a disk failure): the next upload or start tries again.
        log.error({ err: error, job: name }, 'job not described')
      }
    }
    isWorking = false
  }

  async function describeJob(name: string): Promise<void> {
    const job = await db.job.findUnique({
      where: { name },
      select: { section: true, synopsis: true, description: true, pendingSwitchSha256: true },
    })
    // The job may have been removed with its last build.
    if (!job || job.pendingSwitchSha256 === null) return
    const { pendingSwitchSha256: sha256, ...before } = job
    const { reason, ...found } = await readSwitch(sha256)
    if (reason !== null)
      log.warn({ job: name, opamSwitch: sha256, reason }, 'job not described by its switch')
    const { count } = await writer.transact((tx) =>
      tx.job.updateMany({
        // An upload may have brought a newer switch meanwhile, which its own event lets us read.
        where: { name, pendingSwitchSha256: sha256 },
        data: { ...found, pendingSwitchSha256: null },
      }),
    )
    const isChanged = (['section', 'synopsis', 'description'] as const).some(
      (key) => found[key] !== before[key],
    )
    if (count > 0 && isChanged) events.emit('jobDescribed', { job: name })
  }

  const onBuild = ({ job }: { job: string }) => {
    waiting.add(job)
    if (!isWorking) work = work.then(describeWaiting)
  }
  events.on('buildStored', onBuild)
  return {
    async settled() {
      for (let seen = null; seen !== work;) await (seen = work)
    },
    async close() {
      isClosed = true
      events.off('buildStored', onBuild)
      await work
    },
  }
}

/** Returns the description from a switch, or the reason why it has none. Throws if the content is not the cause. */
function switchReader({ blobs, workers }: Pick<Deps, 'blobs' | 'workers'>) {
  // Most builds of a job have the same switch as the build before.
  const known = new LRUCache<string, Description & { reason: string | null }>({ max: 100 })

  async function read(sha256: string): Promise<SwitchDescription | null> {
    const id = toBlobId(sha256)
    const opamSwitch = await readBytes(blobs, id, maxSwitchBytes + 1)
    if (!opamSwitch) throw missingBlob(id)
    if (opamSwitch.length > maxSwitchBytes) throw new SwitchTooLargeError()
    for (;;) {
      try {
        return await workers.run('describeSwitch', opamSwitch, { timeoutMs })
      } catch (error) {
        if (!(error instanceof WorkersBusyError)) throw error
        await sleep(busyPauseMs)
      }
    }
  }

  return async (sha256: string) => {
    const before = known.get(sha256)
    if (before) return before
    let outcome
    try {
      const found = await read(sha256)
      outcome = found
        ? { ...found, reason: null }
        : { ...nothing, reason: 'it has not exactly one root package' }
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      outcome = { ...nothing, reason: error.message }
    }
    known.set(sha256, outcome)
    return outcome
  }
}

class SwitchTooLargeError extends DomainError {
  override readonly name = 'SwitchTooLargeError'
  constructor() {
    super(`it has more than ${maxSwitchBytes / 1024 ** 2} MiB`)
  }
}
