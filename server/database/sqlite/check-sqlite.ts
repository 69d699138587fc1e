import { Prisma } from '../../generated/prisma/client.ts'
import type { Integrity, Violation } from '../integrity.ts'

const { sql, raw } = Prisma

const mostMessages = 100
/** More of them are found by the next look, when these are repaired. */
const mostViolations = 10_000

/** SQLite's own checks. They lock nobody out. A quick check does not compare indexes with their tables. */
export const sqliteIntegrity: Integrity = {
  async *findDamage(db, isQuick) {
    const check = raw(`${isQuick ? 'quick_check' : 'integrity_check'}(${mostMessages})`)
    const rows = await db.$queryRaw<Record<string, string>[]>(sql`PRAGMA ${check}`)
    for (const message of rows.flatMap((row) => Object.values(row)))
      if (message !== 'ok') yield { part: null, message }
    return null
  },

  async findViolations(db) {
    const rows = await db.$queryRaw<(Omit<Violation, 'rowId'> & { rowId: number | bigint })[]>(
      sql`SELECT c."table" AS "table", c.rowid AS "rowId", c.parent AS parent, f."from" AS "column", f.on_delete AS "onDelete"
        FROM pragma_foreign_key_check AS c, pragma_foreign_key_list(c."table") AS f
        WHERE f.id = c.fkid LIMIT ${mostViolations}`,
    )
    return rows.map((row) => ({ ...row, rowId: Number(row.rowId) }))
  },

  async removeViolation(tx, { table, rowId, column, onDelete }) {
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
  },
}
