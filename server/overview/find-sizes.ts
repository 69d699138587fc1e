import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import type { JobId } from '../ids.ts'
import { isShown } from './find-places.ts'

const { sql } = Prisma

/** So many sizes are shown. */
const mostSizes = 12

/**
 * The sizes of the newest distinct main binaries of each job that is not hidden, in bytes, oldest first: on the platform of its newest one, since
 * those of other platforms differ anyway.
 */
export async function findSizes(db: Reader): Promise<Map<JobId, number[]>> {
  const newest = sql`SELECT p."platformId" FROM "JobPlatform" p CROSS JOIN "Build" n
    WHERE p."jobId" = j.id AND n.id = p."newestMainBinaryId" ORDER BY n."startedAt" DESC, n.id DESC LIMIT 1`
  const rows = await db.$queryRaw<{ jobId: JobId; sizeBytes: bigint; lastStartedAt: Date }[]>(
    sql`WITH k AS MATERIALIZED (SELECT j.id, (${newest}) AS scope FROM "Job" j WHERE ${isShown})
      SELECT c."jobId" AS "jobId", c."sizeBytes" AS "sizeBytes", c."lastStartedAt" AS "lastStartedAt"
      FROM k CROSS JOIN "JobOutput" c
      WHERE c."jobId" = k.id AND c.scope = k.scope AND c."lastBuildId" IN (
        SELECT o."lastBuildId" FROM "JobOutput" o WHERE o."jobId" = k.id AND o.scope = k.scope
        ORDER BY o."lastStartedAt" DESC, o."lastBuildId" DESC LIMIT ${mostSizes})`,
  )
  const found = groupBy(
    rows.toSorted((one, other) => Number(one.lastStartedAt) - Number(other.lastStartedAt)),
    ({ jobId }) => jobId,
  )
  return new Map([...found].map(([jobId, own]) => [jobId, own.map(({ sizeBytes }) => Number(sizeBytes))]))
}
