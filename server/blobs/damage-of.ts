import type { BlobId, BlobStore } from './blob-store.ts'
import { asDamage, DamagedBlobError, missingBlob } from './checked-stream.ts'

/**
 * What is wrong with a blob; null: it is whole. Reads all of it, whatever was found before. `onBytes` is called with the
 * number of bytes of each chunk, and delays the next one until it has ended. Throws what it throws, and what is no damage.
 */
export async function damageOf(
  store: Pick<BlobStore, 'open' | 'forget'>,
  id: BlobId,
  onBytes: (count: number) => Promise<void> | void = () => {},
): Promise<DamagedBlobError | null> {
  store.forget?.([id])
  try {
    const content = await store.open(id)
    if (!content) return missingBlob(id)
    for await (const chunk of content as AsyncIterable<Buffer>) await onBytes(chunk.length)
    return null
  } catch (error) {
    const damage = error instanceof Error ? asDamage(id, error) : error
    if (damage instanceof DamagedBlobError) return damage
    throw error
  }
}
