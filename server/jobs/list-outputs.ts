import { compareBytes } from '../compare-bytes.ts'
import { hash, integer } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import type { BuildId, JobId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { StartCursor } from '../start-cursor.ts'
import { allPlatforms } from '../facts/job-outputs.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import type { Reader } from '../database/reader.ts'

/** `scope` as in `JobOutput`: the id of a platform, or the id that means all platforms. */
export type OutputKey = { jobId: JobId; scope: number; sha256: string }

const { sql, join, empty } = Prisma

function scopeOf(platform: string | null): Prisma.Sql {
  return platform === null
    ? sql`${allPlatforms}`
    : sql`(SELECT s.id FROM "Platform" s WHERE s.name = ${platform})`
}

/**
 * The keys of a page of the distinct outputs of each job, the last built output first, and of one more per job if it
 * exists; the result is unordered. Raw SQL: Prisma cannot limit per parent.
 */
export async function findOutputKeys(
  db: Reader,
  jobIds: readonly JobId[],
  platform: string | null,
  page: Page<StartCursor>,
): Promise<OutputKey[]> {
  const scope = scopeOf(platform)
  const { after, before, backward, limit } = page
  const order = backward
    ? sql`o."lastStartedAt" ASC, o."lastBuildId" ASC`
    : sql`o."lastStartedAt" DESC, o."lastBuildId" DESC`
  return db.$queryRaw<OutputKey[]>(
    sql`SELECT p.id AS "jobId", c.scope AS scope, c.sha256 AS sha256 FROM "Job" p CROSS JOIN "JobOutput" c
      WHERE p.id IN (${join([...jobIds])}) AND c."jobId" = p.id AND c.scope = ${scope} AND c."lastBuildId" IN (
        SELECT o."lastBuildId" FROM "JobOutput" o WHERE o."jobId" = p.id AND o.scope = ${scope}
        ${after ? sql`AND (o."lastStartedAt", o."lastBuildId") < (${after.startedAt}, ${after.id})` : empty}
        ${before ? sql`AND (o."lastStartedAt", o."lastBuildId") > (${before.startedAt}, ${before.id})` : empty}
        ORDER BY ${order} LIMIT ${limit + 1})`,
  )
}

/** Number of distinct outputs of each of some jobs, on one platform or on all. Jobs without outputs are absent. */
export async function countOutputs(
  db: Reader,
  jobIds: readonly JobId[],
  platform: string | null,
): Promise<Map<JobId, number>> {
  const rows = await db.$queryRaw<{ jobId: JobId; count: bigint }[]>(
    sql`SELECT o."jobId" AS "jobId", COUNT(*) AS count FROM "JobOutput" o
      WHERE o."jobId" IN (${join([...jobIds])}) AND o.scope = ${scopeOf(platform)} GROUP BY o."jobId"`,
  )
  return new Map(rows.map(({ jobId, count }) => [jobId, Number(count)]))
}

/**
 * For each output the newest builds on the platforms that built it, ordered by the name of the platform; of more than
 * `mostPlatforms`, those that were stored last. One look-up for each platform of an output. Raw SQL: Prisma has no
 * recursive queries.
 */
export async function findNewestOfOutputs(
  db: Reader,
  outputs: readonly Pick<OutputKey, 'jobId' | 'sha256'>[],
): Promise<BuildId[][]> {
  const keys = outputs.map(({ jobId, sha256 }) => sql`(${integer(jobId)}, ${hash(sha256)})`)
  const rows = await db.$queryRaw<{ jobId: JobId; sha256: string; id: BuildId; name: string }[]>(
    sql`WITH RECURSIVE k("jobId", sha256) AS (VALUES ${join(keys)}),
      found("jobId", sha256, "platformId") AS (
        SELECT k."jobId", k.sha256, (SELECT MIN(b."platformId") FROM "Build" b WHERE b."mainBinarySha256" = k.sha256) FROM k
        UNION ALL
        SELECT f."jobId", f.sha256, (SELECT MIN(b."platformId") FROM "Build" b
          WHERE b."mainBinarySha256" = f.sha256 AND b."platformId" > f."platformId")
        FROM found f WHERE f."platformId" IS NOT NULL)
      SELECT o."jobId" AS "jobId", o.sha256 AS sha256, o."lastBuildId" AS id, n.name AS name
      FROM found f CROSS JOIN "JobOutput" o CROSS JOIN "Platform" n
      WHERE o."jobId" = f."jobId" AND o.scope = f."platformId" AND o.sha256 = f.sha256 AND n.id = f."platformId"`,
  )
  const keyOf = ({ jobId, sha256 }: Pick<OutputKey, 'jobId' | 'sha256'>) => `${jobId} ${sha256}`
  const found = groupBy(rows, keyOf)
  return outputs.map((output) =>
    (found.get(keyOf(output)) ?? [])
      .toSorted((a, b) => b.id - a.id)
      .slice(0, mostPlatforms)
      .sort((a, b) => compareBytes(a.name, b.name))
      .map(({ id }) => id),
  )
}
