import { hash, integer } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { allPlatforms } from '../facts/job-outputs.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import type { OutputKey } from './list-outputs.ts'
import type { Reader } from '../database/reader.ts'

/** UUIDs of two builds, the one that started earlier on the left. */
export type ChangedPair = { left: string; right: string }

type Row = OutputKey & { oldUuid: string; oldStartedAt: Date; newUuid: string; newStartedAt: Date }

const { sql, join } = Prisma

/**
 * For each output, the two builds to compare with the previous output of its list: the first build of this output
 * and the last build of the previous one, on the same platform if a platform built both; of several such platforms,
 * the one that built this output first. Null for the first output of a list. A job may have thousands of platforms:
 * only the `mostPlatforms` whose newest builds were stored last are searched, and those of the two builds that are
 * compared if no platform built both.
 * Raw SQL: one statement looks up all outputs, which Prisma cannot do.
 */
export async function findOutputChanges(
  db: Reader,
  outputs: readonly OutputKey[],
): Promise<(ChangedPair | null)[]> {
  const keys = outputs.map(
    ({ jobId, scope, sha256 }) => sql`(${integer(jobId)}, ${integer(scope)}, ${hash(sha256)})`,
  )
  const rows = await db.$queryRaw<Row[]>(
    // CROSS JOIN fixes the order of the loops: the requested outputs are the outer loop.
    sql`SELECT o."jobId" AS "jobId", o.scope AS scope, o.sha256 AS sha256,
        b.uuid AS "oldUuid", b."startedAt" AS "oldStartedAt", a.uuid AS "newUuid", a."startedAt" AS "newStartedAt"
      FROM "JobOutput" o CROSS JOIN "JobOutput" p CROSS JOIN "JobOutput" n CROSS JOIN "JobOutput" m
        CROSS JOIN "Build" a CROSS JOIN "Build" b
      WHERE (o."jobId", o.scope, o.sha256) IN (VALUES ${join(keys)})
        AND p."jobId" = o."jobId" AND p.scope = o.scope AND p.sha256 = (
          SELECT q.sha256 FROM "JobOutput" q WHERE q."jobId" = o."jobId" AND q.scope = o.scope
            AND (q."lastStartedAt", q."lastBuildId") < (o."lastStartedAt", o."lastBuildId")
          ORDER BY q."lastStartedAt" DESC, q."lastBuildId" DESC LIMIT 1)
        AND n."jobId" = o."jobId" AND n.sha256 = o.sha256 AND n.scope = COALESCE((
          SELECT x.scope FROM (SELECT * FROM (SELECT s."platformId" FROM "JobPlatform" s WHERE s."jobId" = o."jobId"
              ORDER BY s."newestBuildId" DESC LIMIT ${mostPlatforms}) r
            UNION ALL SELECT c."platformId" FROM "Build" c WHERE c.id IN (o."firstBuildId", p."lastBuildId")
            ) j CROSS JOIN "JobOutput" x CROSS JOIN "JobOutput" y
          WHERE o.scope IN (${allPlatforms}, j."platformId")
            AND x."jobId" = o."jobId" AND x.scope = j."platformId" AND x.sha256 = o.sha256
            AND y."jobId" = o."jobId" AND y.scope = j."platformId" AND y.sha256 = p.sha256
          ORDER BY x."firstStartedAt", x."firstBuildId" LIMIT 1), o.scope)
        AND m."jobId" = o."jobId" AND m.scope = n.scope AND m.sha256 = p.sha256
        AND a.id = n."firstBuildId" AND b.id = m."lastBuildId"`,
  )
  const keyOf = ({ jobId, scope, sha256 }: OutputKey) => `${jobId} ${scope} ${sha256}`
  const pairs = new Map(rows.map((row) => [keyOf(row), toPair(row)]))
  return outputs.map((output) => pairs.get(keyOf(output)) ?? null)
}

/** Outputs can overlap in time on different platforms, so the older build is put on the left here. */
function toPair({ oldUuid, oldStartedAt, newUuid, newStartedAt }: Row): ChangedPair {
  return oldStartedAt <= newStartedAt ? { left: oldUuid, right: newUuid } : { left: newUuid, right: oldUuid }
}
