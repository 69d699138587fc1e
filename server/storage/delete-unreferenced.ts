import type { BlobId } from '../blobs/blob-store.ts'
import type { Deps } from '../deps.ts'
import { slicesOf } from '../slices.ts'
import { findReferences, type ReferenceMark } from './find-references.ts'

/** Uploads wait as long as a transaction deletes so many blobs: some milliseconds. */
export const blobsPerTransaction = 100

/**
 * Deletes those of these blobs to which no row refers. Of the builds, only those that are newer than `since` are looked
 * at, so no older build may refer to the blobs.
 *
 * A blob is deleted in a transaction that writes, as if it were a row. Such transactions run one after the other, in all
 * processes of a site, and an upload looks in its own whether its blobs are still there (`BlobStore.restore`). So
 * either the upload comes first, and its rows are found here; or the blob is deleted first, and the upload puts it
 * back. Returns the blobs that were deleted. docs/decisions/032-shared-blobs.md says why.
 */
export async function deleteUnreferenced(
  { blobs, writer }: Pick<Deps, 'blobs' | 'writer'>,
  ids: readonly BlobId[],
  since: ReferenceMark,
): Promise<BlobId[]> {
  const deleted: BlobId[] = []
  for (const slice of slicesOf(ids, blobsPerTransaction)) {
    const unreferenced = await writer.transact([], async (tx) => {
      const referenced = await findReferences(tx, slice, since)
      const found = slice.filter((id) => !referenced.has(id))
      await blobs.delete(found)
      return found
    })
    deleted.push(...unreferenced)
  }
  return deleted
}
