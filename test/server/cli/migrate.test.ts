import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Sqlite from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { lockDataDir } from '../../../server/data-dir-lock.ts'
import { readMigrations } from '../../../server/database/migrations.ts'
import { copySqlite } from '../../../server/database/sqlite/copy-sqlite.ts'
import { migrateDatabase } from '../../../server/database/sqlite/migrate-sqlite.ts'
import { ownStaging } from '../../../server/imports/own-staging.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'
import { testProgram } from '../../programs.ts'

const shipped = join(projectDir, 'prisma/migrations')
const migrations = readMigrations(shipped)
const newest = String(migrations.at(-1)?.name)
const beforeNewest = String(migrations.at(-2)?.name)

/** A data directory with a database of the newest schema and a row. */
function dataDir(): { dir: string; file: string; on: (...args: string[]) => string[] } {
  const dir = temporaryDir()
  const file = join(dir, 'builder-hub.sqlite3')
  migrateDatabase(file, shipped)
  new Sqlite(file).exec(`INSERT INTO "Platform" (name) VALUES ('debian-12')`).close()
  return { dir, file, on: (...args) => ['migrate', ...args, '--data-dir', dir] }
}

function query<Row>(file: string, sql: string): Row[] {
  const sqlite = new Sqlite(file, { readonly: true })
  try {
    return sqlite.prepare<[], Row>(sql).all()
  } finally {
    sqlite.close()
  }
}

const appliedIn = (file: string) =>
  query<{ name: string }>(file, 'SELECT migration_name AS name FROM "_prisma_migrations" ORDER BY 1').map(
    ({ name }) => name,
  )

/** Whole copies, without what a copy is written to first, and the journal of that. */
const copiesIn = (dir: string) =>
  readdirSync(dir).filter((name) => name.includes('.before-') && !name.includes('.partial'))

test('help lists every migration with its description', async () => {
  const { stdout, status } = await hub(['migrate', '--help'])
  expect(status).toBe(0)
  for (const { name, description } of migrations)
    expect(
      stdout.split('\n').some((line) => line.includes(name) && line.endsWith(description)),
      name,
    ).toBe(true)
})

test('a step down and up again leaves a copy of each, with what there was, and replaces older ones', async () => {
  const { dir, file, on } = dataDir()
  const down = await hub(on('down'))
  const copy = `${file}.before-down-of-${newest}`
  expect(down).toMatchObject({ status: 0, stderr: '' })
  expect(down.stdout).toContain(`the database was copied to ${copy}\nundone: ${newest}: `)
  expect(down.stdout).toContain('start the older version now')
  expect(appliedIn(file).at(-1)).toBe(beforeNewest)
  expect(appliedIn(copy).at(-1)).toBe(newest)
  expect(query(copy, 'SELECT name FROM "Platform"')).toEqual([{ name: 'debian-12' }])
  const up = await hub(on('up'))
  expect(up.stdout).toContain(`the database was copied to ${file}.before-${newest}\napplied: ${newest}: `)
  // A run up needs none of the older copies.
  expect(copiesIn(dir)).toEqual([`builder-hub.sqlite3.before-${newest}`])
  await hub(on('down', '--to', '0019'))
  // After a run down, the copy from before the upgrade stays.
  expect(copiesIn(dir)).toHaveLength(2)
  await hub(on('up', '--no-copy'))
  expect(copiesIn(dir)).toHaveLength(2)
  expect(await hub(on('up'))).toMatchObject({ status: 0, stdout: 'the database has all migrations\n' })
  expect(query(file, 'SELECT name FROM "Platform"')).toEqual([{ name: 'debian-12' }])
})

test('status says what the database has, also of a newer version, and a dry run changes nothing', async () => {
  const { dir, file, on } = dataDir()
  const dry = await hub(on('down', '--to', '0017', '--dry-run'))
  expect(dry.status).toBe(0)
  expect(dry.stdout).toContain('would be undone: 0018_changes: ')
  expect(dry.stdout).toContain('  loses: these numbers.')
  expect(dry.stdout).not.toContain('0017')
  expect(appliedIn(file).at(-1)).toBe(newest)
  expect(copiesIn(dir)).toEqual([])
  await hub(on('down', '--no-copy'))
  const shown = await hub(on('status'))
  expect(shown.status).toBe(0)
  expect(shown.stdout).toMatch(new RegExp(`^0001_init +20\\d\\d-.*\\n(.*\\n)*${newest} +missing `))
  new Sqlite(file)
    .exec(`INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ('x', 'x', '9999_newer')`)
    .close()
  const newer = await hub(on('status', '--json'))
  expect(newer.status).toBe(3)
  expect(JSON.parse(newer.stdout)).toContainEqual(
    expect.objectContaining({ name: '9999_newer', isKnown: false, isApplied: true }),
  )
  const says = `${file} was made by a newer version (migrations 9999_newer). This version knows up to ${newest}: run "hub migrate down --to ${newest}"`
  expect(newer.stderr).toContain(says)
  for (const args of [on('up'), on('down'), ['user', 'list', '--data-dir', dir]]) {
    const refused = await hub(args)
    expect(refused, args.join(' ')).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toContain(says)
  }
})

test.each(['up', 'down'])('%s is refused while a server runs, and changes nothing', async (direction) => {
  const { dir, file, on } = dataDir()
  const lock = lockDataDir(dir)
  onTestFinished(lock.release)
  const refused = await hub(on(direction))
  expect(refused).toMatchObject({ status: 1, stdout: '' })
  expect(refused.stderr).toMatch(
    /^a server uses .*: stop the server, run this again, and start the .* version\. Nothing/,
  )
  expect(appliedIn(file).at(-1)).toBe(newest)
})

