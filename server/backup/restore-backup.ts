import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'
import { restoreMark } from '../data-dir.ts'
import { DomainError } from '../errors.ts'
import { syncPath, writeDurably } from '../blobs/durable-files.ts'
import { readBlobList, type Manifest, type Snapshot } from './backup-folder.ts'
import { checkBlobList } from './check-blob-list.ts'
import { hashOf, type BlobCopier } from './copy-blobs.ts'
import { restoreKeys } from './copy-keys.ts'

/** The place to restore to is not empty, or the backup is not one for it. */
export class CannotRestoreError extends DomainError {
  override readonly name = 'CannotRestoreError'
}

type Site = {
  dataDir: string
  /** Copies the blobs of the backup to where the site has them. It is asked for when the place was found to be right. */
  copier: () => BlobCopier | Promise<BlobCopier>
  database: {
    name: string
    isNew: () => Promise<boolean>
    migrations: () => Promise<{ states: { name: string; isKnown: boolean }[] }>
    restore: (savedFile: string) => Promise<void>
  }
  engine: Manifest['engine']
}

/** Where the files of a backup are while it is restored from an object store, in the data directory. */
export const incomingFolder = 'incoming-backup'

/** Files that are no content of a site: locks of servers, what was published of its log, and our mark. */
const ignored = new Set([
  incomingFolder,
  restoreMark,
  'server.lock',
  'server.lock-journal',
  'log-head',
  `${restoreMark}.partial`,
])

export type Restored = {
  count: number
  newCount: number
  /** Blobs that the backup should have, and has not. */
  lost: Manifest['lost']
  /** Blobs that were lost or damaged on the site already when the backup was made: no backup can bring them back. */
  lostOnSite: Manifest['lost']
  /** Whether the keys of the site were in the backup. */
  hasKeys: boolean
}

/**
 * Restores a snapshot into an empty data directory and an empty database: first the blobs, each of which is hashed on its
 * way, then the database. If it is interrupted, it goes on when it is called again; until it is done, no server starts there.
 * Blobs that the backup has lost are told, and the others are restored. Hold the lock of the site. Throws CannotRestoreError,
 * NoBackupError.
 */
export async function restoreBackup(
  snapshot: Snapshot,
  { dataDir, copier: openCopier, database, engine }: Site,
  onProgress: (doneCount: number, count: number) => void = () => {},
): Promise<Restored> {
  const { name, folder, manifest } = snapshot
  await checkPlace(dataDir, database, name)
  checkVersion(manifest, engine, (await database.migrations()).states)
  const saved = join(folder, manifest.database.file)
  if ((await hashOf(saved, manifest.database.sizeBytes)) !== manifest.database.sha256)
    throw new CannotRestoreError(`${saved} is damaged: restore another snapshot (--snapshot)`)
  await checkBlobList(snapshot, 'restore another snapshot (--snapshot)')
  await writeMark(dataDir, name)
  const copier = await openCopier()
  const restored: Restored = {
    ...{ count: 0, newCount: 0, lost: { count: 0, named: [] } },
    lostOnSite: manifest.lost,
    hasKeys: manifest.keys !== undefined,
  }
  for await (const some of readBlobList(join(folder, manifest.blobs.file))) {
    for (const one of await copier.copyAll(some.map((blob) => ({ ...blob, isMarked: false })))) {
      if ('problem' in one) {
        restored.lost.count += 1
        if (restored.lost.named.length < 1_000) restored.lost.named.push({ id: one.id, problem: one.problem })
        continue
      }
      restored.count += 1
      if (one.how !== 'known') restored.newCount += 1
    }
    onProgress(restored.count + restored.lost.count, manifest.blobs.count)
  }
  if (restored.count + restored.lost.count !== manifest.blobs.count)
    throw new CannotRestoreError(
      `the list of ${folder} has changed meanwhile: restore another snapshot (--snapshot)`,
    )
  await copier.sync()
  const changed = await restoreKeys(folder, manifest.keys ?? [], dataDir)
  if (changed.length > 0)
    throw new CannotRestoreError(
      `keys of ${folder} are damaged (${changed.join(', ')}): restore another snapshot (--snapshot)`,
    )
  if (await database.isNew()) await database.restore(saved)
  await rm(join(dataDir, restoreMark))
  await syncPath(dataDir)
  return restored
}

/** Throws CannotRestoreError. */
async function checkPlace(dataDir: string, database: Site['database'], snapshot: string): Promise<void> {
  const begun = await readMark(dataDir)
  if (begun === snapshot) return
  if (begun !== null)
    throw new CannotRestoreError(
      `the restore of ${begun} into ${dataDir} is not done: go on with --snapshot ${begun}, or empty the data directory`,
    )
  const [first] = (await readdir(dataDir)).filter((name) => !ignored.has(name))
  if (first !== undefined)
    throw new CannotRestoreError(
      `${dataDir} is not empty (it has ${first}): name a new data directory by --data-dir, or move that one away`,
    )
  if (!(await database.isNew()))
    throw new CannotRestoreError(`${database.name} is not empty: create a new database for the restored site`)
}

/** Throws CannotRestoreError. */
function checkVersion(
  manifest: Manifest,
  engine: Manifest['engine'],
  states: readonly { name: string; isKnown: boolean }[],
): void {
  if (manifest.engine !== engine)
    throw new CannotRestoreError(
      manifest.engine === 'postgresql'
        ? 'this is the backup of a site on PostgreSQL: name an empty database by --database-url'
        : 'this is the backup of a site on SQLite: leave --database-url and BUILDER_HUB_DATABASE_URL out',
    )
  const known = new Set(states.filter(({ isKnown }) => isKnown).map(({ name }) => name))
  const unknown = manifest.migrations.filter((name) => !known.has(name))
  if (unknown.length > 0)
    throw new CannotRestoreError(
      `the backup is of version ${manifest.version}, which is newer (migrations ${unknown.join(', ')}): restore it with that version`,
    )
}

async function readMark(dataDir: string): Promise<string | null> {
  try {
    return await readFile(join(dataDir, restoreMark), 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

const writeMark = (dataDir: string, snapshot: string) => writeDurably(join(dataDir, restoreMark), snapshot)
