import pg from 'pg'
import type { TortureSite } from './site.ts'

/** Number of the lock for writing: server/database/postgresql/open-postgresql.ts. */
const commitLock = 0x62_68_75_62

/** Holds the lock for writing of the site while `action` runs: no server commits then. */
export async function withCommitLock<T>(
  { databaseUrl }: Pick<TortureSite, 'databaseUrl'>,
  action: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [commitLock])
    return await action(client)
  } finally {
    await client.end()
  }
}

/** How many transactions wait for it. */
export async function waitersForCommit(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT COUNT(*)::int AS count FROM pg_locks WHERE locktype = 'advisory' AND objid = $1 AND NOT granted`,
    [commitLock],
  )
  return rows[0]?.count ?? 0
}
