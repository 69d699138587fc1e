import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'

const { sql, join } = Prisma

/** A build at an end of the time in which a version was built with. */
export type SpanEnd = { uuid: string; job: string; startedAt: Date }
/** The first and the last build with a version, by their start. */
export type VersionSpan = { first: SpanEnd; last: SpanEnd }

type Row = {
  id: number
  firstUuid: string
  firstJob: string
  firstStartedAt: Date
  lastUuid: string
  lastJob: string
  lastStartedAt: Date
}

/** Sets that are looked at from each end, in the order in which the site got to know them. */
const maxSets = 500

/**
 * When versions were built with. Versions whose builds were all removed are absent. One statement: it looks at the first build of each of the 500
 * sets that came first with a version, and at the last build of each of those that came last, by the index of artifacts. Its cost grows neither with
 * the builds of a set, nor with sets beyond these.
 */
export async function findSpans(
  db: Reader,
  versionIds: readonly number[],
): Promise<Map<number, VersionSpan>> {
  const end = (extreme: Prisma.Sql, order: Prisma.Sql) =>
    sql`(SELECT ${extreme}((SELECT a."startedAt" FROM "Artifact" a
          WHERE a.sha256 = s.sha256 AND a.path = 'opam-switch' ORDER BY a."startedAt" ${order} LIMIT 1))
        FROM (SELECT n."setId" FROM "PackageSetEntry" n WHERE n."packageVersionId" = v.id
          ORDER BY n."setId" ${order} LIMIT ${maxSets}) e JOIN "PackageSet" s ON s.id = e."setId")`
  const buildAt = (time: Prisma.Sql) =>
    sql`(SELECT b.id FROM "Build" b JOIN "PackageSet" t ON t.sha256 = b."opamSwitchSha256"
      JOIN "PackageSetEntry" i ON i."setId" = t.id AND i."packageVersionId" = x.id
      WHERE b."startedAt" = ${time} ORDER BY b.id LIMIT 1)`
  const rows = await inSlices(versionIds, parametersPerStatement, (slice) =>
    db.$queryRaw<Row[]>(
      sql`SELECT x.id, f.uuid AS "firstUuid", fj.name AS "firstJob", f."startedAt" AS "firstStartedAt",
          l.uuid AS "lastUuid", lj.name AS "lastJob", l."startedAt" AS "lastStartedAt"
        FROM (SELECT v.id, ${end(sql`MIN`, sql`ASC`)} AS first, ${end(sql`MAX`, sql`DESC`)} AS last
            FROM "PackageVersion" v WHERE v.id IN (${join(slice)})) x
          JOIN "Build" f ON f.id = ${buildAt(sql`x.first`)} JOIN "Job" fj ON fj.id = f."jobId"
          JOIN "Build" l ON l.id = ${buildAt(sql`x.last`)} JOIN "Job" lj ON lj.id = l."jobId"`,
    ),
  )
  return new Map(
    rows.map((row) => [
      row.id,
      {
        first: { uuid: row.firstUuid, job: row.firstJob, startedAt: row.firstStartedAt },
        last: { uuid: row.lastUuid, job: row.lastJob, startedAt: row.lastStartedAt },
      },
    ]),
  )
}
