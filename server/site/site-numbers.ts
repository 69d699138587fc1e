import { Prisma } from '../generated/prisma/client.ts'
import type { Reader } from '../database/reader.ts'

/**
 * The hub at a glance, without hidden jobs. A job is recent when its newest success is; it is failing when the newest build on one of its
 * platforms failed.
 */
export type SiteNumbers = {
  jobCount: number
  recentJobCount: number
  platformCount: number
  buildCount: number
  failingJobCount: number
  newestUploadAt: Date | null
}

type Row = { [Key in Exclude<keyof SiteNumbers, 'newestUploadAt'>]: bigint } & { newestUploadAt: Date | null }

/** Counts jobs, platforms and counters; builds are not looked at. Raw SQL: Prisma would send five queries. */
export async function readSiteNumbers(db: Reader, now: Date, expiredJobsDays: number): Promise<SiteNumbers> {
  const since = new Date(now.getTime() - expiredJobsDays * 86_400_000)
  const rows = await db.$queryRaw<Row[]>(Prisma.sql`SELECT
    (SELECT COUNT(*) FROM "Job" WHERE "isHidden" = FALSE) AS "jobCount",
    (SELECT COUNT(*) FROM "Job" WHERE "isHidden" = FALSE AND "newestSuccessAt" >= ${since}) AS "recentJobCount",
    (SELECT COUNT(*) FROM "Platform") AS "platformCount",
    (SELECT COALESCE(SUM("succeededCount" + "failedCount"), 0) FROM "JobPlatform") AS "buildCount",
    (SELECT COUNT(*) FROM "Job" j WHERE EXISTS (
      SELECT 1 FROM "JobPlatform" p JOIN "Build" b ON b.id = p."newestBuildId"
      WHERE p."jobId" = j.id AND b.status = 'FAILED')) AS "failingJobCount",
    latest."receivedAt" AS "newestUploadAt"
    FROM (SELECT MAX(id) AS id FROM "Build") newest LEFT JOIN "Build" latest ON latest.id = newest.id`)
  const [row] = rows
  if (!row) throw new Error('the numbers of the site are missing')
  return {
    jobCount: Number(row.jobCount),
    recentJobCount: expiredJobsDays === 0 ? Number(row.jobCount) : Number(row.recentJobCount),
    platformCount: Number(row.platformCount),
    buildCount: Number(row.buildCount),
    failingJobCount: Number(row.failingJobCount),
    newestUploadAt: row.newestUploadAt,
  }
}
