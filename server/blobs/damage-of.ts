import type { BlobId, BlobStore } from './blob-store.ts'
import { asDamage, DamagedBlobError, missingBlob, type BlobProblem } from './checked-stream.ts'

/**
 * What is wrong with a blob. `state` is that of the blob that was read (`BlobStore.stateOf`); null: it is missing. A blob
 * with another state is another one, of which this says nothing.
 */
export type Damage = { id: BlobId; problem: BlobProblem; found: string; state: string | null }

/**
 * What is wrong with a blob; null: it is whole. Reads all of it, whatever was found before. `onBytes` is called with the
 * number of bytes of each chunk, and delays the next one until it has ended. Throws what it throws, and what is no damage.
 */
export async function damageOf(
  store: Pick<BlobStore, 'open' | 'stateOf' | 'forget'>,
  id: BlobId,
  onBytes: (count: number) => Promise<void> | void = () => {},
): Promise<Damage | null> {
  store.forget?.([id])
  // Before it is opened: what replaces it from now on has another state.
  const state = await store.stateOf(id)
  try {
    const content = await store.open(id)
    if (!content) return damageIn(missingBlob(id), null)
    for await (const chunk of content as AsyncIterable<Buffer>) await onBytes(chunk.length)
    return null
  } catch (error) {
    const damage = error instanceof Error ? asDamage(id, error) : error
    if (damage instanceof DamagedBlobError) return damageIn(damage, state)
    throw error
  }
}

const damageIn = ({ id, problem, found }: DamagedBlobError, state: string | null): Damage => ({
  ...{ id, problem, found, state },
})
