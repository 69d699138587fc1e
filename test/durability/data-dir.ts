import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { readConfig, type Config } from '../../server/config.ts'
import { copyTemplate } from '../template.ts'

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
export function fillDataDir(path: string): void {
  const { databaseFile } = configOf(path)
  copyTemplate(databaseFile)
}

/** A data directory with a database and alice; gone after the test. */
export function makeDataDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'builder-hub-durability-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  fillDataDir(path)
  return path
}
