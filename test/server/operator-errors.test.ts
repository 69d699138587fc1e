import { chmodSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import { readConfig, type Config } from '../../server/config.ts'
import { operatorMessage } from '../../server/operator-errors.ts'
import { openDeps, startServer } from '../../server/start-server.ts'
import { projectDir, temporaryDir } from '../app.ts'
import { copyTemplate } from '../template.ts'

function dataDirOf(): Config {
  const dataDir = join(temporaryDir(), 'data')
  return readConfig({
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_LOG_LEVEL: 'silent',
    BUILDER_HUB_PORT: '0',
  })
}

/** A file in the blob store, as an upload leaves it. */
function makeBlob(blobDir: string): void {
  mkdirSync(join(blobDir, 'ab'), { recursive: true })
  writeFileSync(join(blobDir, 'ab', 'ab'.repeat(32)), 'content')
}

const sqlite = (file: string, sql: string) => new BetterSqlite3(file).exec(sql).close()

/** What a data directory may be instead of one, and what the operator is told. */
const broken: [name: string, spoil: (config: Config) => void, message: RegExp][] = [
  [
    'a file in place of the directory',
    ({ dataDir }) => {
      rmSync(dataDir, { recursive: true })
      writeFileSync(dataDir, '')
    },
    /EEXIST.*check that .*data is a folder of this user/,
  ],
  [
    'a file in place of a parent',
    ({ dataDir }) => {
      rmSync(dirname(dataDir), { recursive: true })
      writeFileSync(dirname(dataDir), '')
    },
    /ENOTDIR.*check that .*data is a folder of this user/,
  ],
  [
    'a database that is text',
    ({ databaseFile }) => writeFileSync(databaseFile, 'x'.repeat(5000)),
    /is not a SQLite database/,
  ],
  [
    'a damaged database',
    ({ databaseFile }) => {
      copyTemplate(databaseFile)
      // Below the header, which holds only the first page's first bytes.
      writeFileSync(databaseFile, Buffer.alloc(100_000, 255), { flag: 'r+' })
      const head = Buffer.alloc(100)
      head.write('SQLite format 3\0')
      writeFileSync(databaseFile, head, { flag: 'r+' })
    },
    /the database in .*data is (damaged|not a SQLite database).*restore it from a backup/,
  ],
  [
    'a folder in place of the database',
    ({ databaseFile }) => mkdirSync(databaseFile),
    /cannot be opened for writing/,
  ],
  [
    'the database of another program',
    ({ databaseFile }) => sqlite(databaseFile, 'CREATE TABLE bookmarks (url TEXT)'),
    /is a database of another program \(with the table bookmarks\): choose another data directory/,
  ],
  [
    'the database of a newer version',
    ({ databaseFile }) => {
      copyTemplate(databaseFile)
      sqlite(
        databaseFile,
        `INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ('x', 'x', '9999_future')`,
      )
    },
    /was made by a newer version \(migrations 9999_future\)\. .* or upgrade this one/,
  ],
  [
    'blobs without a database',
    ({ blobDir }) => makeBlob(blobDir),
    /is absent or empty, but .*blobs has files of builds: restore the database from a backup/,
  ],
  [
    'blobs beside an empty database',
    ({ blobDir, databaseFile }) => {
      makeBlob(blobDir)
      writeFileSync(databaseFile, '')
    },
    /is absent or empty, but .*blobs has files of builds/,
  ],
]

test.each(broken)('%s: the operator is told in one line what to do', async (_name, spoil, message) => {
  const config = dataDirOf()
  mkdirSync(config.dataDir)
  spoil(config)
  const error: unknown = await startServer(config, projectDir).catch((reason: unknown) => reason)
  const told = operatorMessage(error, config.dataDir)
  expect(told).toMatch(message)
  expect(told).not.toContain('\n')
})

test.each([
  ['SQLITE_READONLY_DIRECTORY', /cannot be opened for writing/],
  ['SQLITE_FULL', /the disk is full/],
  ['SQLITE_BUSY', /is locked by another program/],
  ['SQLITE_IOERR_READ', /check the disk/],
])('%s of the driver is told', (code, message) => {
  expect(operatorMessage(new BetterSqlite3.SqliteError('failed', code), 'data')).toMatch(message)
  const wrapped = Object.assign(new Error('failed'), { cause: { originalCode: code } })
  expect(operatorMessage(wrapped, 'data')).toMatch(message)
})

test('a host without an address is told in one line', async () => {
  const config = { ...dataDirOf(), host: 'nowhere.invalid' }
  const error = await startServer(config, projectDir).catch((reason: unknown) => reason)
  expect(operatorMessage(error, config.dataDir)).toContain('nowhere.invalid')
})

test('a bug is not the operator’s', () => {
  expect(operatorMessage(new TypeError('x is not a function'), 'data')).toBe(null)
})

test('a new data directory is for its owner alone', async () => {
  const config = dataDirOf()
  const deps = await openDeps(config, projectDir)
  expect(statSync(config.dataDir).mode & 0o777).toBe(0o700)
  await deps.workers.close()
  await deps.closeDatabase()
})

test.each([
  [0o755, 0o750],
  [0o777, 0o770],
  [0o750, 0o750],
])('a data directory with the rights %o gets %o', async (before, after) => {
  const config = dataDirOf()
  mkdirSync(config.dataDir)
  chmodSync(config.dataDir, before)
  const deps = await openDeps(config, projectDir)
  expect(statSync(config.dataDir).mode & 0o777).toBe(after)
  await deps.workers.close()
  await deps.closeDatabase()
})

test('empty folders of the blob store are no builds: a new database is made beside them', async () => {
  const config = dataDirOf()
  mkdirSync(join(config.blobDir, 'ab'), { recursive: true })
  const server = await startServer(config, projectDir)
  await server.stop()
})
