import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { OutputKey } from './list-outputs.ts'

/** UUIDs of two builds, the one that started earlier on the left. */
export type ChangedPair = { left: string; right: string }

type Row = OutputKey & { oldUuid: string; oldStartedAt: Date; newUuid: string; newStartedAt: Date }

const { sql, join } = Prisma

/**
 * For each output, the two builds to compare with the previous output of its list: the first build of this output,
 * and the last build of the previous one, if possible on the same platform. Null for the first output of a list.
 * Raw SQL: one statement looks up all outputs, which Prisma cannot do.
 */
export async function findOutputChanges(
  db: PrismaClient,
  outputs: readonly OutputKey[],
): Promise<(ChangedPair | null)[]> {
  const keys = outputs.map(({ jobId, scope, sha256 }) => sql`(${jobId}, ${scope}, ${sha256})`)
  const rows = await db.$queryRaw<Row[]>(
    // CROSS JOIN fixes the order of the loops: the requested outputs are the outer loop.
    sql`SELECT o."jobId" AS "jobId", o.scope AS scope, o.sha256 AS sha256,
        b.uuid AS "oldUuid", b."startedAt" AS "oldStartedAt", a.uuid AS "newUuid", a."startedAt" AS "newStartedAt"
      FROM "JobOutput" o CROSS JOIN "Build" a CROSS JOIN "Build" b
      WHERE (o."jobId", o.scope, o.sha256) IN (VALUES ${join(keys)}) AND a.id = o."firstBuildId" AND b.id = (
        SELECT COALESCE(s."lastBuildId", p."lastBuildId") FROM "JobOutput" p LEFT JOIN "JobOutput" s
          ON s."jobId" = p."jobId" AND s.scope = a."platformId" AND s.sha256 = p.sha256
        WHERE p."jobId" = o."jobId" AND p.scope = o.scope
          AND (p."lastStartedAt", p."lastBuildId") < (o."lastStartedAt", o."lastBuildId")
        ORDER BY p."lastStartedAt" DESC, p."lastBuildId" DESC LIMIT 1)`,
  )
  const keyOf = ({ jobId, scope, sha256 }: OutputKey) => `${jobId} ${scope} ${sha256}`
  const pairs = new Map(rows.map((row) => [keyOf(row), toPair(row)]))
  return outputs.map((output) => pairs.get(keyOf(output)) ?? null)
}

/** Outputs can overlap in time on different platforms, so the older build is put on the left here. */
function toPair({ oldUuid, oldStartedAt, newUuid, newStartedAt }: Row): ChangedPair {
  return oldStartedAt <= newStartedAt ? { left: oldUuid, right: newUuid } : { left: newUuid, right: oldUuid }
}
