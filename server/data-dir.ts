import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BlobStore } from './blobs/blob-store.ts'
import type { Config } from './config.ts'
import { DomainError } from './errors.ts'

/** The data directory has no database: a command needs one, or the files of builds beside it do. */
export class DatabaseMissingError extends DomainError {
  override readonly name = 'DatabaseMissingError'
}

/** The content of the site is not where the settings say. */
export class ContentNotMovedError extends DomainError {
  override readonly name = 'ContentNotMovedError'
}

/**
 * Make the data directory when it is absent. Password hashes lie in it: all users of the machine lose the right
 * to enter it. The rights of its group are the operator's choice, and stay. Returns false when everybody may
 * enter it and this process may not change that.
 */
export function makeDataDir(dataDir: string): boolean {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const { mode } = statSync(dataDir)
  if ((mode & 0o007) === 0) return true
  try {
    chmodSync(dataDir, mode & 0o770)
    return true
  } catch {
    return false
  }
}

/** A file of the data directory that names the backup that is restored into it, until that is done. */
export const restoreMark = 'restoring'

/**
 * A new database beside the blobs of a lost one, or of one that is still to be restored, would show an empty site. Throws
 * DatabaseMissingError.
 */
export async function checkNoBlobs(
  databaseName: string,
  { blobDir, blobStore }: Pick<Config, 'blobDir' | 'blobStore'>,
  blobs?: Pick<BlobStore, 'list'>,
): Promise<void> {
  const dataDir = dirname(blobDir)
  if (existsSync(join(dataDir, restoreMark)))
    throw new DatabaseMissingError(
      `a backup is being restored into ${dataDir}, or that was interrupted: run "hub restore" again, and start then`,
    )
  if (blobs && blobStore !== '' && !(await isEmpty(blobs)))
    throw new DatabaseMissingError(
      `${databaseName} is absent or empty, but the object store has content of builds below ${blobStore.replace(/\?.*/, '')}: ` +
        'restore the database from a backup, or name another prefix, which a new site has for itself',
    )
  if (!hasBlobs(blobDir)) return
  throw new DatabaseMissingError(
    `${databaseName} is absent or empty, but ${blobDir} has files of builds: ` +
      'restore the database from a backup, or move that folder away to start anew',
  )
}

/**
 * A site whose files are still in its data directory would show none of them from an empty object store. Throws
 * DatabaseMissingError.
 */
export async function checkMoved(
  { blobDir, blobStore }: Pick<Config, 'blobDir' | 'blobStore'>,
  blobs: Pick<BlobStore, 'list'>,
): Promise<void> {
  if (blobStore === '' || !hasBlobs(blobDir) || !(await isEmpty(blobs))) return
  throw new ContentNotMovedError(
    `the object store is empty, but ${blobDir} has files of builds: copy them by "hub migrate-store --blobs ${blobStore}" first`,
  )
}

async function isEmpty(blobs: Pick<BlobStore, 'list'>): Promise<boolean> {
  for await (const _ of blobs.list()) return false
  return true
}

export function hasBlobs(blobDir: string): boolean {
  if (!existsSync(blobDir)) return false
  return readdirSync(blobDir, { withFileTypes: true }).some(
    // The collector, and a store that was stopped early, leave empty folders.
    (entry) => entry.isDirectory() && readdirSync(join(blobDir, entry.name)).length > 0,
  )
}
