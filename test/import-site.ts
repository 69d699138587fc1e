import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Database } from '../server/database/connections.ts'
import { openDatabase } from '../server/database/sqlite/open-sqlite.ts'
import { encodeExecRecord, type ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { bytesOf, temporaryDir } from './app.ts'
import { hub, type Outcome } from './hub.ts'
import { copyTemplate } from './template.ts'

/** A data directory, its database (whose only user is alice), and the commands on it. No server runs. */
export type ImportSite = Database & { dataDir: string; hub: (...args: string[]) => Promise<Outcome> }

export async function importSite(): Promise<ImportSite> {
  const dataDir = temporaryDir()
  const file = join(dataDir, 'builder-hub.sqlite3')
  copyTemplate(file)
  const database = await openDatabase(file)
  onTestFinished(database.closeDatabase)
  return { ...database, dataDir, hub: (...args) => hub([...args, '--data-dir', dataDir]) }
}

/** Writes a record to a file, with the folders above it. Returns its bytes. */
export async function writeRecord(path: string, record: ExecRecord): Promise<Buffer> {
  const bytes = await bytesOf(encodeExecRecord(record))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
  return bytes
}
