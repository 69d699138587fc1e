import { hash, integer } from '../database/sql.ts'
import { Prisma, type Platform } from '../generated/prisma/client.ts'
import { compareBytes } from '../compare-bytes.ts'
import { groupBy } from '../group-by.ts'
import type { BuildId, PlatformId } from '../ids.ts'
import { mostPlatforms } from '../platforms/most-platforms.ts'
import type { Page } from '../page.ts'
import type { StartCursor } from '../start-cursor.ts'
import { byOrder, conditions, orderBy, type BuildFilter, type BuildOrder } from './list-builds.ts'
import type { Reader } from '../database/reader.ts'

const { sql, join } = Prisma

/** Platforms that a main binary was built on: the first by name, and the number of all. */
export type PlatformsOfOutput = { platforms: Platform[]; count: number }

/**
 * The platforms that each of some main binaries was built on, in the given order. One look-up in an index for each
 * platform of a main binary, whatever the number of its builds.
 */
export async function findPlatformsOfOutputs(
  db: Reader,
  hashes: readonly string[],
): Promise<PlatformsOfOutput[]> {
  const rows = await db.$queryRaw<(Platform & { sha256: string })[]>(
    sql`${distinctOf(sql`b."platformId"`, hashes)}
      SELECT f.sha256 AS sha256, p.id AS id, p.name AS name FROM found f JOIN "Platform" p ON p.id = f.value`,
  )
  const found = groupBy(rows, ({ sha256 }) => sha256)
  return hashes.map((sha256) => {
    const all = found.get(sha256) ?? []
    const first = all.toSorted((left, right) => compareBytes(left.name, right.name)).slice(0, mostPlatforms)
    return { platforms: first.map(({ id, name }) => ({ id, name })), count: all.length }
  })
}

/** Names of the users who uploaded builds with each of some main binaries, sorted; in the given order. */
export async function findUploadersOfOutputs(db: Reader, hashes: readonly string[]): Promise<string[][]> {
  const rows = await db.$queryRaw<{ sha256: string; name: string }[]>(
    sql`${distinctOf(sql`b."uploaderId"`, hashes)}
      SELECT f.sha256 AS sha256, u.name AS name FROM found f JOIN "User" u ON u.id = f.value`,
  )
  const found = groupBy(rows, ({ sha256 }) => sha256)
  return hashes.map((sha256) => (found.get(sha256) ?? []).map(({ name }) => name).toSorted(compareBytes))
}

/**
 * A table `found` of the distinct values of a column of the builds with each main binary. It looks up the next larger
 * value in an index, and so passes over the builds between. Raw SQL: Prisma has no recursive queries.
 */
function distinctOf(column: Prisma.Sql, hashes: readonly string[]): Prisma.Sql {
  return sql`WITH RECURSIVE found(sha256, value) AS (
      SELECT o.sha256, (SELECT MIN(${column}) FROM "Build" b WHERE b."mainBinarySha256" = o.sha256)
      FROM "Output" o WHERE o.sha256 IN (${join(hashes.map(hash))})
      UNION ALL
      SELECT f.sha256, (SELECT MIN(${column}) FROM "Build" b WHERE b."mainBinarySha256" = f.sha256 AND ${column} > f.value)
      FROM found f WHERE f.value IS NOT NULL)`
}

/** The build that others are compared with. */
export type ComparedBuild = { id: BuildId; inputId: string | null; mainBinarySha256: string | null }

/** `ANY`: every other build with this main binary; `SAME`: from the same input; `OTHER`: from another one. */
export type ReproductionInput = 'ANY' | 'SAME' | 'OTHER'

/** Which of the builds with a main binary are listed, and in which order. */
export type ReproductionList = { input: ReproductionInput; filter: BuildFilter; order: BuildOrder }

/** A main binary, and the input whose builds are listed or left out; null: unknown, or of no importance. */
export type OutputOfInput = { inputId: string | null; sha256: string }

/**
 * A page of the builds with each of some main binaries, with two more builds if they exist: the build
 * that is asked about may be among them, and is no reproduction of itself. In the given order.
 *
 * Raw SQL: Prisma cannot limit per parent.
 */
