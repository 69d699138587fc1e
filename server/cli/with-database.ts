import type { Command } from 'commander'
import { readConfig, type Config } from '../config.ts'
import { DataDirInUseError } from '../data-dir-lock.ts'
import { checkNoBlobs, DatabaseMissingError, makeDataDir } from '../data-dir.ts'
import type { Database } from '../database/connections.ts'
import { siteDatabaseOf, type SiteDatabase } from '../database/site-database.ts'
import { DomainError } from '../errors.ts'
import { lockSite } from '../lock-site.ts'
import { environmentOf } from './settings.ts'

/** The database lacks migrations, and a server of the older version uses it. */
export class DatabaseServedError extends DomainError {
  override readonly name = 'DatabaseServedError'
}

/** The database lacks migrations, and this command does not apply them. */
export class DatabaseOlderError extends DomainError {
  override readonly name = 'DatabaseOlderError'
}

/** Migrate the database, unless a server of an older version uses it. Throws DatabaseServedError. */
export async function migrateUnlessServed(dataDir: string, database: SiteDatabase): Promise<void> {
  // Also refuses a database of a newer version. Takes no lock: a backup does not wait for uploads.
  const missing = await database.plan('up')
  if (missing.length === 0) return
  let lock
  try {
    lock = await lockSite(dataDir, database)
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error
    throw new DatabaseServedError(
      `the database lacks ${missing.join(', ')} and a server of an older version uses ${dataDir}: ` +
        'stop the server, run this again, and start the new version',
    )
  }
  try {
    await database.migrate()
  } finally {
    await lock.release()
  }
}

/** Throws DatabaseMissingError if there is no database, or blobs without one. */
export async function checkPresent(
  config: Pick<Config, 'blobDir' | 'blobStore' | 'dataDir' | 'databaseUrl'>,
  stored: SiteDatabase,
  { isCreated }: { isCreated: boolean },
): Promise<void> {
  if (!(await stored.isNew())) return
  await checkNoBlobs(stored.name, config)
  if (isCreated) return
  const { dataDir, databaseUrl } = config
  throw new DatabaseMissingError(
    databaseUrl === ''
      ? `there is no database in ${dataDir}: name the server's data directory by --data-dir or BUILDER_HUB_DATA_DIR`
      : `${stored.name} is empty: check --database-url or BUILDER_HUB_DATABASE_URL, or start the server once`,
  )
}

/**
 * Run an action on the database of the data directory; returns its result. If there is none, `isCreated` creates it, and its directory;
 * otherwise a wrong path would silently be an empty site. `isMigrated`: an older database is migrated. Throws
 * DatabaseMissingError, DatabaseServedError, DatabaseOlderError.
 */
export async function withDatabase<Result>(
  command: Command,
  action: (database: Database) => Promise<Result>,
  { isCreated = false, isMigrated = true }: { isCreated?: boolean; isMigrated?: boolean } = {},
): Promise<Result> {
  const config = readConfig(environmentOf(command))
  const stored = await siteDatabaseOf(config)
  await checkPresent(config, stored, { isCreated })
  if (!isMigrated && !(await stored.isNew())) await checkMigrated(stored)
  makeDataDir(config.dataDir)
  await migrateUnlessServed(config.dataDir, stored)
  const database = await stored.open()
  try {
    return await action(database)
  } finally {
    await database.closeDatabase()
  }
}

async function checkMigrated(database: SiteDatabase): Promise<void> {
  const missing = await database.plan('up')
  if (missing.length > 0)
    throw new DatabaseOlderError(
      `${database.name} lacks ${missing.join(', ')}, and this command does not migrate it: start the server of this ` +
        'version first, or run the command of the older version',
    )
}
