import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import BetterSqlite3 from 'better-sqlite3'
import { isDatabaseBusy } from './database-errors.ts'
import { DomainError } from './errors.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import type { Database } from './connections.ts'
import { createWriter, type Patience, type WriterEngine } from './writer.ts'

/** Statements of other processes that lock readers out (recovery, the last close) take a moment. */
const readTimeoutMs = 50

/** Time limit for opening a database that other processes open and close. */
const openTimeoutMs = 10_000

/**
 * The code that depends on SQLite: the driver, its pragmas, and the migrations. Its errors are in
 * database-errors.ts. The rest of the server uses Prisma, or SQL that PostgreSQL understands, too.
 */
export async function openDatabase(
  file: string,
  onQuery?: (sql: string) => void,
  { onLocked, ...patience }: Patience & { onLocked?: () => void } = {},
): Promise<Database> {
  const open = (adapter: SqlDriverAdapterFactory) => {
    const client = new PrismaClient({
      adapter,
      ...(onQuery ? { log: [{ emit: 'event', level: 'query' }] } : {}),
      transactionOptions: { maxWait: 120_000, timeout: 120_000 },
    })
    if (onQuery) (client as PrismaClient<'query'>).$on('query', (event) => onQuery(event.query))
    return client
  }
  const timestampFormat = 'unixepoch-ms'
  const writing = open(
    immediateTransactions(new PrismaBetterSqlite3({ url: file, timeout: 0 }, { timestampFormat })),
  )
  const reading = open(new PrismaBetterSqlite3({ url: file, timeout: readTimeoutMs }, { timestampFormat }))
  // FULL: a commit that was acknowledged survives power loss, also in WAL mode.
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON'])
    await whenFree(() => writing.$queryRawUnsafe(`PRAGMA ${pragma}`), onLocked)
  await whenFree(() => reading.$queryRawUnsafe('PRAGMA query_only = ON'), onLocked)
  return {
    db: reading,
    writer: createWriter(writing, engine, patience),
    async closeDatabase() {
      await reading.$disconnect()
      await writing.$disconnect()
    },
  }
}

/** BEGIN IMMEDIATE takes the write lock, or fails at once. */
const engine: WriterEngine = {
  async begin() {},
  isBusy: (code) => code.startsWith('SQLITE_BUSY'),
  isRetryable: () => false,
}

/**
 * Repeats `action` while another process locks the database, as the last one that closes it does for a moment.
 * `onLocked` is called each time that it is locked.
 */
async function whenFree<T>(action: () => Promise<T>, onLocked?: () => void): Promise<T> {
  const deadline = performance.now() + openTimeoutMs
  for (;;) {
    try {
      return await action()
    } catch (error) {
      if (!isDatabaseBusy(error) || performance.now() >= deadline) throw error
      onLocked?.()
      await sleep(20)
    }
  }
}

/**
 * Transactions take the write lock when they begin: the adapter's own begin by reading, and one that writes
 * after another process has written fails in its middle.
 */
function immediateTransactions(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    async connect() {
      const adapter = await factory.connect()
      adapter.startTransaction = async () => {
        await adapter.executeRaw({ sql: 'BEGIN IMMEDIATE', args: [], argTypes: [] })
        return {
          provider: adapter.provider,
          adapterName: adapter.adapterName,
          queryRaw: (query) => adapter.queryRaw(query),
          executeRaw: (query) => adapter.executeRaw(query),
          // Prisma sends COMMIT and ROLLBACK as statements.
          options: { usePhantomQuery: false },
          commit: () => Promise.resolve(),
          rollback: () => Promise.resolve(),
        }
      }
      return adapter
    },
  }
}

/** The database is not one that this version can use. */
export class WrongDatabaseError extends DomainError {
  override readonly name = 'WrongDatabaseError'
}

/** A folder of the migrations' folder, e.g. `0001_init`. */
type Migration = { name: string; sql: string; checksum: string }

export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    })
}

/** The file is absent, or has no table. Changes nothing. */
export function isDatabaseNew(file: string): boolean {
  if (!existsSync(file)) return true
  const sqlite = new BetterSqlite3(file, { timeout: 10_000 })
  try {
    return sqlite.prepare('SELECT 1 FROM sqlite_master').get() === undefined
  } finally {
    sqlite.close()
  }
}

/** Names of the migrations that the database lacks; all of them if it does not exist. Changes nothing. */
export function missingMigrations(file: string, folder: string): string[] {
  const names = readMigrations(folder).map(({ name }) => name)
  if (!existsSync(file)) return names
  const sqlite = new BetterSqlite3(file, { timeout: 10_000 })
  try {
    const isMigrated = sqlite.prepare(`SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'`).get()
    if (isMigrated === undefined) return names
    const applied = sqlite
      .prepare<[], { name: string }>(
        'SELECT migration_name AS name FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
      )
      .all()
    return names.filter((name) => !applied.some((one) => one.name === name))
  } finally {
    sqlite.close()
  }
}

/**
 * Migrates the database to the newest schema, and creates it if it is missing. Each migration is one
 * transaction, recorded in `_prisma_migrations` in the format of Prisma's own tools.
 *
 * Returns the names of the migrations that it applied. Throws if the database has a migration that this
 * version lacks (the database is too new), or one whose text has changed since, or tables of
 * another program.
 */
export function migrateDatabase(file: string, folder: string): string[] {
  const sqlite = new BetterSqlite3(file, { timeout: 10_000 })
  try {
    const tables = sqlite
      .prepare<[], { name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .all()
      .map(({ name }) => name)
    if (tables.length > 0 && !tables.includes('_prisma_migrations')) {
      throw new WrongDatabaseError(
        `${file} is a database of another program (with the table ${tables[0]}): choose another data directory`,
      )
    }
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = FULL')
    sqlite.exec(`CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
      "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME,
      "migration_name" TEXT NOT NULL, "logs" TEXT, "rolled_back_at" DATETIME,
      "started_at" DATETIME NOT NULL DEFAULT current_timestamp, "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0)`)
    const migrations = readMigrations(folder)
    const names = new Set(migrations.map(({ name }) => name))
    const applyMissing = sqlite.transaction(() => {
      const applied = new Map(
        sqlite
          .prepare<[], { migration_name: string; checksum: string }>(
            'SELECT migration_name, checksum FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
          )
          .all()
          .map((row) => [row.migration_name, row.checksum]),
      )
      const unknown = [...applied.keys()].filter((name) => !names.has(name))
      if (unknown.length > 0) {
        throw new WrongDatabaseError(
          `${file} was made by a newer version (migrations ${unknown.join(', ')}): upgrade this one`,
        )
      }
      const record = sqlite.prepare(
        `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
         VALUES (?, ?, ?, ?, ?, 1)`,
      )
      return migrations.flatMap(({ name, sql, checksum }) => {
        const known = applied.get(name)
        if (known === checksum) return []
        if (known !== undefined)
          throw new WrongDatabaseError(`migration ${name} has changed since ${file} was made with it`)
        const startedAt = Date.now()
        sqlite.exec(sql)
        record.run(crypto.randomUUID(), checksum, name, startedAt, Date.now())
        return [name]
      })
    })
    // IMMEDIATE: if two processes start at the same time, one waits for the other.
    return applyMissing.immediate()
  } finally {
    sqlite.close()
  }
}
