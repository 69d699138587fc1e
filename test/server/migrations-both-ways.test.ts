import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { readHeader, readMigrations } from '../../server/database/migrations.ts'
import { migrateDatabase, undoMigrations } from '../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import { rebuildNext } from '../../server/facts/rebuild-facts.ts'
import { projectDir, temporaryDir, testApp } from '../app.ts'
import {
  checkBothWays,
  expectAllKinds,
  fillWithAllKinds,
  normal,
  type Content,
  type MovedDatabase,
} from './both-ways.ts'
import { differences } from './facts/fact-site.ts'

const engines = ['migrations', 'postgresql'] as const
const folderOf = (engine: (typeof engines)[number]) => join(projectDir, 'prisma', engine)
const shipped = folderOf('migrations')

function reading<T>(file: string, read: (sqlite: Sqlite.Database) => T): T {
  const sqlite = new Sqlite(file, { readonly: true })
  try {
    return read(sqlite)
  } finally {
    sqlite.close()
  }
}

const isOurs = `name <> '_prisma_migrations' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`

/** The text of a schema differs in spaces, and in the commas that ALTER TABLE leaves. */
const schemaOf = (file: string) =>
  reading(file, (sqlite) =>
    sqlite
      .prepare<[], { name: string; sql: string | null }>(
        `SELECT name, sql FROM sqlite_master WHERE tbl_${isOurs} ORDER BY name`,
      )
      .all()
      .map(({ name, sql }) => ({ name, sql: sql?.replace(/\s+/g, ' ').replace(/ ?([(),]) ?/g, '$1') })),
  )

const contentOf = (file: string): Content =>
  reading(file, (sqlite) => {
    const tables = sqlite
      .prepare<[], string>(
        `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND ${isOurs}`,
      )
      .pluck()
      .all()
    const rows = (sql: string) => sqlite.prepare<[], Record<string, unknown>>(sql).all()
    return Object.fromEntries([
      ...tables.map((table) => [table, rows(`SELECT * FROM "${table}"`)]),
      // Ids of other tables never return.
      ...(tables.length === 0
        ? []
        : rows(`SELECT * FROM sqlite_sequence WHERE name NOT IN ('Analysis', 'QueuedTask')`).map(
            (row) => [`last id of ${String(row.name)}`, [row]] as const,
          )),
    ]) as Content
  })

const moved = (file: string): MovedDatabase => ({
  async moveTo(name) {
    if (name !== 'none') migrateDatabase(file, shipped, { to: name })
    if (existsSync(file)) undoMigrations(file, shipped, { to: name })
    else migrateDatabase(file, shipped, { to: name })
  },
  schema: async () => schemaOf(file),
  content: async () => contentOf(file),
})

let filled: Buffer | undefined

/** A database file of the newest schema, which is filled once. */
async function filledFile(): Promise<string> {
  const file = join(temporaryDir(), 'hub.sqlite3')
  filled ??= await fill()
  writeFileSync(file, filled)
  return file
}

async function fill(): Promise<Buffer> {
  const app = await testApp()
  await fillWithAllKinds(app)
  await expectAllKinds(app.deps)
  const file = join(temporaryDir(), 'hub.sqlite3')
  reading(join(app.deps.config.stagingDir, 'test.sqlite3'), (sqlite) => {
    sqlite.prepare('VACUUM INTO ?').run(file)
  })
  return readFileSync(file)
}

test.each(engines)('each migration of %s says what it does, and how it is undone', (engine) => {
  const wrong = readMigrations(folderOf(engine)).flatMap(({ name, down, description }) => {
    if (down === null) return [`${name} has no down.sql`]
    if (!/^\p{Lu}.{10,110}\.$/u.test(description))
      return [`the first line of ${name}/down.sql is no sentence in a comment that describes the migration`]
    return []
  })
  expect(wrong).toEqual([])
})

