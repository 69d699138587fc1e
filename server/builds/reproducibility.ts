import { Prisma, type Platform } from '../generated/prisma/client.ts'
import type { BuildId, PlatformId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { StartCursor } from '../start-cursor.ts'
import type { Reader } from '../reader.ts'

const { sql, join } = Prisma

/** The platforms that a main binary was built on, ordered by name. One look-up for each platform. */
export async function findPlatformsOfOutput(db: Reader, sha256: string): Promise<Platform[]> {
  return db.$queryRaw<Platform[]>(
    sql`SELECT p.id AS id, p.name AS name FROM "Platform" p
      WHERE EXISTS (SELECT 1 FROM "Build" b WHERE b."mainBinarySha256" = ${sha256} AND b."platformId" = p.id)
      ORDER BY p.name`,
  )
}

/** Names of the users who uploaded builds with a main binary, sorted. One look-up for each user. */
export async function findUploadersOfOutput(db: Reader, sha256: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ name: string }[]>(
    sql`SELECT u.name AS name FROM "User" u
      WHERE EXISTS (SELECT 1 FROM "Build" b WHERE b."mainBinarySha256" = ${sha256} AND b."uploaderId" = u.id)
      ORDER BY u.name`,
  )
  return rows.map(({ name }) => name)
}

/** The build that others are compared with. */
export type ComparedBuild = { id: BuildId; inputId: string | null; mainBinarySha256: string | null }

/** `ANY`: every other build with this main binary; `SAME`: from the same input; `OTHER`: from another one. */
export type ReproductionInput = 'ANY' | 'SAME' | 'OTHER'

/** A page of the other builds with the same main binary, in the order of `byNewest`; ids in no particular order. */
export async function findReproductionIds(
  db: Reader,
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

/** Number of other builds with the same input and the same main binary. It counts entries of an index. */
export async function countSameInput(db: Reader, build: ComparedBuild): Promise<number> {
  const { id, inputId, mainBinarySha256 } = build
  if (inputId === null || mainBinarySha256 === null) return 0
  return db.build.count({ where: { inputId, mainBinarySha256, id: { not: id } } })
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
 * The newest build of each other output of the same input, the newest `limit` of them, and the number of other
 * outputs. Of builds that started at the same time, the one that was stored last is first, as in all lists. Raw
 * SQL: it groups entries of an index.
 */
export async function findOtherOutputs(
  db: Reader,
  build: ComparedBuild,
  limit: number,
): Promise<{ ids: BuildId[]; count: number }> {
  const { inputId, mainBinarySha256 } = build
  if (inputId === null || mainBinarySha256 === null) return { ids: [], count: 0 }
  const rows = await db.$queryRaw<{ id: BuildId; count: bigint }[]>(
    sql`SELECT (SELECT c.id FROM "Build" c WHERE c."inputId" = ${inputId} AND c."mainBinarySha256" = o.sha256
        ORDER BY c."startedAt" DESC, c.id DESC LIMIT 1) AS id, o.count AS count
      FROM (SELECT b."mainBinarySha256" AS sha256, MAX(b."startedAt") AS "lastStartedAt", COUNT(*) OVER () AS count
        FROM "Build" b WHERE b."inputId" = ${inputId} AND b."mainBinarySha256" IS NOT NULL
          AND b."mainBinarySha256" <> ${mainBinarySha256}
        GROUP BY b."mainBinarySha256") o
      ORDER BY o."lastStartedAt" DESC, id DESC LIMIT ${limit}`,
  )
  return { ids: rows.map(({ id }) => id), count: Number(rows[0]?.count ?? 0) }
}

/** A condition of a build that is no part of its input id. */
export type BuildCondition = 'SCRIPT' | 'PLATFORM'
export type BuildConditions = { scriptSha256: string; platformId: PlatformId }

/** So many builds of other outputs are compared at most. */
const maxComparedBuilds = 1000

/**
 * The conditions that no build of another output of the same input shares with this build, so that they can be the
 * reason of the other output. Raw SQL: one pass over the builds of the input, with a maximum.
 */
export async function findOtherConditions(
  db: Reader,
  { inputId, mainBinarySha256, scriptSha256, platformId }: ComparedBuild & BuildConditions,
): Promise<BuildCondition[]> {
  if (inputId === null || mainBinarySha256 === null) return []
  const [row] = await db.$queryRaw<{ sameScript: bigint | null; samePlatform: bigint | null }[]>(
    sql`SELECT MAX(o."scriptSha256" = ${scriptSha256}) AS "sameScript", MAX(o."platformId" = ${platformId}) AS "samePlatform"
      FROM (SELECT b."scriptSha256", b."platformId" FROM "Build" b WHERE b."inputId" = ${inputId}
        AND b."mainBinarySha256" IS NOT NULL AND b."mainBinarySha256" <> ${mainBinarySha256}
        LIMIT ${maxComparedBuilds}) o`,
  )
  const isOther = (same: bigint | null | undefined) => same != null && Number(same) === 0
  return [
    ...(isOther(row?.sameScript) ? (['SCRIPT'] as const) : []),
    ...(isOther(row?.samePlatform) ? (['PLATFORM'] as const) : []),
  ]
}
