import { compareBytes } from '../compare-bytes.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import type { Reader } from '../database/reader.ts'

/** A platform of a job, with the newest builds of the job on it. */
export type PlatformOfJob = {
  jobId: JobId
  platformId: PlatformId
  platformName: string
  newestBuildId: BuildId
  newestSuccessId: BuildId | null
}

/** The platforms whose newest builds were stored last, ordered by name, and the number of all. */
export type PlatformsOfJob = { platforms: PlatformOfJob[]; count: number }

/**
 * The platforms of each of some jobs, at most `mostPlatforms` each. Raw SQL: Prisma cannot limit per parent, and would
 * need another statement for the names.
 */
export async function findPlatformsOfJobs(
  db: Reader,
  jobIds: readonly JobId[],
): Promise<Map<JobId, PlatformsOfJob>> {
  const rows = await db.$queryRaw<(PlatformOfJob & { count: bigint })[]>`
    SELECT s."jobId", s."platformId", p."name" AS "platformName", s."newestBuildId", s."newestSuccessId", s.count
    FROM (SELECT j.*, COUNT(*) OVER (PARTITION BY j."jobId") AS count,
        ROW_NUMBER() OVER (PARTITION BY j."jobId" ORDER BY j."newestBuildId" DESC) AS place
      FROM "JobPlatform" j WHERE j."jobId" IN (${Prisma.join([...jobIds])})) s
    JOIN "Platform" p ON p."id" = s."platformId"
    WHERE s.place <= ${mostPlatforms}`
  const found = groupBy(rows, ({ jobId }) => jobId)
  return new Map(
    jobIds.map((jobId) => {
      const own = found.get(jobId) ?? []
      const platforms = own.toSorted((a, b) => compareBytes(a.platformName, b.platformName))
      return [jobId, { platforms, count: Number(own[0]?.count ?? 0) }]
    }),
  )
}
