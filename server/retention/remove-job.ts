import { setTimeout as sleep } from 'node:timers/promises'
import type { Act } from '../audit/actor.ts'
import type { Database } from '../database/connections.ts'
import type { Reader } from '../database/reader.ts'
import type { BuildId, JobId } from '../ids.ts'
import { auditRemoval } from './audit-removal.ts'
import { BuildPinnedError } from './pins.ts'
import { UnknownPlaceError } from './places.ts'
import type { Removal } from './removal.ts'
import { buildsPerTransaction, removeBuilds } from './remove-builds.ts'

/** What the removal of a job would take away. */
export type JobRemoval = {
  jobId: JobId
  buildCount: number
  /** UUIDs of builds that are pinned: as long as there are any, the job is not removed. */
  pinned: string[]
}

/** Null: there is no such job, but there was: it is removed already. Throws UnknownPlaceError. */
export async function findJobRemoval(db: Reader, name: string): Promise<JobRemoval | null> {
  const job = await db.job.findUnique({ where: { name }, select: { id: true } })
  if (!job) {
    const isRemoved = await db.tombstone.findFirst({ where: { job: name }, select: { id: true } })
    if (!isRemoved) throw new UnknownPlaceError(`there is no job ${JSON.stringify(name)}`)
    return null
  }
  const ofJob = { jobId: job.id }
  const buildCount = await db.build.count({ where: ofJob })
  const pins = await db.pin.findMany({
    where: { build: ofJob },
    select: { build: { select: { uuid: true } } },
  })
  return { jobId: job.id, buildCount, pinned: pins.map(({ build }) => build.uuid) }
}

/** Throws BuildPinnedError if builds of the job are pinned. */
export function checkNonePinned(name: string, { pinned }: Pick<JobRemoval, 'pinned'>): void {
  if (pinned.length > 0)
    throw new BuildPinnedError(
      `pinned builds of ${name}: ${pinned.join(', ')}. Nothing was removed; "hub build unpin" takes a pin back`,
    )
}

/**
 * Removes the builds that a job has now, oldest first, in small transactions. Yields how many each of them has removed. It
 * can be stopped at any point, and begun again. The audit log gets an entry at the end (`auditRemoval`). Builds that are pinned, or arrive, meanwhile stay.
 */
export function removeJob(
  database: Pick<Database, 'db' | 'writer'>,
  act: Act,
  name: string,
  { jobId, reason }: { jobId: JobId; reason: string },
  restMs: (tookMs: number) => number,
): AsyncGenerator<number, void, void> {
  return auditRemoval(
    database,
    act,
    { action: 'job.remove', target: name, detail: { reason }, removedCountOf: (count) => count },
    removeBuildsOf(database, jobId, { reason, removedAt: act.at }, restMs),
  )
}

async function* removeBuildsOf(
  { db, writer }: Pick<Database, 'db' | 'writer'>,
  jobId: JobId,
  removal: Removal,
  restMs: (tookMs: number) => number,
): AsyncGenerator<number, void, void> {
  // Builds that arrive from now on stay.
  const newest = await db.build.findFirst({ where: { jobId }, orderBy: { id: 'desc' }, select: { id: true } })
  let after = 0 as BuildId
  for (;;) {
    const ids = await nextBuilds(db, jobId, after, newest?.id ?? after)
    if (ids.length === 0) return
    const startedAt = performance.now()
    const { removed, notReached } = await removeBuilds(writer, ids, removal, { leavesNewest: false })
    // Builds that were pinned meanwhile are passed over.
    after = notReached.length > 0 ? after : (ids.at(-1) ?? after)
    yield removed.length
    await sleep(restMs(performance.now() - startedAt))
  }
}

/** In the order of arrival: the newest builds, from which the facts of the job are derived, come last. */
async function nextBuilds(db: Reader, jobId: JobId, after: BuildId, last: BuildId): Promise<BuildId[]> {
  const builds = await db.build.findMany({
    // A number behind an id, not the id of a build.
    where: { jobId, id: { gt: after, lt: (last + 1) as BuildId } },
    orderBy: { id: 'asc' },
    take: buildsPerTransaction,
    select: { id: true },
  })
  return builds.map(({ id }) => id)
}
