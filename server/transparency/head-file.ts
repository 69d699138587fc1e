import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { syncPath, writeDurably } from '../blobs/durable-files.ts'
import { errorCode } from '../blobs/storage-full.ts'
import { DomainError } from '../errors.ts'
import { parseCheckpoint, type Checkpoint } from '../formats/tlog/checkpoint.ts'

/** The newest checkpoint that was published, and of which of the site's logs. */
export type PublishedHead = { log: number; checkpoint: Checkpoint | null }

/** The file beside the database that a backup does not have: it tells whether a database is older than what was published. */
export const headFile = (dataDir: string): string => join(dataDir, 'log-head')

/** The file is not what the server has written. */
export class HeadFileError extends DomainError {
  override readonly name = 'HeadFileError'
}

const Head = z.object({ log: z.int().min(1), checkpoint: z.string().nullable() })

/** Null: there is no such file. Throws HeadFileError. */
export async function readHeadFile(dataDir: string): Promise<PublishedHead | null> {
  const file = headFile(dataDir)
  let text
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  try {
    const { log, checkpoint } = Head.parse(JSON.parse(text))
    return { log, checkpoint: checkpoint === null ? null : parseCheckpoint(checkpoint) }
  } catch (error) {
    throw new HeadFileError(`${file} is damaged: bring it back from the disk that the server ran on`, {
      cause: error,
    })
  }
}

/** Writes it durably. `checkpoint`: the text that is signed; null: the log has none yet. */
export async function writeHeadFile(dataDir: string, log: number, checkpoint: string | null): Promise<void> {
  await writeDurably(headFile(dataDir), JSON.stringify({ log, checkpoint }))
  await syncPath(dataDir)
}
