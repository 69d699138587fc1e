import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { inject, onTestFinished } from 'vitest'
import type { Database } from '../server/database/connections.ts'
import { openDatabase, openSqliteClient } from '../server/database/sqlite/open-sqlite.ts'
import { openPostgresql, openPostgresqlClient } from '../server/database/postgresql/open-postgresql.ts'
import { reusedClients } from './reused-clients.ts'
import { copyTemplate, templateDatabase } from './template.ts'

/** Address of the PostgreSQL server that the tests of this run use instead of SQLite; undefined: SQLite. */
export const postgresqlUrl = inject('postgresqlUrl')

declare module 'vitest' {
  interface ProvidedContext {
    postgresqlUrl?: string
  }
}

/** Whether tests run on SQLite. For facts of SQLite itself: its file, its plans, its locks. */
export const isSqlite = postgresqlUrl === undefined

const openSqlite = reusedClients(openSqliteClient)
const openOnPostgresql = reusedClients(openPostgresqlClient)

export type FreshDatabase = Database & { openAgain: () => Promise<Database> }

/**
 * A database of the newest schema whose only content is alice, of the engine that the tests of this run use. On SQLite it
 * is the file `test.sqlite3` in `dir`. `openAgain` opens it as another server does.
 */
export async function freshDatabase(dir: string, onQuery?: (sql: string) => void): Promise<FreshDatabase> {
  if (postgresqlUrl === undefined) {
    const file = join(dir, 'test.sqlite3')
    copyTemplate(file)
    return {
      ...(await openDatabase(file, onQuery, { openClient: openSqlite })),
      openAgain: () => openDatabase(file),
    }
  }
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(`CREATE DATABASE ${name} TEMPLATE ${templateDatabase} STRATEGY FILE_COPY`)
  const url = new URL(`/${name}`, postgresqlUrl).href
  const database = openPostgresql(url, onQuery, { openClient: openOnPostgresql })
  return {
    ...database,
    openAgain: async () => openPostgresql(url),
    async closeDatabase() {
      await database.closeDatabase()
      await administer(`DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

/** The address of an empty PostgreSQL database, which is dropped after the test. `options` are those of CREATE DATABASE. */
export async function emptyDatabase(options = ''): Promise<string> {
  const { url, drop } = await makeDatabase(options)
  onTestFinished(drop)
  return url
}

/** The same for several tests: call `drop` after them. */
export async function makeDatabase(options = ''): Promise<{ url: string; drop: () => Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await administer(`CREATE DATABASE ${name} ${options}`)
  return {
    url: new URL(`/${name}`, postgresqlUrl).href,
    drop: () => administer(`DROP DATABASE ${name} WITH (FORCE)`),
  }
}

async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresqlUrl })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
