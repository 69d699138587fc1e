import { arrayBuffer } from 'node:stream/consumers'
import type { BlobId, BlobStore } from './blob-store.ts'

/** Small content whole; `null` when absent. Reads at most `maxBytes`. */
export async function readBytes(
  blobs: Pick<BlobStore, 'open' | 'sizeBytes'>,
  id: BlobId,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const sizeBytes = await blobs.sizeBytes(id)
  if (sizeBytes === null) return null
  const stream = await blobs.open(id, { start: 0, end: Math.min(sizeBytes, maxBytes) })
  return stream && new Uint8Array(await arrayBuffer(stream))
}
