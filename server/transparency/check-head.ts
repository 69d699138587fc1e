import type { Reader } from '../database/reader.ts'
import { areEqual } from '../formats/tlog/verify-proof.ts'
import type { LogHead } from '../generated/prisma/client.ts'
import { headFile, readHeadFile, type PublishedHead } from './head-file.ts'
import { newestHead } from './log-head.ts'
import { rootAt } from './read-tiles.ts'

/** What an operator can do about a log that must not grow. */
export const wayOut =
  'Bring back the newer database. If it is lost, begin a new log by "hub log reset --new-origin": all ' +
  'statements go into it, and whoever follows the old log learns that it has ended'

/**
 * Why the log of a database must not grow; null: it may. A log that grows from an older state would have two histories, and whoever has
 * seen both could prove that the site cannot be trusted. So the newest published checkpoint, which is in a file beside the database and in
 * no backup, has to be a beginning of what the database has.
 */
export async function refusalOf(db: Reader, head: LogHead | null, dataDir: string): Promise<string | null> {
  return compare(db, head, dataDir, await readHeadFile(dataDir))
}

/** The newest state of a log that a server may be writing, and why it must not grow. */
export async function headAndRefusal(
  db: Reader,
  dataDir: string,
): Promise<{ head: LogHead | null; refusal: string | null }> {
  // In this order: the server writes the file after the database.
  const published = await readHeadFile(dataDir)
  const head = await newestHead(db)
  return { head, refusal: await compare(db, head, dataDir, published) }
}

async function compare(
  db: Reader,
  head: LogHead | null,
  dataDir: string,
  published: PublishedHead | null,
): Promise<string | null> {
  const size = head?.size ?? 0
  const number = head?.number ?? 1
  if (!published)
    return size === 0
      ? null
      : `the log is not continued, because ${headFile(dataDir)} is missing, which has the newest published ` +
          `checkpoint: the database may be older, as after a restore. If the site has moved, copy that file from ` +
          `the old data directory. ${wayOut}`
  const older = `the log is not continued, because the database is older than its published log`
  // `hub log reset` was interrupted before it wrote the file: nothing of the new log is published.
  if (published.log < number && size <= 1) return null
  if (published.log > number) return `${older}, which is the ${published.log}th of this site. ${wayOut}`
  if (published.log < number)
    return `the log is not continued: ${headFile(dataDir)} is of an earlier log. ${wayOut}`
  const { checkpoint } = published
  if (checkpoint === null) return null
  if (checkpoint.size > size)
    return `${older}: it has ${size} entries, and ${checkpoint.size} were published. ${wayOut}`
  const root = await rootAt(db, number, checkpoint.size)
  return areEqual(root, checkpoint.root)
    ? null
    : `the log is not continued: its first ${checkpoint.size} entries are not those that were published. ${wayOut}`
}
