import { existsSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import {
  newerVersion,
  planDown,
  planUp,
  readMigrations,
  statesOf,
  WrongDatabaseError,
  type AppliedMigration,
  type MigrateOptions,
  type MigrationState,
} from '../migrations.ts'
import { copyBefore, copySqlite, removeOlderCopies } from './copy-sqlite.ts'

/** The file is absent, or has no migration and no other table. Changes nothing. */
export function isDatabaseNew(file: string): boolean {
  if (!existsSync(file)) return true
  const sqlite = new BetterSqlite3(file, { timeout: 10_000 })
  try {
    const other = sqlite
      .prepare(
        `SELECT 1 FROM sqlite_master WHERE tbl_name <> '_prisma_migrations' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
      )
      .get()
    if (other !== undefined) return false
  } finally {
    sqlite.close()
  }
  return readApplied(file).length === 0
}

/** Each migration. `newer`: what to do if the database is of a newer version. Changes nothing. */
export function sqliteMigrations(
  file: string,
  folder: string,
): { states: MigrationState[]; newer: string | null } {
  const known = readMigrations(folder)
  const applied = existsSync(file) ? readApplied(file) : []
  return { states: statesOf(known, applied), newer: newerVersion(file, known, applied) }
}

/** Names of the migrations that a run would apply, or undo, in its order. Changes nothing. Throws as the run does. */
export function planOfSqlite(file: string, folder: string, direction: 'up' | 'down', to?: string): string[] {
  const plan = direction === 'up' ? planUp : planDown
  const applied = existsSync(file) ? readApplied(file) : []
  return plan(file, readMigrations(folder), applied, to).map(({ name }) => name)
}

function readApplied(file: string): AppliedMigration[] {
  const sqlite = new BetterSqlite3(file, { timeout: 10_000 })
  try {
    const isMigrated = sqlite.prepare(`SELECT 1 FROM sqlite_master WHERE name = '_prisma_migrations'`).get()
    return isMigrated === undefined ? [] : appliedIn(sqlite)
  } finally {
    sqlite.close()
  }
}

const appliedIn = (sqlite: BetterSqlite3.Database): AppliedMigration[] =>
  sqlite
    .prepare<[], { name: string; checksum: string; finishedAt: number | string | null }>(
      `SELECT migration_name AS name, checksum, finished_at AS "finishedAt" FROM "_prisma_migrations"
       WHERE rolled_back_at IS NULL`,
    )
    .all()
    .map(({ name, checksum, finishedAt }) => {
      const appliedAt = finishedAt === null ? null : new Date(finishedAt)
      return { name, checksum, appliedAt }
    })

/**
 * Migrates the database to the newest schema, or up to `to`, and creates it if it is missing, in one transaction. Each
 * migration is recorded in `_prisma_migrations` in the format of Prisma's own tools.
 *
 * Returns the names of the migrations that it applied. Throws WrongDatabaseError if the database has a migration that this
 * version lacks (the database is too new), or one whose text has changed since, or tables of
 * another program, or rows that a migration cannot take over; NoSuchMigrationError, NoRoomForCopyError.
 */
export function migrateDatabase(file: string, folder: string, options: MigrateOptions = {}): string[] {
  const known = readMigrations(folder)
  return inOneTransaction(file, 'up', options, (sqlite, applied) => {
    const record = sqlite.prepare(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES (?, ?, ?, ?, ?, 1)`,
    )
    return planUp(file, known, applied, options.to).map(({ name, sql, checksum }) => ({
      name,
      run() {
        const startedAt = Date.now()
        execute(sqlite, name, sql, 'applied')
        record.run(crypto.randomUUID(), checksum, name, startedAt, Date.now())
      },
    }))
  })
}

/**
 * Undoes the migrations after `to`, or the last one, in one transaction. Returns their names, the newest first. Throws
 * WrongDatabaseError if the database has a migration that this version lacks, or that has changed since; NoSuchMigrationError,
 * NoRoomForCopyError.
 */
export function undoMigrations(file: string, folder: string, options: MigrateOptions = {}): string[] {
  const known = readMigrations(folder)
  return inOneTransaction(file, 'down', options, (sqlite, applied) => {
    const forget = sqlite.prepare('DELETE FROM "_prisma_migrations" WHERE migration_name = ?')
    return planDown(file, known, applied, options.to).map(({ name, down }) => ({
      name,
      run() {
        execute(sqlite, name, down, 'undone')
        forget.run(name)
      },
    }))
  })
}

type Step = { name: string; run: () => void }

function inOneTransaction(
  file: string,
  direction: 'up' | 'down',
  { isCopied = false, onCopy }: MigrateOptions,
  plan: (sqlite: BetterSqlite3.Database, applied: AppliedMigration[]) => Step[],
): string[] {
  const sqlite = new BetterSqlite3(file, { timeout: 10_000 })
  try {
    prepare(sqlite, file)
    const run = sqlite.transaction(() => {
      const applied = appliedIn(sqlite)
      const steps = plan(sqlite, applied)
      const [first] = steps
      if (!first) return { names: [], copy: null }
      // Nobody writes between the copy and the first step: this transaction has the lock already.
      const copy = isCopied && applied.length > 0 ? copyBefore(file, direction, first.name) : null
      if (copy !== null) {
        copySqlite(file, copy)
        onCopy?.(copy)
      }
      for (const step of steps) step.run()
      checkForeignKeys(sqlite)
      return { names: steps.map(({ name }) => name), copy }
    })
    // IMMEDIATE: if two processes start at the same time, one waits for the other.
    const { names, copy } = run.immediate()
    if (copy !== null) removeOlderCopies(file, direction, copy)
    return names
  } finally {
    sqlite.close()
  }
}

/** Throws WrongDatabaseError if the database is another program's. */
function prepare(sqlite: BetterSqlite3.Database, file: string): void {
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
}

/** A migration stops with an error of its own, RAISE, if rows are not as it needs them. */
function execute(
  sqlite: BetterSqlite3.Database,
  name: string,
  sql: string,
  what: 'applied' | 'undone',
): void {
  try {
    sqlite.exec(sql)
  } catch (error) {
    if (error instanceof BetterSqlite3.SqliteError && error.code === 'SQLITE_CONSTRAINT_TRIGGER')
      throw new WrongDatabaseError(`migration ${name} cannot be ${what}: ${error.message}`)
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
