import type { SiteDatabase } from '../site-database.ts'
import { sqliteIntegrity } from './check-sqlite.ts'
import {
  isDatabaseNew,
  migrateDatabase,
  planOfSqlite,
  sqliteMigrations,
  undoMigrations,
} from './migrate-sqlite.ts'
import { openDatabase } from './open-sqlite.ts'
import { restoreSqlite, saveSqlite } from './save-sqlite.ts'

/** The database in `file`, with the migrations in `folder`. */
export function sqliteDatabase(file: string, folder: string): SiteDatabase {
  return {
    name: file,
    isNew: async () => isDatabaseNew(file),
    migrations: async () => sqliteMigrations(file, folder),
    plan: async (direction, to) => planOfSqlite(file, folder, direction, to),
    migrate: async (options) => migrateDatabase(file, folder, { isCopied: true, ...options }),
    undoMigrations: async (options) => undoMigrations(file, folder, { isCopied: true, ...options }),
    save: (folder, columns, onBlobs) => saveSqlite(file, folder, columns, onBlobs),
    restore: (saved) => restoreSqlite(saved, file),
    // The lock of the data directory is that of its database, too.
    lock: async () => ({ async release() {} }),
    open: (options) => openDatabase(file, undefined, options),
    share: null,
    integrity: sqliteIntegrity,
  }
}