test('a migration of both engines has one description', () => {
  const describe = (engine: (typeof engines)[number]) =>
    new Map(readMigrations(folderOf(engine)).map(({ name, description }) => [name, description]))
  const [sqlite, postgresql] = [describe('migrations'), describe('postgresql')]
  const shared = [...postgresql].filter(([name]) => sqlite.has(name))
  expect(shared.length).toBeGreaterThan(3)
  expect(shared.filter(([name, text]) => sqlite.get(name) !== text)).toEqual([])
  // Later migrations are made for both.
  expect([...sqlite.keys()].filter((name) => name >= '0018').sort()).toEqual(
    [...postgresql.keys()].filter((name) => name >= '0018').sort(),
  )
})

test.each([
  ['-- One.\nDROP TABLE a;', { description: 'One.', loses: null }],
  ['-- One.\n-- Loses: two,\n--   three.\n\n-- four\nDROP', { description: 'One.', loses: 'two, three.' }],
  ['-- One.\n-- A remark.\n-- Loses: two.', { description: 'One.', loses: 'two.' }],
  ['DROP TABLE a;', { description: '', loses: null }],
  ['', { description: '', loses: null }],
])('the comment at the top of %j is read', (down, header) => expect(readHeader(down)).toEqual(header))

test('every migration is undone and applied again, with rows of all kinds', async () => {
  await checkBothWays(
    moved(await filledFile()),
    moved(join(temporaryDir(), 'empty.sqlite3')),
    readMigrations(shipped),
  )
})

test('a database that went back to the first version and returned has every build, and the right facts', async () => {
  const file = await filledFile()
  const before = normal(contentOf(file))
  undoMigrations(file, shipped, { to: '0001' })
  migrateDatabase(file, shipped)
  const after = normal(contentOf(file))
  const lost = ['verdictAt', 'consoleDerBytes', 'readmePath']
  const kept = ({ Build = [] }: Content) =>
    Build.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !lost.includes(name))))
  expect(kept(after)).toEqual(kept(before))
  for (const table of ['Artifact', 'User', 'Access', 'Platform', 'Output', 'JobPlatform', 'last id of Build'])
    expect(after[table], table).toEqual(before[table])
  const database = await openDatabase(file)
  onTestFinished(database.closeDatabase)
  // As the server does when it starts: migrations only mark what they do not fill.
  while (await rebuildNext(database));
  expect(await differences(database)).toEqual([])
})

test('steps and their refusals', async () => {
  const file = join(temporaryDir(), 'hub.sqlite3')
  const names = readMigrations(shipped).map(({ name }) => name)
  expect(migrateDatabase(file, shipped, { to: '0019' })).toEqual(names.filter((name) => name < '0020'))
  expect(migrateDatabase(file, shipped, { to: '0005_newest_success' })).toEqual([])
  expect(undoMigrations(file, shipped)).toEqual(['0019_hashes_as_bytes'])
  expect(undoMigrations(file, shipped, { to: '0018_changes' })).toEqual([])
  expect(() => undoMigrations(file, shipped, { to: '0020' })).toThrow(
    `${file} does not have migration 0020_results_by_hash`,
  )
  expect(() => undoMigrations(file, shipped, { to: 'changes' })).toThrow('there is no migration changes')
  const older = join(temporaryDir(), 'migrations')
  cpSync(shipped, older, {
    recursive: true,
    filter: (path) => !/[/\\]00(1[5-9]|[2-9])/.test(path),
  })
  expect(readdirSync(older)).toContain('0014_fact_rebuild')
  expect(() => undoMigrations(file, older)).toThrow(
    'This version knows up to 0014_fact_rebuild: run "hub migrate down --to 0014_fact_rebuild" of the newer version',
  )
  expect(undoMigrations(file, shipped, { to: 'none' })).toHaveLength(18)
  expect(undoMigrations(file, shipped)).toEqual([])
  expect(schemaOf(file)).toEqual([])
})
