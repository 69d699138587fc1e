import { integer } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import { inSlices } from '../slices.ts'
import type { PeriodSums } from '../facts/period-sums.ts'
import type { PeriodUnit } from '../facts/period.ts'
import type { Reader } from '../database/reader.ts'

/** Interval of a point: one build, or all builds of a period. */
export type Interval = 'BUILD' | PeriodUnit

export type HistoryRange = {
  platform: string | null
  since: Date | null
  until: Date | null
  /** Maximum number of points for each platform. */
  maxPoints: number
}

/** A point as the database returns it. Sizes in bytes, durations in milliseconds, of successful builds only. */
export type PointRow = PeriodSums & {
  jobId: JobId
  platformId: PlatformId
  startsAt: Date
  /** End of the period, exclusive; for a single build the time at which it finished. */
  endsAt: Date
  newestId: BuildId
  newestUuid: string
  /** The newest build of the point with a main binary, and that binary. */
  newestOutputId: BuildId | null
  newestOutputUuid: string | null
  newestSizeBytes: bigint | null
  newestSha256: string | null
}

/** Maximum number of series. The platforms with the oldest newest build are left out. */
export const maxSeries = mostPlatforms

const { sql, join, empty } = Prisma

function inRange(column: Prisma.Sql, { since, until }: HistoryRange): Prisma.Sql {
  return sql`${since ? sql`AND ${column} >= ${since}` : empty} ${until ? sql`AND ${column} < ${until}` : empty}`
}

/** Condition that a period overlaps the range. */
function overlaps({ since, until }: HistoryRange): Prisma.Sql {
  return sql`${since ? sql`AND h."endsAt" > ${since}` : empty} ${until ? sql`AND h."startsAt" < ${until}` : empty}`
}

export type JobInterval = {
  jobName: string
  interval: Interval
  platformIds: PlatformId[]
  platformCount: number
}

type IntervalRow = Record<'builds' | 'days' | 'weeks', bigint | number> & {
  jobId: JobId
  jobName: string
  platformId: PlatformId
  newestStartedAt: Date
  newestBuildId: BuildId
}

/**
 * The finest interval that needs at most `maxPoints` for each platform of a job, and the platforms. All platforms
 * of a job have the same interval, so that their points can be compared. Raw SQL: counting stops at the limit.
 */
export async function chooseIntervals(
  db: Reader,
  jobIds: readonly JobId[],
  range: HistoryRange,
): Promise<Map<JobId, JobInterval>> {
  const { platform, maxPoints } = range
  const some = (from: Prisma.Sql) => sql`(SELECT COUNT(*) FROM (SELECT 1 ${from} LIMIT ${maxPoints + 1}) s)`
  const periods = (unit: PeriodUnit) =>
    some(sql`FROM "JobPeriod" h WHERE h."jobId" = p."jobId" AND h."platformId" = p."platformId"
      AND h.unit = ${unit} ${overlaps(range)}`)
  const rows = await db.$queryRaw<IntervalRow[]>(
    sql`SELECT j.id AS "jobId", j.name AS "jobName", p."platformId" AS "platformId", n."startedAt" AS "newestStartedAt", n.id AS "newestBuildId",
        ${some(sql`FROM "Build" b WHERE b."jobId" = p."jobId" AND b."platformId" = p."platformId"
          ${inRange(sql`b."startedAt"`, range)}`)} AS builds,
        ${periods('DAY')} AS days, ${periods('WEEK')} AS weeks
      FROM "Job" j CROSS JOIN "JobPlatform" p CROSS JOIN "Build" n
      WHERE j.id IN (${join([...jobIds])}) AND p."jobId" = j.id AND n.id = p."newestBuildId"
        ${platform === null ? empty : sql`AND p."platformId" = (SELECT f.id FROM "Platform" f WHERE f.name = ${platform})`}`,
  )
  return new Map(
    jobIds.map((jobId) => {
      const own = rows.filter((row) => row.jobId === jobId)
      const fits = (count: 'builds' | 'days' | 'weeks') => own.every((row) => Number(row[count]) <= maxPoints)
      const interval = fits('builds') ? 'BUILD' : fits('days') ? 'DAY' : fits('weeks') ? 'WEEK' : 'MONTH'
      const platformIds = own
        .toSorted(
          (a, b) =>
            b.newestStartedAt.getTime() - a.newestStartedAt.getTime() || b.newestBuildId - a.newestBuildId,
        )
        .slice(0, maxSeries)
        .map(({ platformId }) => platformId)
      return [jobId, { jobName: own[0]?.jobName ?? '', interval, platformIds, platformCount: own.length }]
    }),
  )
}

/**
 * The points of several jobs, unordered, read some platforms at a time. Builds and periods have a statement each.
 * `pause`: see `inSlices`.
 */
export async function readPoints(
  db: Reader,
  intervals: ReadonlyMap<JobId, JobInterval>,
  range: HistoryRange,
  pause?: () => Promise<void>,
): Promise<PointRow[]> {
  const places = [...intervals].flatMap(([jobId, { interval, platformIds }]) =>
    platformIds.map((platformId) => ({ jobId, platformId, interval })),
  )
  const size = Math.max(1, Math.floor(pointsPerStatement / range.maxPoints))
  const builds = await inSlices(
    places.filter(({ interval }) => interval === 'BUILD'),
    size,
    (slice) => readBuilds(db, slice, range),
    pause,
  )
  const periods = await inSlices(
    places.filter(({ interval }) => interval !== 'BUILD'),
    size,
    (slice) => readPeriods(db, slice, range),
    pause,
  )
  return [...builds, ...periods]
}

