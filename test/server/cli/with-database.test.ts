import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DatabaseServedError, migrateUnlessServed } from '../../../server/cli/with-database.ts'
import { lockDataDir } from '../../../server/data-dir-lock.ts'
import { migrateDatabase, missingMigrations } from '../../../server/database.ts'
import { projectDir, temporaryDir } from '../../app.ts'

const migrations = join(projectDir, 'prisma/migrations')

/** A database of the version before the last migration. */
function olderDatabase(): { dir: string; file: string } {
  const dir = temporaryDir()
  const folder = join(dir, 'older-migrations')
  cpSync(migrations, folder, { recursive: true })
  const newest = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .at(-1)
  rmSync(join(folder, String(newest)), { recursive: true })
  const file = join(dir, 'builder-hub.sqlite3')
  migrateDatabase(file, folder)
  return { dir, file }
}

test('a command does not migrate the database of a running server', () => {
  const { dir, file } = olderDatabase()
  const before = missingMigrations(file, migrations)
  expect(before).toHaveLength(1)
  const lock = lockDataDir(dir)
  expect(() => migrateUnlessServed(dir, file)).toThrow(DatabaseServedError)
  expect(() => migrateUnlessServed(dir, file)).toThrow('stop the server')
  expect(missingMigrations(file, migrations)).toEqual(before)
  lock.release()
  migrateUnlessServed(dir, file)
  expect(missingMigrations(file, migrations)).toEqual([])
})

test('a command works beside a server when the schema is current', () => {
  const { dir, file } = olderDatabase()
  migrateUnlessServed(dir, file)
  const lock = lockDataDir(dir)
  expect(() => migrateUnlessServed(dir, file)).not.toThrow()
  lock.release()
})
