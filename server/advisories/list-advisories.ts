import type { Reader } from '../database/reader.ts'
import { Prisma, type Advisory } from '../generated/prisma/client.ts'
import { groupBy } from '../group-by.ts'
import { findAffectedNewest, type AffectedBuild } from './find-affected.ts'

const { sql } = Prisma

/** Advisories that lists show, at most. */
const maxListed = 2_000

const listed = {
  ...{ id: true, summary: true, severity: true, score: true, publishedAt: true, modifiedAt: true },
  ...{ withdrawnAt: true, isListed: true, importedAt: true, source: true },
  packages: { select: { name: true }, orderBy: { name: 'asc' } },
} as const

/** An advisory with the newest builds that it is about. */
export type ListedAdvisory = Omit<Advisory, 'content'> & {
  packages: { name: string }[]
  affected: AffectedBuild[]
}

/** All advisories: those that newest builds are affected by first, then the newest ones. Two statements. */
export async function listAdvisories(db: Reader): Promise<ListedAdvisory[]> {
  const rows = await db.advisory.findMany({
    orderBy: [{ publishedAt: 'desc' }, { id: 'desc' }],
    take: maxListed,
    select: listed,
  })
  const affected = groupBy(await findAffectedNewest(db), ({ advisoryId }) => advisoryId)
  return rows
    .map((row) => ({ ...row, affected: affected.get(row.id) ?? [] }))
    .toSorted((l, r) => Number(r.affected.length > 0) - Number(l.affected.length > 0))
}

/** Null: the site has no such advisory. */
export async function findAdvisory(
  db: Reader,
  id: string,
): Promise<(ListedAdvisory & { content: string }) | null> {
  const row = await db.advisory.findUnique({ where: { id }, select: { ...listed, content: true } })
  return row && { ...row, affected: await findAffectedNewest(db, { advisoryIds: [id] }) }
}

/** A job on a platform that an advisory is, or was, about. */
export type AffectedPlace = {
  job: string
  platform: string
  buildCount: number
  /** The newest build with the issue. */
  lastUuid: string
  lastStartedAt: Date
  /** The first build after it that succeeded. Null: none has come yet. */
  fixedUuid: string | null
  fixedStartedAt: Date | null
}

const maxPlaces = 1_000

/** Where an advisory is, or was, an issue. One statement. */
export async function findPlaces(db: Reader, id: string): Promise<AffectedPlace[]> {
  // Builds are found by their artifact: their own column with the switch has no index, which would cost every upload some time.
  const rows = await db.$queryRaw<(Omit<AffectedPlace, 'buildCount'> & { buildCount: bigint })[]>(
    sql`SELECT j.name AS job, f.name AS platform, g.count AS "buildCount", l.uuid AS "lastUuid",
        l."startedAt" AS "lastStartedAt", n.uuid AS "fixedUuid", n."startedAt" AS "fixedStartedAt"
      FROM (SELECT b."jobId", b."platformId", COUNT(*) AS count, MAX(b."startedAt") AS at
          FROM (SELECT DISTINCT m."setId" FROM "AdvisoryMatch" m WHERE m."advisoryId" = ${id}) d
            JOIN "PackageSet" s ON s.id = d."setId"
            JOIN "Artifact" t ON t.sha256 = s.sha256 AND t.path = 'opam-switch'
            JOIN "Build" b ON b.id = t."buildId"
          GROUP BY b."jobId", b."platformId") g
        JOIN "Job" j ON j.id = g."jobId" JOIN "Platform" f ON f.id = g."platformId"
        JOIN "Build" l ON l.id = (SELECT i.id FROM "Build" i WHERE i."jobId" = g."jobId"
          AND i."platformId" = g."platformId" AND i."startedAt" = g.at ORDER BY i.id DESC LIMIT 1)
        LEFT JOIN "Build" n ON n.id = (SELECT i.id FROM "Build" i WHERE i."jobId" = g."jobId"
          AND i."platformId" = g."platformId" AND i.status = 'SUCCEEDED' AND i."startedAt" > g.at
          AND i."opamSwitchSha256" IS NOT NULL ORDER BY i."startedAt", i.id LIMIT 1)
      ORDER BY CASE WHEN n.id IS NULL THEN 0 ELSE 1 END, j.name, f.name LIMIT ${maxPlaces}`,
  )
  return rows.map((row) => ({ ...row, buildCount: Number(row.buildCount) }))
}
