import { compareBytes } from '../compare-bytes.ts'
import { timestamp } from '../database/sql.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import { sectionOfJob } from '../jobs/list-jobs.ts'
import { ownVersion } from '../package-sets/find-own-versions.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'

const { sql } = Prisma

/** So many jobs an overview has: the first ones by name. */
export const mostJobs = 1_000
/** So many failures in a row are counted. */
const mostFailures = 1_000

/** Of a job `j`: whether an overview has it. */
export const isShown = sql`j.id IN (SELECT i.id FROM "Job" i WHERE i."isHidden" = FALSE ORDER BY i.name LIMIT ${mostJobs})`

/** A job on a platform, with what is known of its newest build and of its newest main binary there. */
export type Place = {
  jobId: JobId
  job: string
  section: string | null
  synopsis: string | null
  newestSuccessAt: Date | null
  platformId: PlatformId
  platform: string
  newestId: BuildId
  newestUuid: string
  newestAt: Date
  status: string
  /** The newest build that succeeded, if that is not the newest one. */
  goodUuid: string | null
  goodAt: Date | null
  /** Of a newest build that failed: how many failed since the last good one, at most `mostFailures`, and the first of them. */
  failedCount: bigint | number
  firstFailedUuid: string | null
  firstFailedAt: Date | null
  mainUuid: string | null
  mainAt: Date | null
  mainPath: string | null
  mainSizeBytes: bigint | null
  mainSha256: string | null
  verdict: string | null
  /** Builds that have its content; null: it has no main binary. */
  buildCount: number | null
  confirmedBy: string | null
  disputedBy: string | null
  /** Of a disputed one: a build of the same input with another content. */
  otherUuid: string | null
  otherAt: Date | null
  version: string | null
}

/**
 * The places of all jobs that are not hidden, ordered by job and platform; of a job with more than `mostPlatforms` platforms those whose newest
 * builds were stored last. One statement, which looks at a few builds for each place.
 */
export async function findPlaces(db: Reader): Promise<Place[]> {
  const failed = sql`"Build" x WHERE x."jobId" = s."jobId" AND x."platformId" = s."platformId" AND x.status = 'FAILED'
    AND x."startedAt" > COALESCE(g."startedAt", ${timestamp(new Date(0))})`
  const rows = await db.$queryRaw<Place[]>(
    sql`SELECT s."jobId", j.name AS job, ${sectionOfJob} AS section, j.synopsis, j."newestSuccessAt", s."platformId", f.name AS platform,
        n.id AS "newestId", n.uuid AS "newestUuid", n."startedAt" AS "newestAt", n.status,
        g.uuid AS "goodUuid", g."startedAt" AS "goodAt",
        CASE WHEN n.status = 'FAILED' THEN (SELECT COUNT(*) FROM (SELECT 1 AS one FROM ${failed} LIMIT ${mostFailures}) counted) ELSE 0 END AS "failedCount",
        h.uuid AS "firstFailedUuid", h."startedAt" AS "firstFailedAt",
        m.uuid AS "mainUuid", m."startedAt" AS "mainAt", m."mainBinaryPath" AS "mainPath", m."mainBinarySizeBytes" AS "mainSizeBytes",
        m."mainBinarySha256" AS "mainSha256", m.verdict, o."buildCount", o."confirmedBy", o."disputedBy", y.uuid AS "otherUuid", y."startedAt" AS "otherAt",
        ${ownVersion(sql`j.name`, sql`m."opamSwitchSha256"`)} AS version
      FROM (SELECT p.*, ROW_NUMBER() OVER (PARTITION BY p."jobId" ORDER BY p."newestBuildId" DESC) AS place FROM "JobPlatform" p) s
        JOIN "Job" j ON j.id = s."jobId" JOIN "Platform" f ON f.id = s."platformId" JOIN "Build" n ON n.id = s."newestBuildId"
        LEFT JOIN "Build" g ON g.id = s."newestSuccessId" AND g.id <> n.id
        LEFT JOIN "Build" h ON n.status = 'FAILED' AND h.id = (SELECT x.id FROM ${failed} ORDER BY x."startedAt", x.id LIMIT 1)
        LEFT JOIN "Build" m ON m.id = s."newestMainBinaryId"
        LEFT JOIN "Output" o ON o.sha256 = m."mainBinarySha256"
        LEFT JOIN "Build" y ON m.verdict = 'NOT_REPRODUCIBLE' AND y.id = (SELECT z.id FROM "Build" z
          WHERE z."inputId" = m."inputId" AND z."mainBinarySha256" <> m."mainBinarySha256" ORDER BY z."mainBinarySha256", z."startedAt", z.id LIMIT 1)
      WHERE s.place <= ${mostPlatforms}
        AND ${isShown}`,
  )
  return rows.toSorted(
    (one, other) => compareBytes(one.job, other.job) || compareBytes(one.platform, other.platform),
  )
}
