import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { Page } from '../page.ts'
import { byNewest, type StartCursor } from '../start-cursor.ts'
import type { Verdict } from './verdict.ts'
import type { Reader } from '../database/reader.ts'

export type BuildStatus = 'SUCCEEDED' | 'FAILED'

/** Filter of a list of builds. Absent parts do not restrict the list. Unknown names match no builds. */
export type BuildFilter = {
  job?: string | null
  platform?: string | null
  status?: BuildStatus | null
  verdict?: Verdict | null
  /** Whether somebody got another main binary from the same inputs, in a build here or by a signed statement: as the grade says. */
  isDisputed?: boolean | null
  since?: Date | null
  until?: Date | null
  /** Received at this time or later. */
  receivedSince?: Date | null
}

/**
 * STARTED: newest first by the start that the record has. RECEIVED: last stored first, by id. Ids increase in the
 * order of the commits, so a build that is stored later has a larger id than every build that was listed before.
 */
export type BuildOrder = 'STARTED' | 'RECEIVED'

/** Order of builds that are read, for `toSorted`. */
export function byOrder(order: BuildOrder): (left: StartCursor, right: StartCursor) => number {
  return order === 'STARTED' ? byNewest : (left, right) => right.id - left.id
}

const { sql, join } = Prisma

/** Not parameters: SQLite takes the indexes of the builds that failed only if the statement says so. */
const hasStatus: Record<BuildStatus, Prisma.Sql> = {
  FAILED: sql`b.status = 'FAILED'`,
  SUCCEEDED: sql`b.status = 'SUCCEEDED'`,
}

/** What the builds `b` of a list meet, and of a page of it. */
export function conditions(
  filter: BuildFilter,
  page?: Page<StartCursor>,
  order: BuildOrder = 'STARTED',
): Prisma.Sql {
  const { job, platform, status, verdict, isDisputed, since, until, receivedSince } = filter
  const beyond = (operator: Prisma.Sql, { startedAt, id }: StartCursor) =>
    order === 'STARTED'
      ? sql`(b."startedAt", b.id) ${operator} (${startedAt}, ${id})`
      : sql`b.id ${operator} ${id}`
  const all = [
    job != null ? sql`b."jobId" = (SELECT id FROM "Job" WHERE name = ${job})` : null,
    platform != null ? sql`b."platformId" = (SELECT id FROM "Platform" WHERE name = ${platform})` : null,
    status != null ? hasStatus[status] : null,
    verdict != null ? sql`b.verdict = ${verdict}` : null,
    isDisputed != null ? disputedCondition(isDisputed) : null,
    since != null ? sql`b."startedAt" >= ${since}` : null,
    until != null ? sql`b."startedAt" < ${until}` : null,
    receivedSince != null ? receivedCondition(receivedSince, order) : null,
    page?.after ? beyond(sql`<`, page.after) : null,
    page?.before ? beyond(sql`>`, page.before) : null,
  ].filter((condition) => condition !== null)
  return all.length > 0 ? join(all, ' AND ') : sql`1 = 1`
}

/** `hasOtherOutput` is what the verdict NOT_REPRODUCIBLE follows from. A build without a main binary is not disputed. */
function disputedCondition(isDisputed: boolean): Prisma.Sql {
  const disputed = sql`(SELECT o.sha256 FROM "Output" o WHERE o."hasOtherOutput" = TRUE OR o."disputedBy" IS NOT NULL)`
  return isDisputed
    ? sql`b."mainBinarySha256" IN ${disputed}`
    : sql`(b."mainBinarySha256" IS NULL OR b."mainBinarySha256" NOT IN ${disputed})`
}

/** In the order of ids, the smallest id that was received since is also a bound, which ends the walk over ids early. */
function receivedCondition(since: Date, order: BuildOrder): Prisma.Sql {
  const isReceived = sql`b."receivedAt" >= ${since}`
  return order === 'STARTED'
    ? isReceived
    : sql`${isReceived} AND b.id >= (SELECT MIN(r.id) FROM "Build" r WHERE r."receivedAt" >= ${since})`
}

export function orderBy({ backward }: Page<StartCursor>, order: BuildOrder): Prisma.Sql {
  if (order === 'RECEIVED') return backward ? sql`b.id ASC` : sql`b.id DESC`
  return backward ? sql`b."startedAt" ASC, b.id ASC` : sql`b."startedAt" DESC, b.id DESC`
}

/**
 * The ids of the builds of a page, and of one more if it exists; the result is unordered.
 * Raw SQL: Prisma's own cursors compare with OR, for which SQLite scans the whole index.
 */
export async function findBuildIds(
  db: Reader,
  filter: BuildFilter,
  page: Page<StartCursor>,
  order: BuildOrder = 'STARTED',
): Promise<BuildId[]> {
  const rows = await db.$queryRaw<{ id: BuildId }[]>(
    sql`SELECT b.id FROM "Build" b WHERE ${conditions(filter, page, order)} ORDER BY ${orderBy(page, order)} LIMIT ${page.limit + 1}`,
  )
  return rows.map(({ id }) => id)
}

