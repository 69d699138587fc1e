import { Prisma } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import type { JobId, PlatformId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { Reader } from '../database/reader.ts'

/** Maximum of `activeWithinDays`: a hundred years. */
export const maxActiveDays = 36_500

/** Filter of a list of jobs. Absent parts do not restrict the list. */
export type JobFilter = {
  search?: string | null
  section?: string | null
  hasSection?: boolean | null
  platform?: string | null
  activeWithinDays?: number | null
  /** Like `activeWithinDays`, but set by the server. */
  recentDays?: number
  /** Absent: only jobs that are not hidden; null: both. */
  isHidden?: boolean | null
}

const { sql, join } = Prisma

/** The heading of a job `j`: what the operator has chosen, or what its builds say. */
export const sectionOfJob = sql`COALESCE(j."operatorSection", j.section)`

function conditions(filter: JobFilter, now: Date, page?: Page<string>): Prisma.Sql {
  const { search, section, hasSection, platform, activeWithinDays, recentDays } = filter
  const { isHidden = false } = filter
  const all = [
    search ? contains(search) : null,
    section != null ? sql`${sectionOfJob} = ${section}` : null,
    hasSection != null
      ? hasSection
        ? sql`${sectionOfJob} IS NOT NULL`
        : sql`${sectionOfJob} IS NULL`
      : null,
    isHidden === null ? null : isHidden ? sql`j."isHidden" = TRUE` : sql`j."isHidden" = FALSE`,
    platform != null ? builtOn(sql`(SELECT id FROM "Platform" WHERE name = ${platform})`) : null,
    activeWithinDays ? isActive(activeWithinDays, now) : null,
    recentDays ? isActive(recentDays, now) : null,
    page && page.after !== null ? sql`j.name > ${page.after}` : null,
    page && page.before !== null ? sql`j.name < ${page.before}` : null,
  ].filter((condition) => condition !== null)
  return all.length > 0 ? join(all, ' AND ') : sql`1 = 1`
}

function isActive(days: number, now: Date): Prisma.Sql {
  return sql`j."newestSuccessAt" >= ${new Date(now.getTime() - days * 86_400_000)}`
}

/** Condition that the name or the synopsis contains the text. `%` and `_` are not wildcards. */
function contains(text: string): Prisma.Sql {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const isLike = (column: Prisma.Sql) => sql`LOWER(${column}) LIKE LOWER(${pattern}) ESCAPE '\\'`
  return sql`(${isLike(sql`j.name`)} OR ${isLike(sql`j.synopsis`)})`
}

function builtOn(platformId: Prisma.Sql): Prisma.Sql {
  return sql`EXISTS (SELECT 1 FROM "JobPlatform" p WHERE p."jobId" = j.id AND p."platformId" = ${platformId})`
}

/**
 * The ids of a page of jobs, ordered by name, and of one more if it exists; the result is unordered.
 * Raw SQL: Prisma does not escape the text of a search, so `_` would match any character.
 */
export async function findJobIds(
  db: Reader,
  filter: JobFilter,
  page: Page<string>,
  now: Date,
): Promise<JobId[]> {
  const rows = await db.$queryRaw<{ id: JobId }[]>(
    sql`SELECT j.id FROM "Job" j WHERE ${conditions(filter, now, page)}
      ORDER BY j.name ${page.backward ? sql`DESC` : sql`ASC`} LIMIT ${page.limit + 1}`,
  )
  return rows.map(({ id }) => id)
}

/** Number of jobs that match a filter. */
export async function countJobs(db: Reader, filter: JobFilter, now: Date): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>(
    sql`SELECT COUNT(*) AS count FROM "Job" j WHERE ${conditions(filter, now)}`,
  )
  return Number(row?.count ?? 0)
}

/**
 * The ids of the same page of jobs, by name, for each of several platforms that they were built on, and of one more
 * each if it exists. Raw SQL: Prisma cannot limit per parent.
 */
export async function findJobIdsOnPlatforms(
  db: Reader,
  platformIds: readonly PlatformId[],
  page: Page<string>,
): Promise<Map<PlatformId, JobId[]>> {
  const rows = await db.$queryRaw<{ platformId: PlatformId; id: JobId }[]>(
    // CROSS JOIN fixes the order of the loops: the jobs of a platform are found by its index, then sorted.
    sql`SELECT f.id AS "platformId", c.id AS id FROM "Platform" f CROSS JOIN "Job" c
      WHERE f.id IN (${join([...platformIds])}) AND c.id IN (
        SELECT j.id FROM "JobPlatform" p CROSS JOIN "Job" j
        WHERE p."platformId" = f.id AND j.id = p."jobId" AND ${conditions({ isHidden: null }, new Date(), page)}
        ORDER BY j.name ${page.backward ? sql`DESC` : sql`ASC`} LIMIT ${page.limit + 1})`,
  )
  const found = groupBy(rows, ({ platformId }) => platformId)
  return new Map(platformIds.map((id) => [id, (found.get(id) ?? []).map((row) => row.id)]))
}

/** Number of jobs that were built on each of several platforms. Platforms without jobs are absent. */
export async function countJobsOnPlatforms(
  db: Reader,
  platformIds: readonly PlatformId[],
): Promise<Map<PlatformId, number>> {
  const groups = await db.jobPlatform.groupBy({
    by: ['platformId'],
    where: { platformId: { in: [...platformIds] } },
    _count: true,
  })
  return new Map(groups.map(({ platformId, _count }) => [platformId, _count]))
}
