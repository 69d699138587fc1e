import { existsSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { readMigrations, WrongDatabaseError } from '../migrations.ts'

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
 * Migrates the database to the newest schema, and creates it if it is missing, in one transaction. Each migration is
 * recorded in `_prisma_migrations` in the format of Prisma's own tools.
 *
 * Returns the names of the migrations that it applied. Throws if the database has a migration that this
 * version lacks (the database is too new), or one whose text has changed since, or tables of
 * another program, or rows that a migration cannot take over.
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
    // A migration may replace a table that others refer to. Only outside of a transaction can this be set.
    sqlite.pragma('foreign_keys = OFF')
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
      const done = migrations.flatMap(({ name, sql, checksum }) => {
        const known = applied.get(name)
        if (known === checksum) return []
        if (known !== undefined)
          throw new WrongDatabaseError(`migration ${name} has changed since ${file} was made with it`)
        const startedAt = Date.now()
        executeMigration(sqlite, name, sql)
        record.run(crypto.randomUUID(), checksum, name, startedAt, Date.now())
        return [name]
      })
      if (done.length > 0) checkForeignKeys(sqlite)
      return done
    })
    // IMMEDIATE: if two processes start at the same time, one waits for the other.
    return applyMissing.immediate()
  } finally {
    sqlite.close()
  }
}

/** A migration stops with an error of its own, RAISE, if rows are not as it needs them. */
function executeMigration(sqlite: BetterSqlite3.Database, name: string, sql: string): void {
  try {
    sqlite.exec(sql)
  } catch (error) {
    if (error instanceof BetterSqlite3.SqliteError && error.code === 'SQLITE_CONSTRAINT_TRIGGER')
      throw new WrongDatabaseError(`migration ${name} cannot be applied: ${error.message}`)
    throw error
  }
}

type Violation = { table: string; rowid: number | null; parent: string }

/** Migrations run without foreign keys. A row that refers to none means that one of them has a fault. */
function checkForeignKeys(sqlite: BetterSqlite3.Database): void {
  const [violation] = sqlite.pragma('foreign_key_check') as Violation[]
  if (violation)
    throw new WrongDatabaseError(
      `row ${violation.rowid} of table ${violation.table} refers to a row of table ${violation.parent} that does not exist: ` +
        'restore the database from a backup, or correct this row',
    )
}
