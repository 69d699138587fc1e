import pg from 'pg'
import type { SiteDatabase } from '../site-database.ts'
import { migratePostgresql, missingPostgresqlMigrations } from './migrate-postgresql.ts'
import { openPostgresql } from './open-postgresql.ts'

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
    missingMigrations: () => withClient(url, (client) => missingPostgresqlMigrations(client, folder)),
    migrate: () => withClient(url, (client) => migratePostgresql(client, folder)),
    open: async () => openPostgresql(url),
  }
}

/** The address without its password. */
function nameOf(url: string): string {
  const shown = new URL(url)
  shown.password = ''
  return shown.href
}

async function withClient<T>(url: string, action: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return await action(client)
  } finally {
    await client.end()
  }
}
