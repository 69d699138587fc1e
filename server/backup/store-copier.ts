import { finished } from 'node:stream/promises'
import type { BlobId, BlobStore } from '../blobs/blob-store.ts'
import { DamagedBlobError } from '../blobs/checked-stream.ts'
import { damageOf } from '../blobs/damage-of.ts'
import { inParallel } from '../blobs/in-parallel.ts'
import type { BlobCopier, CopyOutcome, WantedBlob } from './copy-blobs.ts'

/** Copies that wait for a network. */
const parallelCopies = 8

/**
 * Copies blobs from one store to another one. Each is hashed on its way. What the target lists with the right length is known;
 * it is read only if that is wished, or if it has been found damaged. The blobs have to come in the order of their hashes.
 */
export function storeCopier(
  from: Pick<BlobStore, 'open'>,
  to: BlobStore,
  { isChecked: areChecked }: { isChecked: boolean },
): BlobCopier {
  const sizesOf = folderSizes(to)

  async function isKnown({ id, sizeBytes, isMarked }: WantedBlob, knownBytes: number): Promise<boolean> {
    const isTrusted = !areChecked && !isMarked && knownBytes === (sizeBytes ?? knownBytes)
    return isTrusted || (await damageOf(to, id)) === null
  }

  async function copy(wanted: WantedBlob): Promise<CopyOutcome> {
    const { id } = wanted
    const knownBytes = (await sizesOf(id.slice(0, 2))).get(id)
    if (knownBytes !== undefined && (await isKnown(wanted, knownBytes)))
      return { id, sizeBytes: knownBytes, how: 'known' }
    try {
      const content = await from.open(id)
      if (!content) return { id, problem: knownBytes === undefined ? 'missing' : 'damaged' }
      const staged = await to.stage(content)
      try {
        if (staged.id !== id) return { id, problem: 'damaged' }
        to.forget?.([id])
        await to.commit([staged])
      } finally {
        await to.discard([staged])
        content.destroy()
        await finished(content).catch(() => {})
      }
      return { id, sizeBytes: staged.sizeBytes, how: 'copied' }
    } catch (error) {
      if (!(error instanceof DamagedBlobError)) throw error
      return { id, problem: error.problem === 'MISSING' ? 'missing' : 'damaged' }
    }
  }

  return {
    copyAll: (blobs) => inParallel(blobs, copy, parallelCopies),
    // What is committed is durable.
    sync: () => Promise.resolve(),
  }
}

/** The lengths of the blobs of a store whose hashes begin so, by their hash. One folder is kept in memory at a time. */
export function folderSizes(
  store: Pick<BlobStore, 'list'>,
): (folder: string) => Promise<Map<BlobId, number>> {
  let last = { folder: '', sizes: Promise.resolve(new Map<BlobId, number>()) }
  async function read(folder: string): Promise<Map<BlobId, number>> {
    const sizes = new Map<BlobId, number>()
    for await (const { id, sizeBytes } of store.list(folder)) if (id !== null) sizes.set(id, sizeBytes)
    return sizes
  }
  return (folder) => {
    if (last.folder !== folder) last = { folder, sizes: read(folder) }
    return last.sizes
  }
}
