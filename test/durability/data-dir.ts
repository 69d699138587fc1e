import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { alice, projectDir } from '../app.ts'
import { readConfig, type Config } from '../../server/config.ts'
import { migrateDatabase, openDatabase } from '../../server/database.ts'
import { addUser } from '../../server/users/users.ts'

/** Settings of a server on `path` that listens on a port of the system's choice. */
export function configOf(path: string, env: Record<string, string> = {}): Config {
  return readConfig({
    BUILDER_HUB_DATA_DIR: path,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
    ...env,
  })
}

/** Put a migrated database with alice into a folder. */
export async function fillDataDir(path: string): Promise<void> {
  const { databaseFile } = configOf(path)
  migrateDatabase(databaseFile, join(projectDir, 'prisma/migrations'))
  const db = await openDatabase(databaseFile)
  await addUser(db, { ...alice, unrestricted: true })
  await db.$disconnect()
}

/** A data directory with a database and alice; gone after the test. */
export async function makeDataDir(): Promise<string> {
  const path = mkdtempSync(join(tmpdir(), 'builder-hub-durability-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  await fillDataDir(path)
  return path
}
