import { Prisma } from '../../generated/prisma/client.ts'
import type { Integrity } from '../integrity.ts'

const { sql } = Prisma

/** PostgreSQL enforces references itself. The extension amcheck compares every index with its table, if it is installed. */
export const postgresqlIntegrity: Integrity = {
  async *findDamage(db) {
    const [amcheck] = await db.$queryRaw<unknown[]>(
      sql`SELECT extname::text AS name FROM pg_extension WHERE extname = 'amcheck'`,
    )
    if (amcheck === undefined)
      return 'PostgreSQL enforces references; its files were not checked, because the extension amcheck is not installed'
    const indexes = await db.$queryRaw<{ oid: number; name: string }[]>(
      sql`SELECT c.oid::int AS oid, c.relname::text AS name FROM pg_class c
        JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE a.amname = 'btree' AND c.relkind = 'i' AND n.nspname = current_schema() ORDER BY c.relname`,
    )
    for (const { oid, name } of indexes) {
      try {
        await db.$queryRaw(sql`SELECT bt_index_check(${oid}::int::oid::regclass, TRUE)::text AS checked`)
      } catch (error) {
        yield { part: name, message: error instanceof Error ? error.message : String(error) }
      }
    }
    return `PostgreSQL enforces references; amcheck compared ${indexes.length} indexes with their tables`
  },

  findViolations: () => Promise.resolve([]),
  removeViolation: () => Promise.resolve(null),
}
