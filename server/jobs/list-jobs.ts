import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { JobId, PlatformId } from '../ids.ts'
import type { Page } from '../page.ts'

/** Heading of the jobs whose builds did not tell theirs. */
export const uncategorized = 'Uncategorized'

/** Longest time that `activeWithinDays` takes: a hundred years. */
export const maxActiveDays = 36_500

/** Which jobs to list; absent parts do not restrict it. */
export type JobFilter = {
  search?: string | null
  section?: string | null
  platform?: string | null
  platformId?: PlatformId
  activeWithinDays?: number | null
  /** The same, but set by the server. */
  recentDays?: number
}

const { sql, join } = Prisma

function conditions(filter: JobFilter, now: Date, page?: Page<string>): Prisma.Sql {
  const { search, section, platform, platformId, activeWithinDays, recentDays } = filter
  const all = [
    search ? contains(search) : null,
    section != null
      ? section === uncategorized
        ? sql`j.section IS NULL`
        : sql`j.section = ${section}`
      : null,
    platform != null ? builtOn(sql`(SELECT id FROM "Platform" WHERE name = ${platform})`) : null,
    platformId !== undefined ? builtOn(sql`${platformId}`) : null,
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

/** Name or synopsis has the text in it; `%` and `_` mean themselves. */
function contains(text: string): Prisma.Sql {
  const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  const isLike = (column: Prisma.Sql) => sql`LOWER(${column}) LIKE LOWER(${pattern}) ESCAPE '\\'`
  return sql`(${isLike(sql`j.name`)} OR ${isLike(sql`j.synopsis`)})`
}

function builtOn(platformId: Prisma.Sql): Prisma.Sql {
  return sql`EXISTS (SELECT 1 FROM "JobPlatform" p WHERE p."jobId" = j.id AND p."platformId" = ${platformId})`
}

/**
 * The ids of a page of jobs, by name, and of one more when there is; in no particular order.
 * Raw SQL: Prisma does not escape what it searches for, so that `_` would find any character.
 */
export async function findJobIds(
  db: PrismaClient,
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

/** How many jobs a filter lets through. */
export async function countJobs(db: PrismaClient, filter: JobFilter, now: Date): Promise<number> {
  const [row] = await db.$queryRaw<{ count: bigint }[]>(
    sql`SELECT COUNT(*) AS count FROM "Job" j WHERE ${conditions(filter, now)}`,
  )
  return Number(row?.count ?? 0)
}
