import { join } from 'node:path'
import { NoBackupError, readBlobList, type Snapshot } from './backup-folder.ts'
import { hashOf, statOf } from './copy-blobs.ts'

/**
 * Holds the list of blobs of a snapshot against its manifest: its size, its hash, and the order and number of its lines. Throws
 * NoBackupError; `advice` says what to do.
 */
export async function checkBlobList({ folder, manifest }: Snapshot, advice: string): Promise<void> {
  const { file, sizeBytes, sha256, count } = manifest.blobs
  const path = join(folder, file)
  const stats = await statOf(path)
  const isWhole = stats?.size === sizeBytes && (await hashOf(path, sizeBytes)) === sha256
  if (!isWhole) throw new NoBackupError(`${path} is not the list that its manifest describes: ${advice}`)
  let lines = 0
  for await (const some of readBlobList(path)) lines += some.length
  if (lines !== count) throw new NoBackupError(`${path} has ${lines} lines instead of ${count}: ${advice}`)
}
