import type { BlobId } from '../blobs/blob-store.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { slicesOf } from '../slices.ts'
import { findReferences, type ReferenceMark } from './find-references.ts'

/** Uploads wait as long as a transaction deletes so many blobs: some milliseconds. */
export const blobsPerTransaction = 100

/** Their deletions all begin at once. None begins later, after a file system that stalled goes on. */
const blobsPerGroup = 4

/** A transaction deletes for so long. Its time limit, after which it may be rolled back unnoticed, is much longer. */
const deletingMs = 5_000

/**
 * Deletes those of these blobs to which no row refers. Of the builds, only those that are newer than `since` are looked
 * at, so no older build may refer to the blobs.
 *
 * A blob is deleted in a transaction that writes, as if it were a row. Such transactions run one after the other, in all
 * processes of a site, and an upload looks in its own whether its blobs are still there (`BlobStore.restore`). So
 * either the upload comes first, and its rows are found here; or the blob is deleted first, and the upload puts it
 * back. Returns the blobs that were deleted. Throws when a transaction was ended before its deletions; some are
 * deleted then. docs/decisions/032-shared-blobs.md says why.
 */
export async function deleteUnreferenced(
  { blobs, writer }: Pick<Deps, 'blobs' | 'writer'>,
  ids: readonly BlobId[],
  since: ReferenceMark,
): Promise<BlobId[]> {
  const deleted: BlobId[] = []
  let waiting = [...ids]
  while (waiting.length > 0) {
    const slice = waiting.slice(0, blobsPerTransaction)
    const step = await writer.transact([], async (tx) => {
      const referenced = await findReferences(tx, slice, since)
      const found = slice.filter((id) => !referenced.has(id))
      return { found, doneCount: await deleteWhileLocked(tx, blobs, found) }
    })
    deleted.push(...step.found.slice(0, step.doneCount))
    waiting = [...step.found.slice(step.doneCount), ...waiting.slice(slice.length)]
  }
  return deleted
}

/** Returns how many were deleted when the time was over: those of the first group at least. */
async function deleteWhileLocked(
  tx: Transaction,
  blobs: Deps['blobs'],
  ids: readonly BlobId[],
): Promise<number> {
  const endsAt = performance.now() + deletingMs
  let doneCount = 0
  for (const group of slicesOf(ids, blobsPerGroup)) {
    if (doneCount > 0 && performance.now() >= endsAt) break
    // Throws if the transaction has ended meanwhile: the lock may belong to an upload that needs these blobs.
    await tx.$queryRaw(Prisma.sql`SELECT 1`)
    await blobs.delete(group)
    doneCount += group.length
  }
  return doneCount
}