/**
 * The same page of builds for each of several jobs or platforms, in one query. Its cost does not grow with the
 * number of their builds. Raw SQL: Prisma cannot limit per parent.
 */
export async function findBuildIdsOf<Parent extends JobId | PlatformId>(
  db: Reader,
  parent: 'Job' | 'Platform',
  parentIds: readonly Parent[],
  filter: BuildFilter,
  page: Page<StartCursor>,
  order: BuildOrder = 'STARTED',
): Promise<Map<Parent, BuildId[]>> {
  const [table, column] =
    parent === 'Job' ? [sql`"Job"`, sql`b."jobId"`] : [sql`"Platform"`, sql`b."platformId"`]
  const rows = await db.$queryRaw<{ parentId: Parent; id: BuildId }[]>(
    // CROSS JOIN fixes the order of the loops: parents are the outer loop, with an index look-up for each.
    sql`SELECT p.id AS "parentId", c.id AS id FROM ${table} p CROSS JOIN "Build" c
      WHERE p.id IN (${join([...parentIds])}) AND c.id IN (
        SELECT b.id FROM "Build" b WHERE ${column} = p.id AND ${conditions(filter, page, order)}
        ORDER BY ${orderBy(page, order)} LIMIT ${page.limit + 1})`,
  )
  const found = new Map<Parent, BuildId[]>(parentIds.map((id) => [id, []]))
  for (const { parentId, id } of rows) found.get(parentId)?.push(id)
  return found
}

const counters = {
  succeededCount: true,
  failedCount: true,
  reproducedCount: true,
  notReproducibleCount: true,
  unconfirmedCount: true,
} as const

/** Sums over rows of `JobPlatform`. Null without rows. */
type Counters = { [Name in keyof typeof counters]: number | null }

/** There are counters by status and by verdict. For both together, for disputes and for dates, builds are counted. */
function hasCounter({ status, verdict, isDisputed, since, until, receivedSince }: BuildFilter): boolean {
  const isAnyTime = since == null && until == null && receivedSince == null
  return isAnyTime && isDisputed == null && (status == null || verdict == null)
}

/** Number of builds that match a filter that has a counter. */
function addUp(sums: Counters, { status, verdict }: BuildFilter): number {
  const succeeded = sums.succeededCount ?? 0
  const failed = sums.failedCount ?? 0
  if (status != null) return status === 'SUCCEEDED' ? succeeded : failed
  const reproduced = sums.reproducedCount ?? 0
  const notReproducible = sums.notReproducibleCount ?? 0
  const unconfirmed = sums.unconfirmedCount ?? 0
  switch (verdict) {
    case 'REPRODUCED':
      return reproduced
    case 'NOT_REPRODUCIBLE':
      return notReproducible
    case 'UNCONFIRMED':
      return unconfirmed
    case 'NO_OUTPUT':
      return succeeded + failed - reproduced - notReproducible - unconfirmed
    default:
      return succeeded + failed
  }
}

/**
 * Number of builds that match. It is the sum of counters. For a filter without counters, it counts the matching part
 * of an index.
 */
export async function countBuilds(db: Reader, filter: BuildFilter): Promise<number> {
  const { job, platform } = filter
  if (hasCounter(filter)) {
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

/** Number of matching builds of each of several jobs, counted likewise. Jobs without matching builds may be absent. */
export async function countBuildsOfJobs(
  db: Reader,
  jobIds: readonly JobId[],
  filter: Omit<BuildFilter, 'job'>,
): Promise<Map<JobId, number>> {
  if (!hasCounter(filter)) {
    const rows = await db.$queryRaw<{ jobId: JobId; count: bigint }[]>(
      sql`SELECT b."jobId" AS "jobId", COUNT(*) AS count FROM "Build" b
        WHERE b."jobId" IN (${join([...jobIds])}) AND ${conditions(filter)} GROUP BY b."jobId"`,
    )
    return new Map(rows.map(({ jobId, count }) => [jobId, Number(count)]))
  }
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

/** Number of matching builds on each of several platforms. Platforms without matching builds are absent. */
export async function countBuildsOnPlatforms(
  db: Reader,
  platformIds: readonly PlatformId[],
  filter: Omit<BuildFilter, 'platform'>,
): Promise<Map<PlatformId, number>> {
  if (!hasCounter(filter)) {
    const rows = await db.$queryRaw<{ platformId: PlatformId; count: bigint }[]>(
      sql`SELECT b."platformId" AS "platformId", COUNT(*) AS count FROM "Build" b
        WHERE b."platformId" IN (${join([...platformIds])}) AND ${conditions(filter)} GROUP BY b."platformId"`,
    )
    return new Map(rows.map(({ platformId, count }) => [platformId, Number(count)]))
  }
  const groups = await db.jobPlatform.groupBy({
    by: ['platformId'],
    where: {
      platformId: { in: [...platformIds] },
      ...(filter.job != null ? { job: { name: filter.job } } : {}),
    },
    _sum: counters,
  })
  return new Map(groups.map(({ platformId, _sum }) => [platformId, addUp(_sum, filter)]))
}
