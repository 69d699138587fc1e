import { copyFile, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { syncPath } from '../../blobs/durable-files.ts'
import {
  blobsAtOnce,
  everyBlob,
  type BlobColumns,
  type BlobListener,
  type ReferredBlob,
  type SavedDatabase,
} from '../saved-database.ts'
import { copySqlite } from './copy-sqlite.ts'

const fileName = 'database.sqlite3'

/**
 * Writes what is committed in the database `file` to a file in `folder`, durably, and tells every blob that is in the columns of
 * that file. Others read and write meanwhile. Memory does not grow with the database. Throws NoRoomForCopyError.
 */
export async function saveSqlite(
  file: string,
  folder: string,
  columns: BlobColumns,
  onBlobs: BlobListener,
): Promise<SavedDatabase> {
  const saved = join(folder, fileName)
  copySqlite(file, saved, { hint: 'Free some, or make the backup on another disk' })
  const sqlite = new BetterSqlite3(saved, { readonly: true, fileMustExist: true })
  try {
    const blobs = sqlite.prepare<[], { hash: string; size: number | null; marked: number }>(
      everyBlob(columns, (column) => `lower(hex(${column}))`),
    )
    let some: ReferredBlob[] = []
    for (const { hash, size, marked } of blobs.iterate()) {
      if (some.push({ hash, sizeBytes: size, isMarked: marked !== 0 }) < blobsAtOnce) continue
      await onBlobs(some)
      some = []
    }
    await onBlobs(some)
    const count = (table: string) =>
      sqlite.prepare<[], number>(`SELECT COUNT(*) FROM "${table}"`).pluck().get() ?? 0
    const migrations = sqlite
      .prepare<[], string>(
        'SELECT migration_name FROM "_prisma_migrations" WHERE rolled_back_at IS NULL ORDER BY 1',
      )
      .pluck()
      .all()
    const counts = { builds: count('Build'), jobs: count('Job'), users: count('User') }
    return { fileName, engine: 'sqlite', migrations, counts }
  } finally {
    sqlite.close()
  }
}

/** Puts a saved file in the place of the database `file`, which does not exist yet. It is there as a whole, or not at all. */
export async function restoreSqlite(saved: string, file: string): Promise<void> {
  const partial = `${file}.restoring`
  await rm(partial, { force: true })
  await copyFile(saved, partial)
  const handle = await open(partial, 'r+')
  try {
    await handle.chmod(0o600)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(partial, file)
  await syncPath(dirname(file))
}
