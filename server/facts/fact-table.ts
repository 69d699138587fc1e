import { hash } from '../database/sql.ts'
import { isHashColumn } from '../database/hash.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { JobId } from '../ids.ts'
import type { Reader } from '../database/reader.ts'
import { slicesOf } from '../slices.ts'
import type { Transaction } from '../database/writer.ts'
import { eachBuildOfJob, type StoredBuild } from './build-facts.ts'
import type { Difference, FactRow, FactRule, FactValue } from './fact-rule.ts'

const { sql, join, raw } = Prisma

/** Up to 17 parameters each, of the 32,766 that SQLite takes. */
const rowsPerStatement = 1_000

/** A table of facts; the names of its columns as in the database. */
export type FactTable = { rule: string; table: string; key: readonly string[]; values: readonly string[] }

/** Collects the rows of a job from its builds, which it sees in the order of their arrival. */
export type Projection = { see: (build: StoredBuild) => void; rows: () => FactRow[] }

/**
 * `rebuild` and `check` of a table with a column `jobId`, whose rows follow from the builds of their job alone.
 * Raw SQL: the name of the table is a value here.
 */
export function rulesOfJobs(
  table: FactTable,
  project: (jobId: JobId) => Projection,
): Pick<FactRule, 'rebuild' | 'check'> {
  async function check(db: Reader, jobId: JobId): Promise<Difference[]> {
    const projection = project(jobId)
    for await (const builds of eachBuildOfJob(db, jobId)) builds.forEach(projection.see)
    const found = await db.$queryRaw<FactRow[]>(
      sql`SELECT ${namesOf([...table.key, ...table.values])} FROM ${quoted(table.table)} WHERE "jobId" = ${jobId}`,
    )
    return compareRows(table, projection.rows(), found)
  }
  return {
    check: async (db, scope) => (scope === 'unowned' ? [] : check(db, scope.jobId)),
    rebuild: async (tx, scope) =>
      scope === 'unowned' ? 0 : writeExpected(tx, table, await check(tx, scope.jobId)),
  }
}

/** What is different between the rows that should be there and those that are. */
export function compareRows(
  table: FactTable,
  expected: readonly FactRow[],
  found: readonly FactRow[],
): Difference[] {
  const keyOf = (row: FactRow) => JSON.stringify(table.key.map((name) => plain(row[name])))
  const stored = new Map(found.map((row) => [keyOf(row), row]))
  const differences: Difference[] = []
  const report = (row: FactRow, parts: Pick<Difference, 'expected' | 'found'>) =>
    differences.push({ rule: table.rule, table: table.table, key: pick(row, table.key), ...parts })
  for (const row of expected) {
    const own = stored.get(keyOf(row))
    stored.delete(keyOf(row))
    const wrong = own ? table.values.filter((name) => plain(row[name]) !== plain(own[name])) : table.values
    if (wrong.length > 0) report(row, { expected: pick(row, wrong), found: own ? pick(own, wrong) : null })
  }
  for (const row of stored.values()) report(row, { expected: null, found: pick(row, table.values) })
  return differences
}

/** Writes the rows that differ as they should be. Returns their number. */
export async function writeExpected(
  tx: Transaction,
  { table, key }: FactTable,
  differences: readonly Difference[],
): Promise<number> {
  for (const { key: values, expected, found } of differences) {
    const where = join(
      key.map((name) => sql`${quoted(name)} = ${parameterOf(name, values[name])}`),
      ' AND ',
    )
    if (expected === null) await tx.$executeRaw(sql`DELETE FROM ${quoted(table)} WHERE ${where}`)
    else if (found !== null) {
      const changes = Object.entries(expected).map(
        ([name, value]) => sql`${quoted(name)} = ${parameterOf(name, value)}`,
      )
      await tx.$executeRaw(sql`UPDATE ${quoted(table)} SET ${join(changes)} WHERE ${where}`)
    }
  }
  const missing = differences
    .filter(({ found }) => found === null)
    .map(({ key: values, expected }): FactRow => ({ ...values, ...expected }))
  for (const rows of slicesOf(missing, rowsPerStatement)) {
    const names = Object.keys(rows[0] ?? {})
    const values = rows.map((row) => sql`(${join(names.map((name) => parameterOf(name, row[name])))})`)
    await tx.$executeRaw(sql`INSERT INTO ${quoted(table)} (${namesOf(names)}) VALUES ${join(values)}`)
  }
  return differences.length
}

/** A value as a column stores it. */
const parameterOf = (name: string, value: FactValue | undefined) =>
  isHashColumn(name) && typeof value === 'string' ? hash(value) : sql`${value}`

/** Names of tables and columns come from this folder, never from a user. */
const quoted = (name: string) => raw(`"${name}"`)
const namesOf = (names: readonly string[]) => join(names.map(quoted))

function pick(row: FactRow, names: readonly string[]): FactRow {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
}

/** Drivers give whole numbers as number or bigint, and times as Date. */
function plain(value: FactValue | undefined): string | boolean | null {
  if (value instanceof Date) return value.toISOString()
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : (value ?? null)
}
