import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import type { Reader } from '../database/reader.ts'

/** Relation of a build to another build of the same job on the same platform. */
export type Relation =
  | 'newestWithMainBinary'
  | 'firstWithOutput'
  | 'nextDifferentOutput'
  | 'previousDifferentOutput'
  | 'nextSuccess'
  | 'previousSuccess'

/** The build whose related build is requested. */
export type RelatedTo = { id: BuildId; relation: Relation }

const { sql, join, raw } = Prisma

const isDifferent = sql`r."mainBinarySha256" <> b."mainBinarySha256"`
const isSuccess = sql`r.status = 'SUCCEEDED'`

/** SQL for the id of a related build of build `b`, found in an index. */
const lookUps: Record<Relation, Prisma.Sql> = {
  newestWithMainBinary: sql`(SELECT r."newestMainBinaryId" FROM "JobPlatform" r
    WHERE r."jobId" = b."jobId" AND r."platformId" = b."platformId")`,
  firstWithOutput: sql`(SELECT r."firstBuildId" FROM "JobOutput" r
    WHERE r."jobId" = b."jobId" AND r.scope = b."platformId" AND r.sha256 = b."mainBinarySha256")`,
  nextDifferentOutput: later(isDifferent),
  previousDifferentOutput: earlier(isDifferent),
  nextSuccess: later(isSuccess),
  previousSuccess: earlier(isSuccess),
}

function later(condition: Prisma.Sql): Prisma.Sql {
  return sql`(SELECT r.id FROM "Build" r WHERE r."jobId" = b."jobId" AND r."platformId" = b."platformId"
    AND ${condition} AND (r."startedAt", r.id) > (b."startedAt", b.id)
    ORDER BY r."startedAt" ASC, r.id ASC LIMIT 1)`
}

function earlier(condition: Prisma.Sql): Prisma.Sql {
  return sql`(SELECT r.id FROM "Build" r WHERE r."jobId" = b."jobId" AND r."platformId" = b."platformId"
    AND ${condition} AND (r."startedAt", r.id) < (b."startedAt", b.id)
    ORDER BY r."startedAt" DESC, r.id DESC LIMIT 1)`
}

/**
 * The related builds of some builds, in the given order; null if a build has none. Raw SQL: one statement for all
 * of them, which compares row values.
 */
export async function findRelatedIds(db: Reader, asked: readonly RelatedTo[]): Promise<(BuildId | null)[]> {
  const relations = [...new Set(asked.map(({ relation }) => relation))]
  const selects = relations.map((relation) => {
    const ids = asked.filter((one) => one.relation === relation).map(({ id }) => id)
    return sql`SELECT b.id AS id, ${raw(`'${relation}'`)} AS relation, ${lookUps[relation]} AS "relatedId"
      FROM "Build" b WHERE b.id IN (${join(ids)})`
  })
  const rows = await db.$queryRaw<(RelatedTo & { relatedId: BuildId | null })[]>(join(selects, ' UNION ALL '))
  const key = ({ id, relation }: RelatedTo) => `${relation} ${id}`
  const found = new Map(rows.map((row) => [key(row), row.relatedId]))
  return asked.map((one) => found.get(key(one)) ?? null)
}
