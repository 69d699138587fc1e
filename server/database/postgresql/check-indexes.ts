import type pg from 'pg'
import { errorCode } from '../../blobs/storage-full.ts'
import { isDatabaseUnavailable } from '../database-errors.ts'
import type { Integrity } from '../integrity.ts'
import { DatabaseUnavailableError } from '../writer.ts'
import { connectTo } from './connect.ts'

/** PostgreSQL's codes of damage: `data_corrupted` and `index_corrupted`. */
const damageCodes = new Set(['XX001', 'XX002'])
const permissionDenied = '42501'
const enforced = 'PostgreSQL enforces references'

/**
 * PostgreSQL enforces references itself. The extension amcheck checks every index, if it is installed and the user may call it:
 * quickly, its order and its links; otherwise also that each row of the table is in it. It has a connection of its own, on which
 * a statement may take as long as it needs.
 */
export function postgresqlIntegrity(url: string): Integrity {
  return {
    async *findDamage(_db, isQuick) {
      const client = await connectTo(url)
      try {
        await client.query('SET statement_timeout = 0')
        const schema = await schemaOfAmcheck(client)
        if (schema === null)
          return `${enforced}; its files were not checked, because the extension amcheck is not installed`
        const check = `SELECT ${client.escapeIdentifier(schema)}.bt_index_check($1::oid::regclass, $2)`
        const indexes = await listIndexes(client)
        const unchecked: string[] = []
        for (const { oid, name } of indexes) {
          try {
            await client.query(check, [oid, !isQuick])
          } catch (error) {
            if (isDatabaseUnavailable(error)) throw new DatabaseUnavailableError()
            const [code, message] = [errorCode(error) ?? '', String(error)]
            if (code === permissionDenied)
              return `${enforced}; its files were not checked, because this user may not call amcheck: ${grant(schema)}`
            if (damageCodes.has(code)) yield { part: name, message }
            else unchecked.push(`${name} (${message})`)
          }
        }
        const what = isQuick
          ? `the order of ${indexes.length} indexes`
          : `${indexes.length} indexes with their tables`
        const left = unchecked.length === 0 ? '' : `; not checked: ${unchecked.join(', ')}`
        return `${enforced}; amcheck ${isQuick ? 'checked' : 'compared'} ${what}${left}`
      } finally {
        await client.end().catch(() => {})
      }
    },

    findViolations: () => Promise.resolve([]),
    removeViolation: () => Promise.resolve(null),
  }
}

const grant = (schema: string) =>
  `a superuser can permit it by GRANT EXECUTE ON FUNCTION ${schema}.bt_index_check(regclass, boolean) TO the user`

async function schemaOfAmcheck(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT n.nspname AS name FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'amcheck'`,
  )
  return rows[0]?.name ?? null
}

async function listIndexes(client: pg.Client): Promise<{ oid: number; name: string }[]> {
  const { rows } = await client.query<{ oid: number; name: string }>(
    `SELECT c.oid, c.relname AS name FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
      JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE a.amname = 'btree' AND c.relkind = 'i' AND i.indisvalid AND n.nspname = current_schema()
      ORDER BY c.relname`,
  )
  return rows
}
