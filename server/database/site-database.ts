import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { DataDirInUseError } from '../data-dir-lock.ts'
import type { Database, OpenOptions } from './connections.ts'
import { sqliteDatabase } from './sqlite/sqlite-database.ts'
import { findProjectDir } from '../project-dir.ts'

/** The database of a site, before it is opened: PostgreSQL's, or SQLite's file in the data directory. */
export type SiteDatabase = {
  /** For messages to the operator; without a password. */
  name: string
  /** It is absent, or has no table. Changes nothing. */
  isNew: () => Promise<boolean>
  /** Names of the migrations that it lacks. Changes nothing. */
  missingMigrations: () => Promise<string[]>
  /** Migrate it to the newest schema. Returns the names of the migrations that were applied. Throws WrongDatabaseError. */
  migrate: () => Promise<string[]>
  /**
   * Held by a server while it runs. Throws DataDirInUseError if another one has it. `onLost`: another one has it now, since
   * the connection broke on which it was held.
   */
  lock: (onLost?: (error: DataDirInUseError) => void) => Promise<{ release: () => Promise<void> }>
  open: (options?: OpenOptions) => Promise<Database>
}

/** The database that the settings name. PostgreSQL's driver is loaded only if it is used. */
export async function siteDatabaseOf(
  { databaseUrl, databaseFile }: Pick<Config, 'databaseUrl' | 'databaseFile'>,
  projectDir = findProjectDir(),
): Promise<SiteDatabase> {
  const migrations = join(projectDir, 'prisma')
  if (databaseUrl === '') return sqliteDatabase(databaseFile, join(migrations, 'migrations'))
  const { postgresqlDatabase } = await import('./postgresql/postgresql-database.ts')
  return postgresqlDatabase(databaseUrl, join(migrations, 'postgresql'))
}
