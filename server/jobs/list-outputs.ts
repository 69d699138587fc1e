import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { StartCursor } from '../start-cursor.ts'
import { allPlatforms } from '../uploads/note-output.ts'
import type { Reader } from '../reader.ts'

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
 * For each output the newest build on each platform, ordered by the name of the platform. One statement looks up
 * each output on each platform of its job.
 */
export async function findNewestOfOutputs(
  db: Reader,
  outputs: readonly Pick<OutputKey, 'jobId' | 'sha256'>[],
): Promise<BuildId[][]> {
  const jobIds = [...new Set(outputs.map(({ jobId }) => jobId))]
  const rows = await db.$queryRaw<{ jobId: JobId; sha256: string; id: BuildId }[]>(
    // CROSS JOIN fixes the order of the loops: the few platforms of a job are the outer loop.
    sql`SELECT o."jobId" AS "jobId", o.sha256 AS sha256, o."lastBuildId" AS id
      FROM "JobPlatform" p CROSS JOIN "Platform" n CROSS JOIN "JobOutput" o
      WHERE p."jobId" IN (${join(jobIds)}) AND n.id = p."platformId" AND o."jobId" = p."jobId"
        AND o.scope = p."platformId" AND o.sha256 IN (${join(outputs.map(({ sha256 }) => sha256))})
      ORDER BY n.name`,
  )
  const keyOf = ({ jobId, sha256 }: Pick<OutputKey, 'jobId' | 'sha256'>) => `${jobId} ${sha256}`
  const idsOf = new Map<string, BuildId[]>(outputs.map((output) => [keyOf(output), []]))
  for (const row of rows) idsOf.get(keyOf(row))?.push(row.id)
  return outputs.map((output) => idsOf.get(keyOf(output)) ?? [])
}
