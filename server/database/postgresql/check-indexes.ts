import { Prisma } from '../../generated/prisma/client.ts'
import type { Reader } from '../reader.ts'

const { sql } = Prisma

/**
 * Compares every index with its table, by the extension amcheck, and yields what differs. Returns the number of indexes;
 * null: the extension is not installed.
 */
export async function* checkIndexes(
  db: Reader,
): AsyncGenerator<{ index: string; message: string }, number | null, void> {
  const [amcheck] = await db.$queryRaw<unknown[]>(
    sql`SELECT extname::text AS name FROM pg_extension WHERE extname = 'amcheck'`,
  )
  if (amcheck === undefined) return null
  const indexes = await db.$queryRaw<{ oid: number; name: string }[]>(
    sql`SELECT c.oid::int AS oid, c.relname::text AS name FROM pg_class c
      JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE a.amname = 'btree' AND c.relkind = 'i' AND n.nspname = current_schema() ORDER BY c.relname`,
  )
  for (const { oid, name } of indexes) {
    try {
      await db.$queryRaw(sql`SELECT bt_index_check(${oid}::int::oid::regclass, TRUE)::text AS checked`)
    } catch (error) {
      yield { index: name, message: error instanceof Error ? error.message : String(error) }
    }
  }
  return indexes.length
}
