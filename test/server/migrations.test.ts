import { execFile } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import { testProgram } from '../programs.ts'
import { projectDir, temporaryDir } from '../app.ts'

const shipped = join(projectDir, 'prisma/migrations')

/** A copy of the migrations that a test may change, and a place for a database. */
function setUp() {
  const dir = temporaryDir()
  const folder = join(dir, 'migrations')
  cpSync(shipped, folder, { recursive: true })
  return { file: join(dir, 'hub.sqlite3'), folder, dir }
}

function addMigration(folder: string, name: string, sql: string): void {
  mkdirSync(join(folder, name))
  writeFileSync(join(folder, name, 'migration.sql'), sql)
}

function query<Row>(file: string, sql: string): Row[] {
  const db = new Database(file, { readonly: true })
  try {
    return db.prepare<[], Row>(sql).all()
  } finally {
    db.close()
  }
}

/**
 * Tables, columns, keys and indexes. Not the text that made them, nor the order of columns: both
 * differ between a table that was altered and one that was made at once.
 */
function schemaOf(file: string): Record<string, unknown> {
  const tables = query<{ name: string }>(
    file,
    // Prisma describes no tables of words.
    `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE '\\_prisma%' ESCAPE '\\'
     AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
  )
  return Object.fromEntries(
    tables.map(({ name }) => [
      name,
      {
        columns: query(
          file,
          `SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info('${name}') ORDER BY name`,
        ),
        keys: query(
          file,
          `SELECT "from", "table", "to", on_update, on_delete FROM pragma_foreign_key_list('${name}') ORDER BY "from"`,
        ),
        indexes: query(
          file,
          `SELECT i.name, i."unique", i.partial, group_concat(c.name || CASE c."desc" WHEN 1 THEN ' DESC' ELSE '' END) AS columns
           FROM pragma_index_list('${name}') i, pragma_index_xinfo(i.name) c WHERE c.key GROUP BY i.name ORDER BY i.name`,
        ),
      },
    ]),
  )
}

const namesOf = (folder: string) =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()

test('the migrations create the schema of schema.prisma', async () => {
  const { file, folder, dir } = setUp()
  migrateDatabase(file, folder)
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/schema-sql.mjs'], {
    cwd: projectDir,
  })
  const described = join(dir, 'described.sqlite3')
  new Database(described).exec(stdout).close()
  expect(Object.keys(schemaOf(described))).toEqual(
    expect.arrayContaining(['Artifact', 'Build', 'Job', 'User']),
  )
  expect(schemaOf(file)).toEqual(schemaOf(described))
})

test('migrating twice changes nothing', () => {
  const { file, folder } = setUp()
  expect(migrateDatabase(file, folder)).toEqual(namesOf(folder))
  const before = query(file, 'SELECT * FROM "_prisma_migrations"')
  expect(migrateDatabase(file, folder)).toEqual([])
  expect(query(file, 'SELECT * FROM "_prisma_migrations"')).toEqual(before)
})

test('new migrations are applied in order, once, and data stays', () => {
  const { file, folder } = setUp()
  migrateDatabase(file, folder)
  new Database(file).exec(`INSERT INTO "Platform" (name) VALUES ('debian-12')`).close()
  addMigration(folder, '9002_b', 'INSERT INTO "New" VALUES (2);')
  addMigration(folder, '9001_a', 'CREATE TABLE "New" (n INTEGER); INSERT INTO "New" VALUES (1);')
  expect(migrateDatabase(file, folder)).toEqual(['9001_a', '9002_b'])
  expect(migrateDatabase(file, folder)).toEqual([])
  expect(query(file, 'SELECT n FROM "New"')).toEqual([{ n: 1 }, { n: 2 }])
  expect(query(file, 'SELECT name FROM "Platform"')).toEqual([{ name: 'debian-12' }])
})

test('a migration that fails leaves nothing behind, nor do those before it', () => {
  const { file, folder } = setUp()
  migrateDatabase(file, folder)
  const before = schemaOf(file)
  addMigration(folder, '9001_good', 'CREATE TABLE "Good" (n INTEGER);')
  addMigration(folder, '9002_bad', 'CREATE TABLE "Half" (n INTEGER); SELECT n FROM nowhere;')
  expect(() => migrateDatabase(file, folder)).toThrow('no such table: nowhere')
  expect(schemaOf(file)).toEqual(before)
})

test('a migration whose text has changed is refused by name', () => {
  const { file, folder } = setUp()
  migrateDatabase(file, folder)
  appendFileSync(join(folder, '0001_init/migration.sql'), '\n-- changed\n')
  expect(() => migrateDatabase(file, folder)).toThrow(
    `migration 0001_init has changed since ${file} was made with it`,
  )
})

test('a database of a newer version is refused, and the message says what to do', () => {
  const { file, folder } = setUp()
  const last = String(namesOf(folder).at(-1))
  addMigration(folder, '9001_future', 'CREATE TABLE "Future" (n INTEGER);')
  migrateDatabase(file, folder)
  expect(() => migrateDatabase(file, shipped)).toThrow(
    `${file} was made by a newer version (migrations 9001_future). This version knows up to ${last}: ` +
      `run "hub migrate down --to ${last}" of the newer version first, or upgrade this one`,
  )
})

test('a file that is no database is refused', () => {
  const { file, folder } = setUp()
  writeFileSync(file, 'this is not a database, but it is long enough to be read as one'.repeat(100))
  expect(() => migrateDatabase(file, folder)).toThrow('not a database')
})

test('of processes that start at once one migrates, and the others find it done', async () => {
  const { file, folder } = setUp()
  const started = Array.from({ length: 4 }, () =>
    promisify(execFile)(process.execPath, [testProgram('migrate'), file, folder]),
  )
  const applied = (await Promise.all(started)).map(({ stdout }) => JSON.parse(stdout) as string[])
  expect(applied.filter((names) => names.length > 0)).toEqual([namesOf(folder)])
  expect(query(file, 'SELECT COUNT(*) AS count FROM "_prisma_migrations"')).toEqual([
    { count: namesOf(folder).length },
  ])
})

test('the database that is used has WAL, full synchronization and foreign keys', async () => {
  const { file, folder } = setUp()
  migrateDatabase(file, folder)
  const { writer, closeDatabase } = await openDatabase(file)
  const read = (pragma: string) => writer.transact([], (tx) => tx.$queryRawUnsafe(`PRAGMA ${pragma}`))
  try {
    expect(await read('journal_mode')).toEqual([{ journal_mode: 'wal' }])
    // 2 is FULL.
    expect(await read('synchronous')).toEqual([{ synchronous: 2n }])
    expect(await read('foreign_keys')).toEqual([{ foreign_keys: 1n }])
  } finally {
    await closeDatabase()
  }
})
