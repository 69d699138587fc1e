import type pg from 'pg'
import type { SiteDatabase } from '../site-database.ts'
import { postgresqlIntegrity } from './check-indexes.ts'
import { connectTo, nameOf } from './connect.ts'
import {
  isPostgresqlNew,
  migratePostgresql,
  planOfPostgresql,
  postgresqlMigrations,
  undoPostgresqlMigrations,
} from './migrate-postgresql.ts'
import { openPostgresql } from './open-postgresql.ts'
import { restorePostgresql, savePostgresql } from './save-postgresql.ts'
import { sharedDatabase } from './shared-database.ts'
import { holdServerLock } from './server-lock.ts'

/** The database that `url` names, with the migrations in `folder`. */
export function postgresqlDatabase(url: string, folder: string): SiteDatabase {
  return {
    name: nameOf(url),
    isNew: () => withClient(url, isPostgresqlNew),
    migrations: () => withClient(url, (client) => postgresqlMigrations(client, folder)),
    plan: (direction, to) => withClient(url, (client) => planOfPostgresql(client, folder, direction, to)),
    migrate: (options) => withClient(url, (client) => migratePostgresql(client, folder, options)),
    undoMigrations: (options) =>
      withClient(url, (client) => undoPostgresqlMigrations(client, folder, options)),
    save: (folder, columns, onBlobs) => savePostgresql(url, folder, columns, onBlobs),
    restore: (saved) => restorePostgresql(saved, url),
    lock: (onLost, options) => holdServerLock(url, onLost, options),
    open: async (options) => openPostgresql(url, undefined, options),
    share: () => sharedDatabase(url),
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
