import { toBlobId, type BlobStore } from './blob-store.ts'
import { missingBlob } from './checked-stream.ts'

/** Throws DamagedBlobError if one of these blobs is missing. A response, or a file, has not begun then. */
export async function checkPresent(
  blobs: Pick<BlobStore, 'sizeBytes'>,
  content: readonly { sha256: string }[],
): Promise<void> {
  for (const { sha256 } of content) {
    const id = toBlobId(sha256)
    if ((await blobs.sizeBytes(id)) === null) throw missingBlob(id)
  }
}