export async function findReproductions(
  db: Reader,
  outputs: readonly OutputOfInput[],
  { input, filter, order }: ReproductionList,
  page: Page<StartCursor>,
): Promise<BuildId[][]> {
  const keys = outputs.map(
    ({ inputId, sha256 }, n) => sql`(${integer(n)}, ${hash(inputId)}, ${hash(sha256)})`,
  )
  const rows = await db.$queryRaw<{ n: number | bigint; id: BuildId; startedAt: Date }[]>(
    // CROSS JOIN fixes the order of the loops: the main binaries are the outer loop, with an index look-up for each.
    sql`WITH k(n, "inputId", sha256) AS (VALUES ${join(keys)})
      SELECT k.n AS n, c.id AS id, c."startedAt" AS "startedAt" FROM k CROSS JOIN "Build" c WHERE c.id IN (
        SELECT b.id FROM "Build" b WHERE ${hasOutput(input)} AND ${conditions(filter, page, order)}
        ORDER BY ${orderBy(page, order)} LIMIT ${page.limit + 2})`,
  )
  const found = groupBy(rows, ({ n }) => Number(n))
  return outputs.map((_output, n) => (found.get(n) ?? []).toSorted(byOrder(order)).map(({ id }) => id))
}

/** Without the build itself, and of a page with one build more than its limit at its far end. */
export function pageOfReproductions(ids: readonly BuildId[], own: BuildId, page: Page<unknown>): BuildId[] {
  const others = ids.filter((id) => id !== own)
  return page.backward ? others.slice(-(page.limit + 1)) : others.slice(0, page.limit + 1)
}

/** Build `b` has the main binary of `k`, and the input that is asked for. */
function hasOutput(input: ReproductionInput): Prisma.Sql {
  const isOutput = sql`b."mainBinarySha256" = k.sha256`
  if (input === 'SAME') return sql`${isOutput} AND b."inputId" = k."inputId"`
  if (input === 'OTHER')
    return sql`${isOutput} AND (b."inputId" IS NULL OR b."inputId" IS DISTINCT FROM k."inputId")`
  return isOutput
}

/** Number of the builds with each of some main binaries that a list has, in the given order. It counts those builds. */
export async function countListed(
  db: Reader,
  outputs: readonly OutputOfInput[],
  { input, filter }: ReproductionList,
): Promise<number[]> {
  const keys = outputs.map(
    ({ inputId, sha256 }, n) => sql`(${integer(n)}, ${hash(inputId)}, ${hash(sha256)})`,
  )
  const rows = await db.$queryRaw<{ n: number | bigint; count: bigint }[]>(
    sql`WITH k(n, "inputId", sha256) AS (VALUES ${join(keys)})
      SELECT k.n AS n, (SELECT COUNT(*) FROM "Build" b WHERE ${hasOutput(input)} AND ${conditions(filter)}) AS count
      FROM k`,
  )
  const counts = new Map(rows.map(({ n, count }) => [Number(n), Number(count)]))
  return outputs.map((_output, n) => counts.get(n) ?? 0)
}

/** Which of some builds meet a filter, in the given order. */
export async function areListed(
  db: Reader,
  ids: readonly BuildId[],
  filter: BuildFilter,
): Promise<boolean[]> {
  const rows = await db.$queryRaw<{ id: BuildId }[]>(
    sql`SELECT b.id AS id FROM "Build" b WHERE b.id IN (${join([...ids])}) AND ${conditions(filter)}`,
  )
  const found = new Set(rows.map(({ id }) => id))
  return ids.map((id) => found.has(id))
}

/**
 * Number of builds with each of some pairs of an input and a main binary, in the given order. It counts entries of an
 * index.
 */
export async function countBuildsOfOutputs(db: Reader, outputs: readonly OutputOfInput[]): Promise<number[]> {
  const keys = outputs.map(
    ({ inputId, sha256 }, n) => sql`(${integer(n)}, ${hash(inputId)}, ${hash(sha256)})`,
  )
  const rows = await db.$queryRaw<{ n: number | bigint; count: bigint }[]>(
    sql`WITH k(n, "inputId", sha256) AS (VALUES ${join(keys)})
      SELECT k.n AS n, (SELECT COUNT(*) FROM "Build" b WHERE b."inputId" = k."inputId" AND b."mainBinarySha256" = k.sha256) AS count
      FROM k`,
  )
  const counts = new Map(rows.map(({ n, count }) => [Number(n), Number(count)]))
  return outputs.map((_output, n) => counts.get(n) ?? 0)
}

