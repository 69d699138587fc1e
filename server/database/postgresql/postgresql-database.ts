import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { DataDirInUseError } from '../../data-dir-lock.ts'
import type { SiteDatabase } from '../site-database.ts'
import { connectTo, nameOf } from './connect.ts'
import { migratePostgresql, missingPostgresqlMigrations } from './migrate-postgresql.ts'
import { openPostgresql } from './open-postgresql.ts'

/** Number of the lock that a server holds as long as it runs. */
const serverLock = 0x62_68_73_76

/** PostgreSQL notices the end of a server that was killed within moments. */
const lockPatienceMs = 2_000

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
    async lock() {
      const client = await connectTo(url)
      const deadline = performance.now() + lockPatienceMs
      while (!(await tryLock(client))) {
        if (performance.now() < deadline) {
          await sleep(100)
          continue
        }
        await client.end()
        throw new DataDirInUseError(
          `another server uses ${nameOf(url)}: stop it, or give this one its own --database-url`,
        )
      }
      return { release: () => client.end().catch(() => {}) }
    },
    open: async (options) => openPostgresql(url, undefined, options),
  }
}

/** PostgreSQL releases the lock when the connection ends, however it does. */
async function tryLock(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ isMine: boolean }>('SELECT pg_try_advisory_lock($1) AS "isMine"', [
    serverLock,
  ])
  return rows[0]?.isMine ?? false
}

async function withClient<T>(url: string, action: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectTo(url)
  try {
    return await action(client)
  } finally {
    await client.end().catch(() => {})
  }
}
