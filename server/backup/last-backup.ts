import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { writeDurably } from '../blobs/durable-files.ts'

const LastBackup = z.object({
  /** The folder of backups, and the name of the backup in it. */
  folder: z.string(),
  name: z.string(),
  finishedAt: z.coerce.date(),
  /** Contents that were lost on the site, and are not in the backup. */
  lostCount: z.number(),
})

/** What a data directory says of its last backup. */
export type LastBackup = z.infer<typeof LastBackup>

/**
 * In the data directory, not in the database: a backup changes nothing in the database, which may be of an older version, and a
 * restored site must not say that it has a backup because the other one had.
 */
const fileOf = (dataDir: string) => join(dataDir, 'last-backup.json')

export const noteBackup = (dataDir: string, backup: LastBackup): Promise<void> =>
  writeDurably(fileOf(dataDir), `${JSON.stringify(backup, null, 2)}\n`)

/** Null: there was none, or what the file says cannot be read. */
export async function readLastBackup(dataDir: string): Promise<LastBackup | null> {
  try {
    return LastBackup.parse(JSON.parse(await readFile(fileOf(dataDir), 'utf8')))
  } catch {
    return null
  }
}
