import type { Reader } from '../database/reader.ts'
import { Prisma, type PlatformQueue } from '../generated/prisma/client.ts'
import type { RunId } from '../ids.ts'
import type { Page } from '../page.ts'
import { activeRunStates } from './run-state.ts'

const { join, sql } = Prisma

/** The queues of a page, by platform, and one more if it exists. */
export async function findQueues(
  db: Reader,
  { after, backward, before, limit }: Page<string>,
): Promise<PlatformQueue[]> {
  const platform = { ...(after === null ? {} : { gt: after }), ...(before === null ? {} : { lt: before }) }
  const rows = await db.platformQueue.findMany({
    where: { platform },
    orderBy: { platform: backward ? 'desc' : 'asc' },
    take: limit + 1,
  })
  return backward ? rows.toReversed() : rows
}

/** What is in the queue of a platform, and who could take it. */
export type QueueCounts = { waiting: number; running: number; workers: number; slots: number }

/** By platform; those with nothing are absent. */
export async function countInQueues(
  db: Reader,
  platforms: readonly string[],
): Promise<Map<string, QueueCounts>> {
  const names = [...platforms]
  const [runs, workers] = await Promise.all([
    db.run.groupBy({
      by: ['platform', 'state'],
      where: { platform: { in: names }, state: { in: ['QUEUED', ...activeRunStates] } },
      _count: true,
    }),
    db.buildWorker.groupBy({
      by: ['platform'],
      where: { platform: { in: names }, disconnectedAt: null },
      _count: true,
      _sum: { slots: true },
    }),
  ])
  const counts = new Map<string, QueueCounts>()
  const countsOf = (platform: string) => {
    const known = counts.get(platform) ?? { waiting: 0, running: 0, workers: 0, slots: 0 }
    counts.set(platform, known)
    return known
  }
  for (const { platform, state, _count } of runs)
    countsOf(platform)[state === 'QUEUED' ? 'waiting' : 'running'] += _count
  for (const { platform, _count, _sum } of workers)
    Object.assign(countsOf(platform), { workers: _count, slots: _sum.slots ?? 0 })
  return counts
}

/**
 * The first runs that wait on each of these platforms, in the order in which they are given out but for fair shares. Raw SQL: Prisma
 * cannot limit per parent.
 */
export async function findFirstWaiting(
  db: Reader,
  platforms: readonly string[],
  count: number,
): Promise<{ platform: string; id: RunId }[]> {
  return db.$queryRaw<{ platform: string; id: RunId }[]>(
    sql`SELECT q.platform, r.id FROM "PlatformQueue" q CROSS JOIN "Run" r
      WHERE q.platform IN (${join([...platforms])}) AND r.id IN (
        SELECT w.id FROM "Run" w WHERE w.state = 'QUEUED' AND w.platform = q.platform
        ORDER BY w.priority, w.position, w.id LIMIT ${count})
      ORDER BY q.platform, r.priority, r.position, r.id`,
  )
}