/** The newest outputs of an input, each with the newest build of it from this input, and the number of all. */
export type OutputsOfInput = { newest: { sha256: string; id: BuildId }[]; count: number }

/**
 * The newest `limit` outputs of each of some inputs, in the given order. Of builds that started at the same time, the
 * one that was stored last is first, as in all lists. Raw SQL: it groups entries of an index.
 */
export async function findOutputsOfInputs(
  db: Reader,
  inputIds: readonly string[],
  limit: number,
): Promise<OutputsOfInput[]> {
  const rows = await db.$queryRaw<{ inputId: string; sha256: string; id: BuildId; count: bigint }[]>(
    sql`SELECT o."inputId" AS "inputId", o.sha256 AS sha256, o.id AS id, o.count AS count
      FROM (SELECT n.*, COUNT(*) OVER (PARTITION BY n."inputId") AS count,
          ROW_NUMBER() OVER (PARTITION BY n."inputId" ORDER BY n."lastStartedAt" DESC, n.id DESC) AS place
        FROM (SELECT g.*, (SELECT c.id FROM "Build" c WHERE c."inputId" = g."inputId" AND c."mainBinarySha256" = g.sha256
              ORDER BY c."startedAt" DESC, c.id DESC LIMIT 1) AS id
            FROM (SELECT b."inputId" AS "inputId", b."mainBinarySha256" AS sha256, MAX(b."startedAt") AS "lastStartedAt"
              FROM "Build" b WHERE b."inputId" IN (${join(inputIds.map(hash))}) AND b."mainBinarySha256" IS NOT NULL
              GROUP BY b."inputId", b."mainBinarySha256") g) n) o
      WHERE o.place <= ${limit} ORDER BY o.place`,
  )
  const found = groupBy(rows, ({ inputId }) => inputId)
  return inputIds.map((inputId) => {
    const own = found.get(inputId) ?? []
    return { newest: own.map(({ sha256, id }) => ({ sha256, id })), count: Number(own[0]?.count ?? 0) }
  })
}

/** A condition of a build that is no part of its input id. */
export type BuildCondition = 'SCRIPT' | 'PLATFORM'
export type BuildConditions = { scriptSha256: string; platformId: PlatformId }

/** So many builds of each output are compared: the newest. */
export const maxComparedBuilds = 50

/** The distinct conditions of the newest builds of each of some outputs of inputs, in the given order. */
export async function findConditionsOfOutputs(
  db: Reader,
  outputs: readonly OutputOfInput[],
): Promise<BuildConditions[][]> {
  const keys = outputs.map(
    ({ inputId, sha256 }, n) => sql`(${integer(n)}, ${hash(inputId)}, ${hash(sha256)})`,
  )
  const rows = await db.$queryRaw<(BuildConditions & { n: number | bigint })[]>(
    sql`WITH k(n, "inputId", sha256) AS (VALUES ${join(keys)})
      SELECT DISTINCT k.n AS n, c."scriptSha256" AS "scriptSha256", c."platformId" AS "platformId"
      FROM k CROSS JOIN "Build" c WHERE c.id IN (
        SELECT b.id FROM "Build" b WHERE b."inputId" = k."inputId" AND b."mainBinarySha256" = k.sha256
        ORDER BY b."startedAt" DESC, b.id DESC LIMIT ${maxComparedBuilds})`,
  )
  const found = groupBy(rows, ({ n }) => Number(n))
  return outputs.map((_output, n) => found.get(n) ?? [])
}

/** The conditions that none of some builds shares with a build. Empty if there are no other builds. */
export function otherConditions(
  { scriptSha256, platformId }: BuildConditions,
  others: readonly BuildConditions[],
): BuildCondition[] {
  if (others.length === 0) return []
  const conditions: BuildCondition[] = []
  if (others.every((other) => other.scriptSha256 !== scriptSha256)) conditions.push('SCRIPT')
  if (others.every((other) => other.platformId !== platformId)) conditions.push('PLATFORM')
  return conditions
}
