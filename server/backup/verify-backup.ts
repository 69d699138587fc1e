import { join } from 'node:path'
import type { BlobId } from '../blobs/blob-store.ts'
import { inParallel } from '../blobs/in-parallel.ts'
import { blobFile, blobsOf, readBlobList, type Manifest, type Snapshot } from './backup-folder.ts'
import { hashOf, statOf } from './copy-blobs.ts'
import { keysOf } from './copy-keys.ts'

/** What is wrong with a backup. `name`: a blob, or a file of the snapshot. */
export type BackupProblem = { what: 'database' | 'list' | 'key' | 'blob'; name: string; problem: string }

/** The blobs of a backup. */
export type LookedAtBlobs = {
  /** Null: absent. */
  sizeBytes(id: BlobId): Promise<number | null>
  /** The SHA-256 of a blob of this length; null: it cannot be read. */
  hashOf(id: BlobId, sizeBytes: number): Promise<string | null>
}

/** The blobs of a folder of backups. */
export const blobsOfFolder = (dir: string): LookedAtBlobs => ({
  sizeBytes: async (id) => (await statOf(blobFile(blobsOf(dir), id)))?.size ?? null,
  hashOf: (id, sizeBytes) => hashOf(blobFile(blobsOf(dir), id), sizeBytes),
})

export type VerifyOptions = {
  /** About so many blobs are read, and their hashes compared; all of them by default none. The others' sizes are compared. */
  sample: number | 'all'
  onProgress?: (doneCount: number, count: number) => void
}

/**
 * Compares a snapshot with its manifest: the database, the list of blobs, and each blob. Yields what is wrong. Changes nothing,
 * and needs no memory for the number of blobs.
 */
export async function* verifyBackup(
  blobs: LookedAtBlobs,
  { folder, manifest }: Snapshot,
  { sample, onProgress = () => {} }: VerifyOptions,
): AsyncGenerator<BackupProblem, void, void> {
  yield* verifyFile(folder, 'database', manifest.database)
  let isListWhole = true
  for await (const problem of verifyFile(folder, 'list', manifest.blobs)) {
    isListWhole = false
    yield problem
  }
  for (const key of manifest.keys ?? []) yield* verifyFile(keysOf(folder), 'key', key)
  for (const { id, problem } of manifest.lost.named)
    yield { what: 'blob', name: id, problem: `it was ${problem} on the site when the backup was made` }
  const unnamed = manifest.lost.count - manifest.lost.named.length
  if (unnamed > 0)
    yield { what: 'list', name: 'others', problem: `${unnamed} more blobs were lost on the site` }
  if (!isListWhole) return
  const { count } = manifest.blobs
  const share = sample === 'all' ? 1 : sample / Math.max(count, 1)
  let doneCount = 0
  for await (const some of readBlobList(join(folder, manifest.blobs.file))) {
    const found = await inParallel(some, async ({ id, sizeBytes }) => {
      const foundBytes = await blobs.sizeBytes(id)
      if (foundBytes === null) return ['it is missing']
      if (foundBytes !== sizeBytes) return [`it has ${foundBytes} bytes instead of ${sizeBytes}`]
      if (Math.random() >= share) return []
      const sha256 = await blobs.hashOf(id, sizeBytes)
      return sha256 === id
        ? []
        : [`its bytes have the SHA-256 ${sha256 ?? '(none: the disk cannot read them)'}`]
    })
    for (const [index, problems] of found.entries())
      for (const problem of problems) yield { what: 'blob', name: some[index]?.id ?? '', problem }
    doneCount += some.length
    onProgress(doneCount, count)
  }
}

async function* verifyFile(
  folder: string,
  what: 'database' | 'list' | 'key',
  { file, sizeBytes, sha256 }: Manifest['database'],
): AsyncGenerator<BackupProblem, void, void> {
  const path = join(folder, file)
  const stats = await statOf(path)
  if (!stats) yield { what, name: path, problem: 'it is missing' }
  else if (stats.size !== sizeBytes)
    yield { what, name: path, problem: `it has ${stats.size} bytes instead of ${sizeBytes}` }
  else if ((await hashOf(path, sizeBytes)) !== sha256)
    yield { what, name: path, problem: 'its bytes are not those that were written' }
}
