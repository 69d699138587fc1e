import { randomUUID } from 'node:crypto'
import * as fs from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobId, BlobStore } from './blob-store.ts'
import { DamagedBlobError, missingBlob } from './checked-stream.ts'
import { writeHashed } from './stage-file.ts'
import { asStorageError, errorCode } from './storage-full.ts'

/** What a file can be made of. The two builds of a comparison can be in different stores. */
export type BlobSource = Pick<BlobStore, 'open' | 'sizeBytes' | 'fileOf'>

/** Content of blobs as files: worker processes read files, and no store. */
export type LocalCopies = {
  /**
   * Calls `use` with the path of a file that has the content of a blob. The file stays until `use` has ended. It is
   * the file of the store, if the store has files; otherwise it is a copy, whose SHA-256 was checked. Callers that
   * want the same content at once share a copy.
   *
   * Throws what `use` throws, and if there is no file of the store: DamagedBlobError for missing or damaged
   * content, StorageFullError.
   */
  withFile<Value>(blobs: BlobSource, id: BlobId, use: (file: string) => Promise<Value>): Promise<Value>
  /** Delete what an earlier process left. Call it before the first `withFile`. Returns the number of files. */
  sweep(): Promise<number>
}

type Copy = { file: string; sizeBytes: number; users: number; filled: Promise<void> }

/** Some dozen of the largest binaries. */
const defaultMaxBytes = 10 * 1024 ** 3

/**
 * Copies in the folder `dir`, which belongs to one process. When all copies together have more than `maxBytes`, those
 * that were not used for the longest time are deleted, but never one in use: as long as the copies in use alone have
 * more than `maxBytes`, they are all that is left.
 */
export function localCopies({
  dir,
  maxBytes = defaultMaxBytes,
}: {
  dir: string
  maxBytes?: number
}): LocalCopies {
  /** In the order of their last use. */
  const copies = new Map<BlobId, Copy>()

  async function copyOf(blobs: BlobSource, id: BlobId): Promise<Copy> {
    const sizeBytes = await blobs.sizeBytes(id)
    if (sizeBytes === null) throw missingBlob(id)
    // Without a pause from here to the end: the next caller finds the copy.
    const known = copies.get(id)
    const file = join(dir, `${id}.${randomUUID()}`)
    const copy = known ?? {
      file,
      sizeBytes,
      users: 0,
      filled: makeRoom(sizeBytes).then(() => fill(blobs, id, file)),
    }
    copy.users += 1
    copies.delete(id)
    copies.set(id, copy)
    return copy
  }

  async function fill(blobs: BlobSource, id: BlobId, path: string): Promise<void> {
    const content = await blobs.open(id)
    if (!content) throw missingBlob(id)
    try {
      const file = await createFile(path)
      try {
        const { sha256 } = await writeHashed(file, content)
        if (sha256 !== id) throw new DamagedBlobError(id, 'HASH', `its bytes have the SHA-256 ${sha256}`)
      } finally {
        await file.close()
      }
    } catch (error) {
      // What cannot be removed goes at the next start. The caller needs the reason of the failure.
      await fs.rm(path, { force: true }).catch(() => {})
      throw asStorageError(error)
    } finally {
      content.destroy()
    }
  }

  async function createFile(path: string): Promise<fs.FileHandle> {
    try {
      return await fs.open(path, 'wx')
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      await fs.mkdir(dir, { recursive: true })
      return fs.open(path, 'wx')
    }
  }

  /** Deletes unused copies, until all copies and `newBytes` more fit. */
  async function makeRoom(newBytes: number): Promise<void> {
    let excess = newBytes - maxBytes
    for (const { sizeBytes } of copies.values()) excess += sizeBytes
    const removed: { id: BlobId; copy: Copy }[] = []
    for (const [id, copy] of copies) {
      const { sizeBytes, users } = copy
      if (excess <= 0) break
      if (users > 0) continue
      excess -= sizeBytes
      removed.push({ id, copy })
    }
    for (const { id } of removed) copies.delete(id)
    await Promise.all(
      removed.map(({ id, copy }) =>
        fs.rm(copy.file, { force: true }).catch(() => {
          // It still takes room: the next call tries again, unless somebody has copied the content meanwhile.
          if (!copies.has(id)) copies.set(id, copy)
        }),
      ),
    )
  }

  return {
    async withFile(blobs, id, use) {
      const own = blobs.fileOf?.(id)
      if (own !== undefined) return use(own)
      const copy = await copyOf(blobs, id)
      try {
        await copy.filled.catch((error: unknown) => {
          // The next caller tries again.
          if (copies.get(id) === copy) copies.delete(id)
          throw error
        })
        return await use(copy.file)
      } finally {
        copy.users -= 1
        await makeRoom(0)
      }
    },

    async sweep() {
      const names = await fs.readdir(dir).catch((error: unknown) => {
        if (errorCode(error) === 'ENOENT') return []
        throw error
      })
      for (const name of names) await fs.rm(join(dir, name), { recursive: true, force: true })
      return names.length
    },
  }
}
