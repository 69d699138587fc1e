import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobId } from '../blobs/blob-store.ts'
import {
  blobsOf,
  listSnapshots,
  readBlobList,
  readSnapshot,
  snapshotsOf,
  type ListedBlobOfBackup,
  type Snapshot,
} from './backup-folder.ts'
import { checkClaimed } from './backup-place.ts'
import { checkBlobList } from './check-blob-list.ts'
import { lockBackups } from './make-backup.ts'

/** How many days, and weeks from Monday, have their newest snapshot kept, by UTC. */
export type Keep = { daily: number; weekly: number }

export type Pruned = { kept: string[]; removed: string[]; removedBlobs: number; freedBytes: number }

/**
 * The snapshots to keep: the newest one; and the newest one of each of the last days, and weeks, that have any. A
 * snapshot may be kept as both. `names` are times such as `2026-11-29T23-15-00.123Z`, in their order.
 */
export function snapshotsToKeep(names: readonly string[], { daily, weekly }: Keep): string[] {
  const newestOf = (unitOf: (day: string) => string, most: number) => {
    const found = new Map<string, string>()
    for (const name of names.toReversed()) {
      const unit = unitOf(name.slice(0, 10))
      if (!found.has(unit) && found.size < most) found.set(unit, name)
    }
    return found.values()
  }
  const kept = new Set([...names.slice(-1), ...newestOf((day) => day, daily), ...newestOf(mondayOf, weekly)])
  return names.filter((name) => kept.has(name))
}

function mondayOf(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

/**
 * Removes snapshots that are not to be kept, and then the blobs that no snapshot has. It can be interrupted and run again.
 * Memory: one in 256 of the names of all blobs at a time. Throws WrongBackupFolderError, and NoBackupError if the list of a
 * snapshot that is kept is damaged: nothing is removed then. Files that are no blobs by their names stay.
 */
export async function pruneBackups(dir: string, keep: Keep, isDryRun: boolean): Promise<Pruned> {
  await checkClaimed(dir)
  const lock = isDryRun ? null : lockBackups(dir)
  try {
    const finished = (await listSnapshots(dir)).filter(({ isFinished }) => isFinished).map(({ name }) => name)
    const kept = snapshotsToKeep(finished, keep)
    const removed = finished.filter((name) => !kept.includes(name))
    const snapshots = await Promise.all(kept.map((name) => readSnapshot(dir, name)))
    for (const snapshot of snapshots)
      await checkBlobList(
        snapshot,
        `nothing was removed. Remove the folder ${snapshot.folder} if you can do without that backup`,
      )
    for (const name of removed) {
      if (isDryRun) continue
      const folder = join(snapshotsOf(dir), name)
      // First: what is left of it when this is interrupted is no backup.
      await rm(join(folder, 'manifest.json'))
      await rm(folder, { recursive: true })
    }
    return { kept, removed, ...(await removeBlobs(dir, snapshots, isDryRun)) }
  } finally {
    lock?.release()
  }
}

/** The name of a blob in its folder, or of one whose copy was interrupted. */
const isBlobName = (name: string, folder: string): boolean =>
  /^[0-9a-f]{64}(\.partial)?$/.test(name) && name.startsWith(folder)

async function removeBlobs(dir: string, snapshots: readonly Snapshot[], isDryRun: boolean) {
  const lists = snapshots.map(({ folder, manifest }) =>
    folderReader(readBlobList(join(folder, manifest.blobs.file))),
  )
  const removed = { removedBlobs: 0, freedBytes: 0 }
  for (const folder of (await readdir(blobsOf(dir))).filter((name) => /^[0-9a-f]{2}$/.test(name)).sort()) {
    const wanted = new Set<string>()
    for (const list of lists) for (const id of await list.idsOf(folder)) wanted.add(id)
    for (const entry of await readdir(join(blobsOf(dir), folder), { withFileTypes: true })) {
      if (!entry.isFile() || !isBlobName(entry.name, folder) || wanted.has(entry.name)) continue
      const path = join(blobsOf(dir), folder, entry.name)
      removed.freedBytes += (await stat(path)).size
      removed.removedBlobs += 1
      if (!isDryRun) await rm(path)
    }
  }
  return removed
}

/** Reads a list, which is in the order of its hashes, folder by folder: `00`, `01`, … */
function folderReader(list: AsyncGenerator<ListedBlobOfBackup[], void, void>) {
  let ahead: BlobId[] = []
  return {
    async idsOf(folder: string): Promise<BlobId[]> {
      const found: BlobId[] = []
      for (;;) {
        const end = ahead.findIndex((id) => id.slice(0, 2) > folder)
        const taken = end === -1 ? ahead : ahead.slice(0, end)
        found.push(...taken.filter((id) => id.startsWith(folder)))
        if (end !== -1) {
          ahead = ahead.slice(end)
          return found
        }
        const next = await list.next()
        if (next.done === true) {
          ahead = []
          return found
        }
        ahead = next.value.map(({ id }) => id)
      }
    },
  }
}
