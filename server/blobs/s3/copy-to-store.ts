import { hashFile } from '../hash-file.ts'
import type { BlobId, BlobStore } from '../blob-store.ts'
import type { DiskBlobStore } from '../disk-blob-store.ts'
import { inParallel } from '../in-parallel.ts'
import type { S3Objects } from './s3-objects.ts'
import { blobKey } from './s3-blob-store.ts'

export type CopiedToStore = {
  /** Blobs that were copied, and their bytes. */
  copiedCount: number
  copiedBytes: number
  /** Those that were there already, with the same length. */
  knownCount: number
  /** Files whose content has another hash than their name. They are not copied. */
  damaged: BlobId[]
}

const folders = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'))
const parallelCopies = 8

/**
 * Copies all blobs of a folder to an object store, except for those that are there. It can be interrupted and run again; the site
 * may be used meanwhile. Memory: the names of one in 256 blobs.
 */
export async function copyToStore(
  from: Pick<DiskBlobStore, 'list' | 'fileOf'>,
  to: Pick<BlobStore, 'list'>,
  objects: Pick<S3Objects, 'put'>,
  {
    signal,
    onProgress = () => {},
  }: { signal?: AbortSignal; onProgress?: (copied: CopiedToStore) => void } = {},
): Promise<CopiedToStore> {
  const copied: CopiedToStore = { copiedCount: 0, copiedBytes: 0, knownCount: 0, damaged: [] }
  for (const folder of folders) {
    const known = new Map<BlobId, number>()
    for await (const one of to.list(folder)) if (one.id !== null) known.set(one.id, one.sizeBytes)
    const wanted: { id: BlobId; sizeBytes: number }[] = []
    for await (const { id, sizeBytes } of from.list(folder)) {
      if (id === null) continue
      if (known.get(id) === sizeBytes) copied.knownCount += 1
      else wanted.push({ id, sizeBytes })
    }
    await inParallel(
      wanted,
      async ({ id, sizeBytes }) => {
        if (signal?.aborted === true) return
        const file = from.fileOf(id)
        if ((await hashFile(file)) !== id) return void copied.damaged.push(id)
        await objects.put(blobKey(id), { file, sizeBytes, sha256: id })
        copied.copiedCount += 1
        copied.copiedBytes += sizeBytes
        onProgress(copied)
      },
      parallelCopies,
    )
    if (signal?.aborted === true) break
  }
  return copied
}
