import { mkdir, open, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lockByFile } from '../data-dir-lock.ts'
import type { BlobColumns, BlobListener, SavedDatabase } from '../database/saved-database.ts'
import { blobColumns, blobSizeColumns } from '../storage/blob-columns.ts'
import { syncPath } from '../blobs/durable-files.ts'
import {
  blobsOf,
  lineOf,
  listFile,
  listSnapshots,
  nameOfTime,
  snapshotsOf,
  writeManifest,
  type Manifest,
  type Snapshot,
} from './backup-folder.ts'
import { claimFolder } from './backup-place.ts'
import { hashOf, type BlobCopier } from './copy-blobs.ts'
import { saveKeys } from './copy-keys.ts'
import { readWanted, wantedLine } from './wanted-blobs.ts'

/** A database that can be saved while it is used. */
type Saved = {
  save: (folder: string, columns: BlobColumns, onBlobs: BlobListener) => Promise<SavedDatabase>
}

export type BackupProgress = {
  step: 'database' | 'blobs'
  doneCount: number
  count: number
  newBytes: number
}

export type BackupOptions = {
  database: Saved
  /** Copies the blobs of the site to where the backup has them. It is asked for anew for each attempt. */
  copier: () => BlobCopier | Promise<BlobCopier>
  /** The data directory whose keys are saved, too; absent: they are not. */
  keysFrom?: string
  /** The folder of backups. */
  dir: string
  version: string
  /** Called with the finished snapshot, while no other backup can use the folder. */
  onMade?: (snapshot: Snapshot) => Promise<void>
  onProgress?: (progress: BackupProgress) => void
}

export type MadeBackup = Snapshot & {
  /** Blobs that were not in the folder before, and their bytes. */
  newCount: number
  newBytes: number
}

const namedLost = 1_000
/** A blob may be deleted between the snapshot of the database and its copy, together with its build. */
const attempts = 3

/**
 * Makes a snapshot in a folder of backups while the site is used: first the database, then the blobs that it refers to, and
 * last the manifest. Blobs that the folder has are not copied again. What an interrupted backup has left of its
 * database is removed; its blobs are used. Memory does not grow with the site.
 *
 * A blob that was deleted after the snapshot of the database, by retention, is noticed: the database is saved anew. What is
 * missing then is lost on the site, too, and the manifest names it. Throws DataDirInUseError if another backup runs,
 * WrongBackupFolderError.
 */
export async function makeBackup(options: BackupOptions): Promise<MadeBackup> {
  const { dir } = options
  await claimFolder(dir)
  for (const folder of [blobsOf(dir), snapshotsOf(dir)]) await mkdir(folder, { recursive: true, mode: 0o700 })
  const lock = lockBackups(dir)
  try {
    await removeUnfinished(dir)
    let made = { newCount: 0, newBytes: 0 }
    let lostBefore = ''
    for (let attempt = 1; ; attempt++) {
      const snapshot = await attemptBackup(options)
      made = { newCount: made.newCount + snapshot.newCount, newBytes: made.newBytes + snapshot.newBytes }
      const lost = JSON.stringify(snapshot.manifest.lost)
      const isCertain = snapshot.manifest.lost.count === 0 || lost === lostBefore || attempt === attempts
      lostBefore = lost
      if (isCertain) {
        await writeManifest(snapshot.folder, snapshot.manifest)
        await syncPath(snapshotsOf(dir))
        await options.onMade?.(snapshot)
        return { ...snapshot, ...made }
      }
      await rm(snapshot.folder, { recursive: true })
    }
  } finally {
    lock.release()
  }
}

/** One process changes a folder of backups. Throws DataDirInUseError. */
export const lockBackups = (dir: string): { release: () => void } =>
  lockByFile(join(dir, 'backup.lock'), `another backup uses ${dir}: wait until it is done, or end it`)

async function removeUnfinished(dir: string): Promise<void> {
  for (const { name, isFinished } of await listSnapshots(dir))
    if (!isFinished) await rm(join(snapshotsOf(dir), name), { recursive: true })
}

async function attemptBackup({
  database,
  copier,
  dir,
  keysFrom,
  version,
  onProgress = () => {},
}: BackupOptions): Promise<MadeBackup> {
  const startedAt = new Date()
  const name = nameOfTime(startedAt)
  const folder = join(snapshotsOf(dir), name)
  await mkdir(folder, { mode: 0o700 })
  const progress: BackupProgress = { step: 'database', doneCount: 0, count: 0, newBytes: 0 }
  onProgress(progress)
  // The wanted blobs are a file, so that no transaction of the database is open while they are copied.
  const wantedFile = join(folder, 'wanted.txt')
  const wanted = await open(wantedFile, 'w', 0o600)
  let saved
  try {
    const columns = { hashes: blobColumns, sizes: blobSizeColumns }
    saved = await database.save(folder, columns, async (blobs) => {
      progress.count += blobs.length
      await wanted.appendFile(blobs.map(wantedLine).join(''))
    })
  } finally {
    await wanted.close()
  }
  progress.step = 'blobs'
  const blobs = await copyWanted(wantedFile, join(folder, listFile), await copier(), (done) => {
    onProgress(Object.assign(progress, done))
  })
  await rm(wantedFile)
  const { fileName, engine, migrations, counts } = saved
  const manifest: Manifest = {
    ...{ format: 1, version, startedAt: startedAt.toISOString(), finishedAt: new Date().toISOString() },
    ...{ engine, migrations, counts },
    database: await factsOf(folder, fileName),
    ...(keysFrom === undefined ? {} : { keys: await saveKeys(keysFrom, folder) }),
    blobs: { ...(await factsOf(folder, listFile)), count: blobs.count, contentBytes: blobs.contentBytes },
    lost: blobs.lost,
  }
  return { name, folder, manifest, newCount: blobs.newCount, newBytes: blobs.newBytes }
}

/** Copies the wanted blobs, and writes a list of those that are there then, with their sizes. */
async function copyWanted(
  wantedFile: string,
  file: string,
  copier: BlobCopier,
  onProgress: (done: { doneCount: number; newBytes: number }) => void,
) {
  const lost: Manifest['lost'] = { count: 0, named: [] }
  const sum = { count: 0, contentBytes: 0, newCount: 0, newBytes: 0 }
  let doneCount = 0
  const list = await open(file, 'w', 0o600)
  try {
    for await (const blobs of readWanted(wantedFile)) {
      const outcomes = await copier.copyAll(blobs)
      let lines = ''
      for (const one of outcomes) {
        if ('problem' in one) {
          lost.count += 1
          if (lost.named.length < namedLost) lost.named.push({ id: one.id, problem: one.problem })
          continue
        }
        lines += lineOf(one)
        sum.count += 1
        sum.contentBytes += one.sizeBytes
        if (one.how === 'known') continue
        sum.newCount += 1
        sum.newBytes += one.sizeBytes
      }
      await list.appendFile(lines)
      doneCount += outcomes.length
      onProgress({ doneCount, newBytes: sum.newBytes })
    }
    await list.sync()
  } finally {
    await list.close()
  }
  await copier.sync()
  return { ...sum, lost }
}

async function factsOf(folder: string, file: string) {
  const path = join(folder, file)
  const { size } = await stat(path)
  return { file, sizeBytes: size, sha256: (await hashOf(path, size)) ?? '' }
}
