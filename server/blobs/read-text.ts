import { buffer } from 'node:stream/consumers'
import type { BlobId, BlobStore } from './blob-store.ts'

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Small content as UTF-8 text, invalid bytes as U+FFFD, with a byte order mark that it may have; `null` when
 * absent. Reads at most `maxBytes`.
 */
export async function readText(
  blobs: BlobStore,
  id: BlobId,
  maxBytes = 32 * 1024 ** 2,
): Promise<string | null> {
  const sizeBytes = await blobs.sizeBytes(id)
  if (sizeBytes === null) return null
  const stream = await blobs.open(id, { start: 0, end: Math.min(sizeBytes, maxBytes) })
  return stream && decoder.decode(await buffer(stream))
}
