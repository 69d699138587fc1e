import type { Readable } from 'node:stream'
import { toBlobId, type BlobId, type BlobStore } from './blob-store.ts'
import { DamagedBlobError, missingBlob } from './checked-stream.ts'

/**
 * The whole content of a blob that a row names, with the length that the row gives. Throws
 * DamagedBlobError when the blob is absent, or its length is another one; the stream fails when its bytes are others.
 */
export async function openWhole(
  blobs: Pick<BlobStore, 'open' | 'sizeBytes'>,
  sha256: string,
  sizeBytes: number,
): Promise<Readable> {
  const id = toBlobId(sha256)
  await checkSize(blobs, id, sizeBytes)
  const content = await blobs.open(id)
  if (!content) throw missingBlob(id)
  return content
}

/** Throws DamagedBlobError when a blob that a row names is absent, or its length is not the one that the row gives. */
export async function checkSize(
  blobs: Pick<BlobStore, 'sizeBytes'>,
  id: BlobId,
  sizeBytes: number,
): Promise<void> {
  const storedBytes = await blobs.sizeBytes(id)
  if (storedBytes === null) throw missingBlob(id)
  if (storedBytes !== sizeBytes)
    throw new DamagedBlobError(id, 'SIZE', `it has ${storedBytes} bytes instead of ${sizeBytes}`)
}