test('down is refused while a command imports builds, and runs after it', async () => {
  const { dir, file, on } = dataDir()
  const staging = await ownStaging(dir)
  const refused = await hub(on('down'))
  expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('imports builds') as string })
  expect(appliedIn(file)).toContain(newest)
  await staging.release()
  // What a command leaves that was killed has no owner.
  mkdirSync(join(dir, 'imports', 'killed'))
  expect(await hub(on('down'))).toMatchObject({ status: 0 })
  expect(appliedIn(file)).not.toContain(newest)
})

test.each([
  [['down', '--to', 'changes'], 'there is no migration changes: "hub migrate status" lists all of them'],
  [['up', '--to', '9999'], 'there is no migration 9999'],
])('hub migrate %j names the wrong migration', async (args, message) => {
  const { on } = dataDir()
  const refused = await hub(on(...args))
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain(message)
})

test('without a database there is nothing to undo, and up makes one', async () => {
  const dir = temporaryDir()
  const at = ['--data-dir', dir]
  expect((await hub(['migrate', 'down', ...at])).stderr).toContain('is empty: there is nothing to undo')
  expect((await hub(['migrate', 'status', ...at])).stdout.match(/ missing /g)).toHaveLength(migrations.length)
  expect(existsSync(join(dir, 'builder-hub.sqlite3'))).toBe(false)
  expect((await hub(['migrate', 'up', ...at])).stdout).toContain(`applied: ${newest}`)
})

test('a database is not emptied while there is content of builds, and an emptied one is a new one', async () => {
  const { dir, file, on } = dataDir()
  const blobs = join(dir, 'blobs/ab')
  mkdirSync(blobs, { recursive: true })
  writeFileSync(join(blobs, 'ab'.repeat(32)), '')
  for (const flags of [[], ['--dry-run']]) {
    const refused = await hub(on('down', '--to', 'none', ...flags))
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toContain(
      `this would empty ${file}, but ${join(dir, 'blobs')} has files of builds`,
    )
  }
  expect(appliedIn(file).at(-1)).toBe(newest)
  renameSync(join(dir, 'blobs'), join(dir, 'away'))
  expect(await hub(on('down', '--to', 'none', '--no-copy'))).toMatchObject({ status: 0 })
  expect((await hub(on('down'))).stderr).toContain('is empty: there is nothing to undo')
  renameSync(join(dir, 'away'), join(dir, 'blobs'))
  for (const args of [on('up'), ['user', 'list', '--data-dir', dir]])
    expect((await hub(args)).stderr, args.join(' ')).toContain('has files of builds: restore the database')
  expect(appliedIn(file)).toEqual([])
})

test('a copy is refused before it is begun when the disk has no room', () => {
  const { dir, file } = dataDir()
  expect(() => copySqlite(file, join(dir, 'copy'), { freeBytesOf: () => 10_000 })).toThrow(
    /no room for a copy of the database in .* are needed, and 9\.8 KiB are free\. .* --no-copy/,
  )
  expect(readdirSync(dir).filter((name) => name.startsWith('copy'))).toEqual([])
})

test.each(['up', 'down'])(
  'a step %s that is killed in its middle is undone, and can be run again',
  async (step) => {
    const { dir, file } = dataDir()
    const folder = join(dir, 'migrations')
    cpSync(shipped, folder, { recursive: true })
    const slow = `DROP TABLE "Access"; CREATE TABLE "Half" (n INTEGER);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) INSERT INTO "Half" SELECT max(i) FROM n;`
    const write = (up: string, down: string) => {
      mkdirSync(join(folder, '9001_last'), { recursive: true })
      writeFileSync(join(folder, '9001_last/migration.sql'), up)
      writeFileSync(join(folder, '9001_last/down.sql'), `-- The last one.\n${down}`)
    }
    const [up, down] = ['CREATE TABLE "Last" (n INTEGER);', 'DROP TABLE "Last";']
    write(step === 'up' ? slow : up, down)
    if (step === 'down') migrateDatabase(file, folder)
    write(step === 'up' ? slow : up, step === 'down' ? slow : down)
    const before = { applied: appliedIn(file), schema: query(file, 'SELECT name, sql FROM sqlite_master') }
    const child = spawn(
      process.execPath,
      [testProgram('migrate'), file, folder, ...(step === 'down' ? [newest] : [])],
      { stdio: 'ignore' },
    )
    const exited = once(child, 'exit')
    // The copy is there as soon as the first statement is about to run; the last one never ends.
    while (copiesIn(dir).length === 0) await sleep(5)
    await sleep(50)
    child.kill('SIGKILL')
    await exited
    expect({ applied: appliedIn(file), schema: query(file, 'SELECT name, sql FROM sqlite_master') }).toEqual(
      before,
    )
    expect(query(String(join(dir, copiesIn(dir)[0] ?? '')), 'PRAGMA integrity_check')).toEqual([
      { integrity_check: 'ok' },
    ])
    write(up, down)
    const run = spawn(process.execPath, [
      testProgram('migrate'),
      file,
      folder,
      ...(step === 'down' ? [newest] : []),
    ])
    expect(await once(run, 'exit')).toEqual([0, null])
    expect(appliedIn(file).at(-1)).toBe(step === 'up' ? '9001_last' : newest)
  },
)
