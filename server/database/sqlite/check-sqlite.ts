import { Prisma } from '../../generated/prisma/client.ts'
import type { Reader } from '../reader.ts'
import type { Transaction } from '../writer.ts'

const { sql, raw } = Prisma

/** A row whose reference leads nowhere. `onDelete` is what the database does when the row that it refers to goes. */
export type Violation = { table: string; rowId: number; parent: string; column: string; onDelete: string }

const mostMessages = 100
/** More of them are found by the next look, when these are repaired. */
const mostViolations = 10_000

/** What SQLite says of its file; empty: it is whole. `isQuick` does not compare indexes with their tables. */
export async function findDamage(db: Reader, isQuick: boolean): Promise<string[]> {
  const check = raw(`${isQuick ? 'quick_check' : 'integrity_check'}(${mostMessages})`)
  const rows = await db.$queryRaw<Record<string, string>[]>(sql`PRAGMA ${check}`)
  return rows.flatMap((row) => Object.values(row)).filter((message) => message !== 'ok')
}

/** References to rows that do not exist. */
export async function findViolations(db: Reader): Promise<Violation[]> {
  const rows = await db.$queryRaw<(Omit<Violation, 'rowId'> & { rowId: number | bigint })[]>(
    sql`SELECT c."table" AS "table", c.rowid AS "rowId", c.parent AS parent, f."from" AS "column", f.on_delete AS "onDelete"
      FROM pragma_foreign_key_check AS c, pragma_foreign_key_list(c."table") AS f
      WHERE f.id = c.fkid LIMIT ${mostViolations}`,
  )
  return rows.map((row) => ({ ...row, rowId: Number(row.rowId) }))
}

/**
 * As the database does when the row that is missing is deleted: removes the reference or the row. Looks again whether the
 * reference leads nowhere; null: it does not.
 */
export async function removeViolation(
  tx: Transaction,
  { table, rowId, column, onDelete }: Violation,
): Promise<'reference' | 'row' | null> {
  const [name, field] = [raw(`"${table}"`), raw(`"${column}"`)]
  const still = await tx.$queryRaw<unknown[]>(
    sql`SELECT 1 AS "one" FROM pragma_foreign_key_check(${table}) AS c, pragma_foreign_key_list(${table}) AS f
      WHERE f.id = c.fkid AND c.rowid = ${rowId} AND f."from" = ${column}`,
  )
  if (still.length === 0) return null
  if (onDelete === 'SET NULL') {
    await tx.$executeRaw(sql`UPDATE ${name} SET ${field} = NULL WHERE rowid = ${rowId}`)
    return 'reference'
  }
  await tx.$executeRaw(sql`DELETE FROM ${name} WHERE rowid = ${rowId}`)
  return 'row'
}
