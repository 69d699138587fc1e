import type { Transaction } from '../database/writer.ts'
import { announce } from '../event-log/announce.ts'
import { groupBy } from '../group-by.ts'
import { buildPath } from '../paths.ts'
import { findAffectedNewest, type AffectedBuild } from './find-affected.ts'

/** So many events of one import at most: a site that gets its first feed tells of its jobs, not of its past. */
const maxEvents = 1_000
const maxNamed = 50

/** Tells of the newest builds that these advisories are about, in the transaction that found it: one event for each job and platform. */
export async function announceMatches(
  tx: Transaction,
  advisoryIds: readonly string[],
  now: Date,
): Promise<void> {
  if (advisoryIds.length === 0) return
  await announceBuilds(tx, await findAffectedNewest(tx, { advisoryIds }), now)
}

/** Tells of the newest builds with this set. What the build before had, too, is no news. */
export async function announceSet(tx: Transaction, setId: number, now: Date): Promise<void> {
  await announceBuilds(tx, await findAffectedNewest(tx, { newInSet: setId }), now)
}

async function announceBuilds(tx: Transaction, affected: readonly AffectedBuild[], now: Date): Promise<void> {
  const events = [...groupBy(affected, ({ uuid }) => uuid)].slice(0, maxEvents).map(([uuid, found]) => {
    const [first] = found
    const { job = '', platform = '', startedAt = now, verdict = '' } = first ?? {}
    const ids = [...new Set(found.map(({ advisoryId }) => advisoryId))].toSorted()
    return {
      type: 'advisory.matched' as const,
      dedupeKey: `advisory.matched ${uuid} ${ids.slice(0, maxNamed).join(' ')}`,
      ...{ job, platform, build: uuid },
      data: {
        build: { uuid, job, platform, path: buildPath(job, uuid), startedAt, verdict },
        advisories: ids.slice(0, maxNamed).map((id) => {
          const one = found.find(({ advisoryId }) => advisoryId === id)
          const { summary = '', severity = null, score = null } = one ?? {}
          return { id, summary, severity, score, path: `/advisories/${encodeURIComponent(id)}` }
        }),
      },
    }
  })
  await announce(tx, events, now)
}
