import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import { compareBytes } from '../compare-bytes.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { isJobOf } from '../users/scopes.ts'

const { sql, join, empty } = Prisma

/** The newest build with an output of a job on a platform, and an advisory that is about one of its packages. */
export type AffectedBuild = {
  advisoryId: string
  summary: string
  severity: string | null
  score: number | null
  job: string
  platform: string
  uuid: string
  startedAt: Date
  verdict: string
}

/** `newInSet`: only builds with this set, and only advisories that are not about the build before. */
type Which = { advisoryIds?: readonly string[]; newInSet?: number }

type Row = AffectedBuild & { vexJobs: string | null; vexStatus: string | null }

/**
 * The newest builds that advisories are about, without those that the operator has declared harmless. One statement: it looks at one build for each job
 * and platform. Jobs that are hidden count, too: they may run somewhere.
 */
export async function findAffectedNewest(
  db: Pick<Reader, '$queryRaw'> | Pick<Transaction, '$queryRaw'>,
  { advisoryIds, newInSet }: Which = {},
): Promise<AffectedBuild[]> {
  const before = sql`SELECT n."opamSwitchSha256" FROM "Build" n
    WHERE n."jobId" = b."jobId" AND n."platformId" = b."platformId" AND n."mainBinarySha256" IS NOT NULL
      AND n."startedAt" < b."startedAt" ORDER BY n."startedAt" DESC, n.id DESC LIMIT 1`
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT m."advisoryId", a.summary, a.severity, a.score, j.name AS job, f.name AS platform,
        b.uuid, b."startedAt", b.verdict, x.jobs AS "vexJobs", x.status AS "vexStatus"
      FROM "JobPlatform" p JOIN "Build" b ON b.id = p."newestMainBinaryId"
        JOIN "PackageSet" s ON s.sha256 = b."opamSwitchSha256"
        JOIN "AdvisoryMatch" m ON m."setId" = s.id JOIN "Advisory" a ON a.id = m."advisoryId"
        JOIN "Job" j ON j.id = p."jobId" JOIN "Platform" f ON f.id = p."platformId"
        LEFT JOIN "VexStatement" x ON x."advisoryId" = a.id
      WHERE 1 = 1 ${advisoryIds ? sql`AND a.id IN (${join([...advisoryIds])})` : empty}
        ${
          newInSet === undefined
            ? empty
            : sql`AND s.id = ${newInSet} AND NOT EXISTS (
                SELECT 1 FROM "PackageSet" t JOIN "AdvisoryMatch" o ON o."setId" = t.id
                WHERE t.sha256 = (${before}) AND o."advisoryId" = m."advisoryId")`
        }`,
  )
  const settled = new Set(
    rows
      .filter(
        ({ vexJobs, vexStatus, job }) =>
          (vexStatus === 'NOT_AFFECTED' || vexStatus === 'FIXED') &&
          vexJobs !== null &&
          isJobOf(vexJobs, job),
      )
      .map(keyOf),
  )
  const found = new Map(
    rows.flatMap(({ vexJobs: _jobs, vexStatus: _status, ...row }) =>
      settled.has(keyOf(row)) ? [] : [[keyOf(row), row] as const],
    ),
  )
  return [...found.values()].toSorted(
    (one, other) =>
      compareBytes(one.job, other.job) ||
      compareBytes(one.platform, other.platform) ||
      compareBytes(one.advisoryId, other.advisoryId),
  )
}

const keyOf = ({ advisoryId, uuid }: Pick<AffectedBuild, 'advisoryId' | 'uuid'>) => `${advisoryId} ${uuid}`
