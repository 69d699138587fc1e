import { Prisma, type PrismaClient } from '../generated/prisma/client.ts'
import type { BuildId, PlatformId, UserId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { StartCursor } from '../start-cursor.ts'

/**
 * What all builds together say of one: `REPRODUCED`, others gave the same main binary;
 * `NOT_REPRODUCIBLE`, others gave another from the same input; `UNCONFIRMED`, nobody repeated it;
 * `NO_OUTPUT`, it has no main binary. Source: builder-web's relations between builds.
 */
export type Verdict = 'REPRODUCED' | 'NOT_REPRODUCIBLE' | 'UNCONFIRMED' | 'NO_OUTPUT'

/** `buildCount` and `inputCount` are of builds with the same main binary, this one included. */
export type Reproducibility = { verdict: Verdict; buildCount: number; inputCount: number }

const { sql, join } = Prisma

/**
 * The verdicts of some builds, in one query that costs the same however often they were repeated.
 * Raw SQL: whether any other output exists is two look-ups in an index, which Prisma would join.
 */
export async function findReproducibility(
  db: PrismaClient,
  buildIds: readonly BuildId[],
): Promise<Map<BuildId, Reproducibility>> {
  const rows = await db.$queryRaw<
    { id: BuildId; buildCount: number | null; inputCount: number | null; hasOtherOutput: number | boolean }[]
  >(
    sql`SELECT b.id AS id, o."buildCount" AS "buildCount", o."inputCount" AS "inputCount",
        (EXISTS (SELECT 1 FROM "Build" c WHERE c."inputId" = b."inputId" AND c."mainBinarySha256" < b."mainBinarySha256")
         OR EXISTS (SELECT 1 FROM "Build" c WHERE c."inputId" = b."inputId" AND c."mainBinarySha256" > b."mainBinarySha256")
        ) AS "hasOtherOutput"
      FROM "Build" b LEFT JOIN "Output" o ON o.sha256 = b."mainBinarySha256"
      WHERE b.id IN (${join([...buildIds])})`,
  )
  return new Map(
    rows.map(({ id, buildCount, inputCount, hasOtherOutput }) => {
      const counts = { buildCount: Number(buildCount ?? 0), inputCount: Number(inputCount ?? 0) }
      return [id, { verdict: verdictOf(counts.buildCount, Boolean(Number(hasOtherOutput))), ...counts }]
    }),
  )
}

function verdictOf(buildCount: number, hasOtherOutput: boolean): Verdict {
  if (buildCount === 0) return 'NO_OUTPUT'
  if (hasOtherOutput) return 'NOT_REPRODUCIBLE'
  return buildCount > 1 ? 'REPRODUCED' : 'UNCONFIRMED'
}

/** On which platforms a main binary was built. One look-up a platform. */
export async function findPlatformsOfOutput(db: PrismaClient, sha256: string): Promise<PlatformId[]> {
  const rows = await db.$queryRaw<{ id: PlatformId }[]>(
    sql`SELECT p.id AS id FROM "Platform" p
      WHERE EXISTS (SELECT 1 FROM "Build" b WHERE b."mainBinarySha256" = ${sha256} AND b."platformId" = p.id)`,
  )
  return rows.map(({ id }) => id)
}

/** Who uploaded builds with a main binary. One look-up a user. */
export async function findUploadersOfOutput(db: PrismaClient, sha256: string): Promise<UserId[]> {
  const rows = await db.$queryRaw<{ id: UserId }[]>(
    sql`SELECT u.id AS id FROM "User" u
      WHERE EXISTS (SELECT 1 FROM "Build" b WHERE b."mainBinarySha256" = ${sha256} AND b."uploaderId" = u.id)`,
  )
  return rows.map(({ id }) => id)
}

/** The build that others are compared with. */
export type ComparedBuild = { id: BuildId; inputId: string | null; mainBinarySha256: string | null }

/** `ANY`: every other build with this main binary; `SAME`: from the same input; `OTHER`: from another one. */
export type ReproductionInput = 'ANY' | 'SAME' | 'OTHER'

/** A page of the other builds with the same main binary, newest first; ids in no particular order. */
export async function findReproductionIds(
  db: PrismaClient,
  build: ComparedBuild,
  input: ReproductionInput,
  page: Page<StartCursor>,
): Promise<BuildId[]> {
  if (build.mainBinarySha256 === null) return []
  const order = page.backward ? sql`b."startedAt" ASC, b.id ASC` : sql`b."startedAt" DESC, b.id DESC`
  const rows = await db.$queryRaw<{ id: BuildId }[]>(
    sql`SELECT b.id AS id FROM "Build" b WHERE ${join(reproductionConditions(build, input, page), ' AND ')}
      ORDER BY ${order} LIMIT ${page.limit + 1}`,
  )
  return rows.map(({ id }) => id)
}

export async function countReproductions(
  db: PrismaClient,
  build: ComparedBuild,
  input: ReproductionInput,
): Promise<number> {
  if (build.mainBinarySha256 === null) return 0
  if (input === 'ANY') {
    const output = await db.output.findUnique({ where: { sha256: build.mainBinarySha256 } })
    return Math.max(0, (output?.buildCount ?? 0) - 1)
  }
  const [row] = await db.$queryRaw<{ count: bigint }[]>(
    sql`SELECT COUNT(*) AS count FROM "Build" b WHERE ${join(reproductionConditions(build, input), ' AND ')}`,
  )
  return Number(row?.count ?? 0)
}

function reproductionConditions(build: ComparedBuild, input: ReproductionInput, page?: Page<StartCursor>) {
  const { inputId } = build
  const conditions = [sql`b."mainBinarySha256" = ${build.mainBinarySha256}`, sql`b.id <> ${build.id}`]
  if (input === 'SAME') conditions.push(inputId === null ? sql`1 = 0` : sql`b."inputId" = ${inputId}`)
  if (input === 'OTHER') {
    conditions.push(inputId === null ? sql`1 = 1` : sql`(b."inputId" IS NULL OR b."inputId" <> ${inputId})`)
  }
  if (page?.after) conditions.push(sql`(b."startedAt", b.id) < (${page.after.startedAt}, ${page.after.id})`)
  if (page?.before)
    conditions.push(sql`(b."startedAt", b.id) > (${page.before.startedAt}, ${page.before.id})`)
  return conditions
}

/**
 * One build, the newest, for each other output of the same input, the newest `limit` of them, and
 * how many other outputs there are.
 */
export async function findOtherOutputs(
  db: PrismaClient,
  build: ComparedBuild,
  limit: number,
): Promise<{ ids: BuildId[]; count: number }> {
  const { inputId, mainBinarySha256 } = build
  if (inputId === null || mainBinarySha256 === null) return { ids: [], count: 0 }
  const rows = await db.$queryRaw<{ sha256: string; startedAt: unknown }[]>(
    sql`SELECT b."mainBinarySha256" AS sha256, MAX(b."startedAt") AS "startedAt" FROM "Build" b
      WHERE b."inputId" = ${inputId} AND b."mainBinarySha256" IS NOT NULL AND b."mainBinarySha256" <> ${mainBinarySha256}
      GROUP BY b."mainBinarySha256" ORDER BY "startedAt" DESC, sha256`,
  )
  const newest = await Promise.all(
    rows.slice(0, limit).map(({ sha256 }) =>
      db.build.findFirst({
        where: { inputId, mainBinarySha256: sha256 },
        orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
        select: { id: true },
      }),
    ),
  )
  return { ids: newest.flatMap((found) => (found ? [found.id] : [])), count: rows.length }
}
