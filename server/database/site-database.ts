import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { DataDirInUseError } from '../data-dir-lock.ts'
import type { Database, OpenOptions } from './connections.ts'
import type { Integrity } from './integrity.ts'
import type { MigrateOptions, MigrationState } from './migrations.ts'
import type { BlobColumns, BlobListener, SavedDatabase } from './saved-database.ts'
import type { SharedDatabase } from './server-lease.ts'
import { sqliteDatabase } from './sqlite/sqlite-database.ts'
import { findProjectDir } from '../project-dir.ts'

/** The database of a site, before it is opened: PostgreSQL's, or SQLite's file in the data directory. */
export type SiteDatabase = {
  /** For messages to the operator; without a password. */
  name: string
  /** It is absent, or has no migration and no table of another program. Changes nothing. */
  isNew: () => Promise<boolean>
  /** Each migration. `newer`: what to do if the database is of a newer version than this program. Changes nothing. */
  migrations: () => Promise<{ states: MigrationState[]; newer: string | null }>
  /** Names of the migrations that `migrate`, or `undoMigrations`, would apply, or undo. Changes nothing. Throws as they do. */
  plan: (direction: 'up' | 'down', to?: string) => Promise<string[]>
  /**
   * Migrate it to the newest schema, or up to a migration. SQLite's file is copied before, PostgreSQL's database is not.
   * Returns the names of the migrations that were applied. Throws WrongDatabaseError, NoSuchMigrationError,
   * NoRoomForCopyError.
   */
  migrate: (options?: MigrateOptions) => Promise<string[]>
  /** Undo migrations: the last one, or all after one. Returns their names, the newest first. Throws as `migrate` does. */
  undoMigrations: (options?: MigrateOptions) => Promise<string[]>
  /**
   * Writes what is committed to a file in `folder`, durably, and tells every blob in the columns of what it has written, each
   * once, in the order of their hashes. Others read and write meanwhile. Throws NoRoomForCopyError, PostgresqlProgramError.
   */
  save: (folder: string, columns: BlobColumns, onBlobs: BlobListener) => Promise<SavedDatabase>
  /** Fills it, which is new, from a saved file of the same engine. If that is interrupted, it is still new. Throws as `save`. */
  restore: (savedFile: string) => Promise<void>
  /**
   * Held by a server while it runs. Throws DataDirInUseError if another one has it. `onLost`: another one has it now, since
   * the connection broke on which it was held. `isShared`: other servers have it, too, but no command. Only PostgreSQL's can be.
   */
  lock: (
    onLost?: (error: DataDirInUseError) => void,
    options?: { isShared?: boolean },
  ) => Promise<{ release: () => Promise<void> }>
  open: (options?: OpenOptions) => Promise<Database>
  /** For several servers; null: this database serves one. */
  share: (() => SharedDatabase) | null
  /** Checks of the engine's own. They take an opened database. */
  integrity: Integrity
}

/** The folder with the migrations of an engine. */
export const migrationsFolder = (databaseUrl: string, projectDir = findProjectDir()): string =>
  join(projectDir, 'prisma', databaseUrl === '' ? 'migrations' : 'postgresql')

/** Names of the migrations that a database lacks. Changes nothing. */
export async function missingMigrations({ migrations }: Pick<SiteDatabase, 'migrations'>): Promise<string[]> {
  const { states } = await migrations()
  return states.flatMap(({ name, isApplied }) => (isApplied ? [] : [name]))
}

/** The database that the settings name. PostgreSQL's driver is loaded only if it is used. */
export async function siteDatabaseOf(
  { databaseUrl, databaseFile }: Pick<Config, 'databaseUrl' | 'databaseFile'>,
  projectDir = findProjectDir(),
): Promise<SiteDatabase> {
  const migrations = migrationsFolder(databaseUrl, projectDir)
  if (databaseUrl === '') return sqliteDatabase(databaseFile, migrations)
  const { postgresqlDatabase } = await import('./postgresql/postgresql-database.ts')
  return postgresqlDatabase(databaseUrl, migrations)
}
