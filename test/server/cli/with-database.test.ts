import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DatabaseServedError, migrateUnlessServed } from '../../../server/cli/with-database.ts'
import {
  missingMigrations,
  siteDatabaseOf,
  type SiteDatabase,
} from '../../../server/database/site-database.ts'
import { lockDataDir } from '../../../server/data-dir-lock.ts'
import { migrateDatabase } from '../../../server/database/sqlite/migrate-sqlite.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'

const migrations = join(projectDir, 'prisma/migrations')

/** A database of the version before the last migration. */
async function olderDatabase(): Promise<{ dir: string; stored: SiteDatabase }> {
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
  return { dir, stored: await siteDatabaseOf({ databaseUrl: '', databaseFile: file }, projectDir) }
}

test('a command does not migrate the database of a running server', async () => {
  const { dir, stored } = await olderDatabase()
  const before = await missingMigrations(stored)
  expect(before).toHaveLength(1)
  const lock = lockDataDir(dir)
  await expect(migrateUnlessServed(dir, stored)).rejects.toThrow(DatabaseServedError)
  await expect(migrateUnlessServed(dir, stored)).rejects.toThrow('stop the server')
  expect(await missingMigrations(stored)).toEqual(before)
  lock.release()
  await migrateUnlessServed(dir, stored)
  expect(await missingMigrations(stored)).toEqual([])
})

test('a command works beside a server when the schema is current', async () => {
  const { dir, stored } = await olderDatabase()
  await migrateUnlessServed(dir, stored)
  const lock = lockDataDir(dir)
  await migrateUnlessServed(dir, stored)
  lock.release()
})

test('a watcher does not migrate a database that was rolled back', async () => {
  const { dir, stored } = await olderDatabase()
  const outcome = await hub(['import', 'records', dir, '--watch', '--data-dir', dir])
  expect(outcome).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('start the server of this version first') as string,
  })
  expect(await missingMigrations(stored)).toHaveLength(1)
})
