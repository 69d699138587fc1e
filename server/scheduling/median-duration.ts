import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'

/** A job on a platform, by their names. */
export type JobOnPlatform = { job: string; platform: string }

/** Builds that the median is of: a job that became slower is soon shown so. */
const newestBuilds = 25

/**
 * How long the newest successful builds of each job on its platform took, in ms: their median; null where there are none.
 * One statement for all.
 */
export async function findMedianDurations(
  db: Reader,
  pairs: readonly JobOnPlatform[],
): Promise<(number | null)[]> {
  if (pairs.length === 0) return []
  const selections = pairs.map(
    ({ job, platform }, pair) => Prisma.sql`
      SELECT * FROM (SELECT ${pair} AS pair, b."startedAt", b."finishedAt"
        FROM "Build" b JOIN "Job" j ON j."id" = b."jobId" JOIN "Platform" p ON p."id" = b."platformId"
        WHERE j."name" = ${job} AND p."name" = ${platform} AND b."status" = 'SUCCEEDED'
        ORDER BY b."startedAt" DESC, b."id" DESC LIMIT ${newestBuilds}) newest`,
  )
  const rows = await db.$queryRaw<{ pair: number; startedAt: Date; finishedAt: Date }[]>(
    Prisma.join(selections, ' UNION ALL '),
  )
  return pairs.map((_, own) => {
    const durations = rows
      .filter(({ pair }) => Number(pair) === own)
      .map(({ startedAt, finishedAt }) => finishedAt.getTime() - startedAt.getTime())
    return median(durations)
  })
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle]
  if (upper === undefined) return null
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2
}
