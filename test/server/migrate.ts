// Migrates a database, and prints the names of the migrations that it applied, or undid with a fourth argument: the last one
// that stays. The database is copied before.
//
//   node dist/test/migrate.mjs FILE MIGRATIONS [TO]
import { migrateDatabase, undoMigrations } from '../../server/database/sqlite/migrate-sqlite.ts'

const [file = '', folder = '', to] = process.argv.slice(2)
const done =
  to === undefined
    ? migrateDatabase(file, folder, { isCopied: true })
    : undoMigrations(file, folder, { to, isCopied: true })
process.stdout.write(JSON.stringify(done))
