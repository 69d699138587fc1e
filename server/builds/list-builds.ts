import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { StartCursor } from '../start-cursor.ts'

export type BuildStatus = 'SUCCEEDED' | 'FAILED'

/** What builds a list shows; absent parts do not restrict it. Names that do not exist give no builds. */
export type BuildFilter = {
  job?: string | null
  platform?: string | null
  status?: BuildStatus | null
  since?: Date | null
  until?: Date | null
}

const { sql, join } = Prisma

function conditions(filter: BuildFilter, page?: Page<StartCursor>): Prisma.Sql {
  const { job, platform, status, since, until } = filter
  const all = [
    job != null ? sql`b."jobId" = (SELECT id FROM "Job" WHERE name = ${job})` : null,
    platform != null ? sql`b."platformId" = (SELECT id FROM "Platform" WHERE name = ${platform})` : null,
    status != null ? sql`b.status = ${status}` : null,
    since != null ? sql`b."startedAt" >= ${since}` : null,
    until != null ? sql`b."startedAt" < ${until}` : null,
    page?.after ? sql`(b."startedAt", b.id) < (${page.after.startedAt}, ${page.after.id})` : null,
    page?.before ? sql`(b."startedAt", b.id) > (${page.before.startedAt}, ${page.before.id})` : null,
  ].filter((condition) => condition !== null)
  return all.length > 0 ? join(all, ' AND ') : sql`1 = 1`
}

function order({ backward }: Page<StartCursor>): Prisma.Sql {
  return backward ? sql`b."startedAt" ASC, b.id ASC` : sql`b."startedAt" DESC, b.id DESC`
}

/**
 * The ids of a page's builds, and of one more when there is, in no particular order.
 * Raw SQL: Prisma's own cursors compare with OR, which makes SQLite walk the whole index.
 */
export async function findBuildIds(
  db: PrismaClient,
  filter: BuildFilter,
  page: Page<StartCursor>,
): Promise<BuildId[]> {
  const rows = await db.$queryRaw<{ id: BuildId }[]>(
    sql`SELECT b.id FROM "Build" b WHERE ${conditions(filter, page)} ORDER BY ${order(page)} LIMIT ${page.limit + 1}`,
  )
  return rows.map(({ id }) => id)
}

/**
 * The same page of builds for each of several jobs, or platforms, in one query whose cost
 * does not grow with the builds they have. Raw SQL: Prisma cannot limit per parent.
 */
export async function findBuildIdsOf<Parent extends JobId | PlatformId>(
  db: PrismaClient,
  parent: 'Job' | 'Platform',
  parentIds: readonly Parent[],
  filter: BuildFilter,
  page: Page<StartCursor>,
): Promise<Map<Parent, BuildId[]>> {
  const [table, column] =
    parent === 'Job' ? [sql`"Job"`, sql`b."jobId"`] : [sql`"Platform"`, sql`b."platformId"`]
  const rows = await db.$queryRaw<{ parentId: Parent; id: BuildId }[]>(
    // CROSS JOIN keeps the order of the loops: parents outside, an index look-up for each inside.
    sql`SELECT p.id AS "parentId", c.id AS id FROM ${table} p CROSS JOIN "Build" c
      WHERE p.id IN (${join([...parentIds])}) AND c.id IN (
        SELECT b.id FROM "Build" b WHERE ${column} = p.id AND ${conditions(filter, page)}
        ORDER BY ${order(page)} LIMIT ${page.limit + 1})`,
  )
  const found = new Map<Parent, BuildId[]>(parentIds.map((id) => [id, []]))
  for (const { parentId, id } of rows) found.get(parentId)?.push(id)
  return found
}

/** What adds up to how many builds succeeded, or failed, or both. */
type Counters = { succeededCount: number | null; failedCount: number | null }

function addUp({ succeededCount, failedCount }: Counters, { status }: BuildFilter): number {
  const succeeded = status === 'FAILED' ? 0 : (succeededCount ?? 0)
  const failed = status === 'SUCCEEDED' ? 0 : (failedCount ?? 0)
  return succeeded + failed
}

const counters = { succeededCount: true, failedCount: true } as const

/** How many builds match. Without dates it adds up counters and does not look at builds. */
export async function countBuilds(db: PrismaClient, filter: BuildFilter): Promise<number> {
  const { job, platform, since, until } = filter
  if (since == null && until == null) {
    const { _sum } = await db.jobPlatform.aggregate({
      where: {
        ...(job != null ? { job: { name: job } } : {}),
        ...(platform != null ? { platform: { name: platform } } : {}),
      },
      _sum: counters,
    })
    return addUp(_sum, filter)
  }
  const [row] = await db.$queryRaw<{ count: bigint }[]>(
    sql`SELECT COUNT(*) AS count FROM "Build" b WHERE ${conditions(filter)}`,
  )
  return Number(row?.count ?? 0)
}

/** How many builds of each of several jobs match; jobs without any are absent. */
export async function countBuildsOfJobs(
  db: PrismaClient,
  jobIds: readonly JobId[],
  filter: Pick<BuildFilter, 'platform' | 'status'>,
): Promise<Map<JobId, number>> {
  const groups = await db.jobPlatform.groupBy({
    by: ['jobId'],
    where: {
      jobId: { in: [...jobIds] },
      ...(filter.platform != null ? { platform: { name: filter.platform } } : {}),
    },
    _sum: counters,
  })
  return new Map(groups.map(({ jobId, _sum }) => [jobId, addUp(_sum, filter)]))
}

/** How many builds on each of several platforms match; platforms without any are absent. */
export async function countBuildsOnPlatforms(
  db: PrismaClient,
  platformIds: readonly PlatformId[],
  filter: Pick<BuildFilter, 'status'>,
): Promise<Map<PlatformId, number>> {
  const groups = await db.jobPlatform.groupBy({
    by: ['platformId'],
    where: { platformId: { in: [...platformIds] } },
    _sum: counters,
  })
  return new Map(groups.map(({ platformId, _sum }) => [platformId, addUp(_sum, filter)]))
}
