import { timestamp } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import type { Reader } from '../database/reader.ts'

const { sql, empty } = Prisma

/** Builds of a job on a platform that failed one after the other. */
export type Incident = {
  job: string
  platform: string
  firstBadId: BuildId
  /** The last of them: the newest build of the job on the platform, or the one before the fix. */
  lastBadId: BuildId
  buildCount: number
  /** The success before them. Null: no build succeeded before. */
  lastGoodId: BuildId | null
  /** The success after them. Null: it still fails. */
  fixedById: BuildId | null
}

/** Incidents of each kind that are listed, at most. */
export const maxIncidents = 200

/** Before the start of every build. */
const never = timestamp(new Date('0001-01-01T00:00:00Z'))

/** The builds `c` of an incident: those of the place of its last build `l` that failed after its last good build `g`. */
const isOfIncident = sql`c."jobId" = l."jobId" AND c."platformId" = l."platformId" AND c.status = 'FAILED'
  AND (c."startedAt", c.id) <= (l."startedAt", l.id)
  AND (c."startedAt", c.id) > (COALESCE(g."startedAt", ${never}), COALESCE(g.id, 0))`

const facts = sql`j.name AS job, f.name AS platform, l.id AS "lastBadId", l."startedAt" AS "lastBadAt", g.id AS "lastGoodId",
  (SELECT c.id FROM "Build" c WHERE ${isOfIncident} ORDER BY c."startedAt", c.id LIMIT 1) AS "firstBadId",
  (SELECT COUNT(*) FROM "Build" c WHERE ${isOfIncident}) AS "buildCount"`

const onPlatform = (platform: string | null) => (platform === null ? empty : sql`AND f.name = ${platform}`)

type Row = Omit<Incident, 'buildCount'> & { buildCount: bigint; lastBadAt: Date }
const toIncident = ({ lastBadAt: _, ...row }: Row): Incident => ({
  ...row,
  buildCount: Number(row.buildCount),
})

/** Jobs whose newest build on a platform failed, the last failure first. One statement, which looks at one build for each job and platform. */
export async function findOpenIncidents(db: Reader, platform: string | null): Promise<Incident[]> {
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT ${facts}, NULL AS "fixedById"
      FROM "JobPlatform" p CROSS JOIN "Build" l JOIN "Job" j ON j.id = p."jobId" JOIN "Platform" f ON f.id = p."platformId"
        LEFT JOIN "Build" g ON g.id = p."newestSuccessId"
      WHERE l.id = p."newestBuildId" AND l.status = 'FAILED' AND j."isHidden" = FALSE ${onPlatform(platform)}`,
  )
  return rows
    .toSorted((l, r) => Number(r.lastBadAt) - Number(l.lastBadAt) || r.lastBadId - l.lastBadId)
    .slice(0, maxIncidents)
    .map(toIncident)
}

/**
 * Incidents whose last failure started at `since` or later, and that a success has ended; the last failure first. One statement: it looks at the
 * build after each failure since then, by indexes.
 */
export async function findFixedIncidents(
  db: Reader,
  platform: string | null,
  since: Date,
): Promise<Incident[]> {
  const next = sql`SELECT i.id FROM "Build" i WHERE i."jobId" = l."jobId" AND i."platformId" = l."platformId"
    AND (i."startedAt", i.id) > (l."startedAt", l.id) ORDER BY i."startedAt", i.id LIMIT 1`
  const before = sql`SELECT i.id FROM "Build" i WHERE i."jobId" = l."jobId" AND i."platformId" = l."platformId"
    AND i.status = 'SUCCEEDED' AND (i."startedAt", i.id) < (l."startedAt", l.id)
    ORDER BY i."startedAt" DESC, i.id DESC LIMIT 1`
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT ${facts}, n.id AS "fixedById"
      FROM "Build" l JOIN "Build" n ON n.id = (${next}) JOIN "Job" j ON j.id = l."jobId"
        JOIN "Platform" f ON f.id = l."platformId" LEFT JOIN "Build" g ON g.id = (${before})
      WHERE l.status = 'FAILED' AND l."startedAt" >= ${since} AND n.status = 'SUCCEEDED'
        AND j."isHidden" = FALSE ${onPlatform(platform)}
      ORDER BY l."startedAt" DESC, l.id DESC LIMIT ${maxIncidents}`,
  )
  return rows.map(toIncident)
}
