import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import { projectDir, temporaryDir } from '../app.ts'

const shipped = join(projectDir, 'prisma/migrations')

/** The first migration with hashes as bytes. Earlier ones store hexadecimal digits. */
export const firstWithBytes = '0019'

/** Names of the migrations from one on, in their order, e.g. from `0019`. */
export const migrationsFrom = (first: string): string[] =>
  readdirSync(shipped, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name >= first)
    .map(({ name }) => name)
    .sort()

/**
 * Writes the rows of a database of the newest schema into a new file of the schema before migration `first`. What the
 * older schema has no table or column for is left out. Returns the path of the file.
 */
export function olderDatabase(newest: string, first: string = firstWithBytes): string {
  const dir = temporaryDir()
  const [folder, older] = [join(dir, 'migrations'), join(dir, 'older.sqlite3')]
  for (const name of migrationsFrom(''))
    if (name < first) cpSync(join(shipped, name), join(folder, name), { recursive: true })
  migrateDatabase(older, folder)
  const db = new Database(older)
  db.pragma('foreign_keys = OFF')
  db.exec(`ATTACH '${newest}' AS newest`)
  const tables = db
    .prepare<[], string>(
      `SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_prisma%' ESCAPE '\\'
       AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name IN (SELECT name FROM newest.sqlite_master)`,
    )
    .pluck()
    .all()
  for (const table of [...tables, 'sqlite_sequence']) {
    const columns = db
      .prepare<[], { name: string; type: string; newType: string }>(
        `SELECT o.name, o.type, n.type AS "newType" FROM pragma_table_info('${table}', 'main') o
         JOIN pragma_table_info('${table}', 'newest') n ON n.name = o.name`,
      )
      .all()
    const names = columns.map(({ name }) => `"${name}"`).join(', ')
    const values = columns.map(({ name, type, newType }) =>
      type === 'TEXT' && newType === 'BLOB' ? `NULLIF(LOWER(HEX("${name}")), '')` : `"${name}"`,
    )
    db.exec(
      `DELETE FROM main."${table}"; INSERT INTO main."${table}" (${names}) SELECT ${values.join(', ')} FROM newest."${table}"`,
    )
  }
  db.exec('DETACH newest').close()
  return older
}
