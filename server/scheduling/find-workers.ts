import type { Reader } from '../database/reader.ts'
import type { BuildWorker, Prisma } from '../generated/prisma/client.ts'
import type { BuildWorkerId, RunId } from '../ids.ts'
import type { Page } from '../page.ts'

export type WorkerFilter = { platform?: string | null; isConnected?: boolean | null }

/** The workers of a page, by name, and one more if it exists. */
export async function findWorkers(
  db: Reader,
  filter: WorkerFilter,
  { after, backward, before, limit }: Page<string>,
): Promise<BuildWorker[]> {
  const name = { ...(after === null ? {} : { gt: after }), ...(before === null ? {} : { lt: before }) }
  const rows = await db.buildWorker.findMany({
    where: { ...whereWorkers(filter), name },
    orderBy: { name: backward ? 'desc' : 'asc' },
    take: limit + 1,
  })
  return backward ? rows.toReversed() : rows
}

export const countWorkers = (db: Reader, filter: WorkerFilter): Promise<number> =>
  db.buildWorker.count({ where: whereWorkers(filter) })

const whereWorkers = ({ platform, isConnected }: WorkerFilter): Prisma.BuildWorkerWhereInput => ({
  ...(platform == null ? {} : { platform }),
  ...(isConnected == null ? {} : isConnected ? { disconnectedAt: null } : { disconnectedAt: { not: null } }),
})

/** The runs that these workers have now, by worker. */
export async function findRunIdsOfWorkers(
  db: Reader,
  ids: readonly BuildWorkerId[],
): Promise<{ workerId: BuildWorkerId | null; runId: RunId }[]> {
  return db.runTry.findMany({
    where: { state: { not: 'ENDED' }, workerId: { in: [...ids] } },
    orderBy: { id: 'asc' },
    select: { workerId: true, runId: true },
  })
}
