import type pg from 'pg'
import type { SiteDatabase } from '../site-database.ts'
import { postgresqlIntegrity } from './check-indexes.ts'
import { connectTo, nameOf } from './connect.ts'
import {
  migratePostgresql,
  planOfPostgresql,
  postgresqlMigrations,
  undoPostgresqlMigrations,
} from './migrate-postgresql.ts'
import { openPostgresql } from './open-postgresql.ts'
import { restorePostgresql, savePostgresql } from './save-postgresql.ts'
import { holdServerLock } from './server-lock.ts'

/** The database that `url` names, with the migrations in `folder`. */
export function postgresqlDatabase(url: string, folder: string): SiteDatabase {
  return {
    name: nameOf(url),
    isNew: () =>
      withClient(url, async (client) => {
        const { rows } = await client.query(
          'SELECT 1 FROM pg_tables WHERE schemaname = current_schema() LIMIT 1',
        )
        return rows.length === 0
      }),
    migrations: () => withClient(url, (client) => postgresqlMigrations(client, folder)),
    plan: (direction, to) => withClient(url, (client) => planOfPostgresql(client, folder, direction, to)),
    migrate: (options) => withClient(url, (client) => migratePostgresql(client, folder, options)),
    undoMigrations: (options) =>
      withClient(url, (client) => undoPostgresqlMigrations(client, folder, options)),
    save: (folder, columns, onHashes) => savePostgresql(url, folder, columns, onHashes),
    restore: (saved) => restorePostgresql(saved, url),
    lock: (onLost) => holdServerLock(url, onLost),
    open: async (options) => openPostgresql(url, undefined, options),
    integrity: postgresqlIntegrity(url),
  }
}

async function withClient<T>(url: string, action: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectTo(url)
  try {
    return await action(client)
  } finally {
    await client.end().catch(() => {})
  }
}
