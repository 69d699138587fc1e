import type { SiteDatabase } from '../site-database.ts'
import { isDatabaseNew, migrateDatabase, missingMigrations } from './migrate-sqlite.ts'
import { openDatabase } from './open-sqlite.ts'

/** The database in `file`, with the migrations in `folder`. */
export function sqliteDatabase(file: string, folder: string): SiteDatabase {
  return {
    name: file,
    isNew: async () => isDatabaseNew(file),
    missingMigrations: async () => missingMigrations(file, folder),
    migrate: async () => migrateDatabase(file, folder),
    // The lock of the data directory is that of its database, too.
    lock: async () => ({ async release() {} }),
    open: (options) => openDatabase(file, undefined, options),
  }
}