const pointsPerStatement = 2_000

type Place = { jobId: JobId; platformId: PlatformId; interval: Interval }

/** A table `p` of the platforms of jobs, as the outer loop of a statement. */
function tableOf(places: readonly Place[]): Prisma.Sql {
  const values = places.map(
    ({ jobId, platformId, interval }) => sql`(${integer(jobId)}, ${integer(platformId)}, ${interval})`,
  )
  return sql`WITH p("jobId", "platformId", unit) AS (VALUES ${join(values)})`
}

type BuildRow = Pick<PointRow, 'jobId' | 'platformId'> & {
  id: BuildId
  uuid: string
  startedAt: Date
  finishedAt: Date
  status: string
  verdict: string
  sizeBytes: bigint | null
  sha256: string | null
}

async function readBuilds(db: Reader, places: readonly Place[], range: HistoryRange): Promise<PointRow[]> {
  const rows = await db.$queryRaw<BuildRow[]>(
    // CROSS JOIN fixes the order of the loops: the few platforms of a job are the outer loop.
    sql`${tableOf(places)}
      SELECT b."jobId" AS "jobId", b."platformId" AS "platformId", b.id AS id, b.uuid AS uuid, b."startedAt" AS "startedAt",
        b."finishedAt" AS "finishedAt", b.status AS status, b.verdict AS verdict,
        b."mainBinarySizeBytes" AS "sizeBytes", b."mainBinarySha256" AS sha256
      FROM p CROSS JOIN "Build" b
      WHERE b."jobId" = p."jobId" AND b."platformId" = p."platformId"
        ${inRange(sql`b."startedAt"`, range)}`,
  )
  return rows.map(
    ({ jobId, platformId, id, uuid, startedAt, finishedAt, status, verdict, sizeBytes, sha256 }) => {
      const durationMs = status === 'SUCCEEDED' ? BigInt(finishedAt.getTime() - startedAt.getTime()) : null
      return {
        jobId,
        platformId,
        startsAt: startedAt,
        endsAt: finishedAt,
        buildCount: 1,
        failedCount: status === 'SUCCEEDED' ? 0 : 1,
        reproducedCount: verdict === 'REPRODUCED' ? 1 : 0,
        notReproducibleCount: verdict === 'NOT_REPRODUCIBLE' ? 1 : 0,
        unconfirmedCount: verdict === 'UNCONFIRMED' ? 1 : 0,
        durationSumMs: durationMs ?? 0n,
        durationMinMs: durationMs,
        durationMaxMs: durationMs,
        sizeMinBytes: sizeBytes,
        sizeMaxBytes: sizeBytes,
        sha256Min: sha256,
        sha256Max: sha256,
        newestId: id,
        newestUuid: uuid,
        newestOutputId: sha256 === null ? null : id,
        newestOutputUuid: sha256 === null ? null : uuid,
        newestSizeBytes: sizeBytes,
        newestSha256: sha256,
      }
    },
  )
}

/**
 * One look-up each in an index with the hash of the main binary finds the newest build of a period, and the newest
 * one with a main binary; the second skips builds without one. If there are more months than `maxPoints`, the
 * newest months are returned.
 */
async function readPeriods(db: Reader, places: readonly Place[], range: HistoryRange): Promise<PointRow[]> {
  const newest = (condition: Prisma.Sql) =>
    sql`(SELECT b.id FROM "Build" b WHERE b."jobId" = h."jobId" AND b."platformId" = h."platformId"
      AND b."startedAt" >= h."startsAt" AND b."startedAt" < h."endsAt" ${condition}
      ORDER BY b."startedAt" DESC, b.id DESC LIMIT 1)`
  const periodsOfPlatform = sql`FROM "JobPeriod" l
    WHERE l."jobId" = p."jobId" AND l."platformId" = p."platformId" AND l.unit = p.unit
      ${range.until ? sql`AND l."startsAt" < ${range.until}` : empty}`
  const rows = await db.$queryRaw<PointRow[]>(
    sql`${tableOf(places)}
      SELECT t.*, n.uuid AS "newestUuid", o.uuid AS "newestOutputUuid", o."mainBinarySizeBytes" AS "newestSizeBytes", o."mainBinarySha256" AS "newestSha256"
      FROM (
        SELECT h.*, ${newest(empty)} AS "newestId",
          ${newest(sql`AND b."mainBinarySha256" IS NOT NULL`)} AS "newestOutputId"
        FROM p CROSS JOIN "JobPeriod" h
        WHERE h."jobId" = p."jobId" AND h."platformId" = p."platformId"
          AND h.unit = p.unit ${overlaps(range)}
          AND h."startsAt" >= COALESCE(
            (SELECT l."startsAt" ${periodsOfPlatform} ORDER BY l."startsAt" DESC LIMIT 1 OFFSET ${range.maxPoints - 1}),
            (SELECT MIN(l."startsAt") ${periodsOfPlatform}))
      ) t JOIN "Build" n ON n.id = t."newestId" LEFT JOIN "Build" o ON o.id = t."newestOutputId"`,
  )
  return rows
}
