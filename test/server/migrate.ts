// Migrates a database, and prints the names of the migrations that it applied.
//
//   node dist/test/migrate.mjs FILE MIGRATIONS
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'

const [file = '', folder = ''] = process.argv.slice(2)
process.stdout.write(JSON.stringify(migrateDatabase(file, folder)))
