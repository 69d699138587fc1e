import { createHash } from 'node:crypto'
import { createReadStream, type Stats } from 'node:fs'
import { link, mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlobId } from '../blobs/blob-store.ts'
import { isWithoutLinks, statsOf } from '../blobs/file-operations.ts'
import { inParallel } from '../blobs/in-parallel.ts'
import { writeHashed } from '../blobs/stage-file.ts'
import { errorCode } from '../blobs/storage-full.ts'
import { syncPath } from '../blobs/durable-files.ts'
import { blobFile } from './backup-folder.ts'

/** What became of a blob: it is there now, and takes so many bytes; or its source is missing or damaged. */
export type CopyOutcome =
  | { id: BlobId; sizeBytes: number; how: 'known' | 'linked' | 'copied' }
  | { id: BlobId; problem: 'missing' | 'damaged' }

/** A blob to copy. */
export type WantedBlob = {
  id: BlobId
  /** Bytes that it should have; null: unknown. What has another size is hashed: the number may be wrong, and the blob whole. */
  sizeBytes: number | null
  /** It has been found damaged: it is hashed. */
  isMarked: boolean
}

export type CopyOptions = {
  /** Copy also where a hard link is possible. */
  isCopied: boolean
  /** Hash also what is linked, and what is there already: replace it if it is damaged. */
  isChecked: boolean
}

/** Copies blobs from one place to another one. */
export type BlobCopier = {
  /** At most some hundred blobs, in the order of their hashes. */
  copyAll(blobs: readonly WantedBlob[]): Promise<CopyOutcome[]>
  /** Makes what was copied durable. */
  sync(): Promise<void>
}

type Written = { id: BlobId; sizeBytes: number; handle: FileHandle; partial: string }

/**
 * Copies blobs from one folder with `ab/abcdef…` to another one, by hard links where that is possible. Each copy is hashed,
 * and is durable before it has its name: a file with the name of a blob is whole. Call `sync` in the end.
 */
export function blobCopier(
  from: string,
  to: string,
  { isCopied, isChecked: areChecked }: CopyOptions,
): BlobCopier {
  const made = new Set<string>()
  /** Also folders with nothing new: a run that was interrupted may have left names in them that are not durable. */
  const touched = new Set<string>()
  let canLink = !isCopied

  async function makeFolderOf(id: BlobId): Promise<void> {
    const name = id.slice(0, 2)
    if (made.has(name)) return
    await mkdir(join(to, name), { recursive: true, mode: 0o700 })
    made.add(name)
  }

  /** The outcome, or a file that is not durable yet. */
  async function begin({ id, sizeBytes, isMarked }: WantedBlob): Promise<CopyOutcome | Written> {
    const isChecked = areChecked || isMarked
    const [source, target] = [blobFile(from, id), blobFile(to, id)]
    const [ours, theirs] = [await statOf(source), await statOf(target)]
    if (theirs !== null) {
      const expectedBytes = sizeBytes ?? ours?.size ?? theirs.size
      const isTrusted = !isChecked && theirs.size === expectedBytes
      if (isTrusted || (await hashOf(target, theirs.size)) === id)
        return { id, sizeBytes: theirs.size, how: 'known' }
      if (ours === null) return { id, problem: 'damaged' }
      await rm(target, { force: true })
    }
    if (ours === null) return { id, problem: 'missing' }
    await makeFolderOf(id)
    if (canLink) {
      const isTrusted = !isChecked && ours.size === (sizeBytes ?? ours.size)
      if (!isTrusted && (await hashOf(source, ours.size)) !== id) return { id, problem: 'damaged' }
      if (await tryLink(source, target)) return { id, sizeBytes: ours.size, how: 'linked' }
    }
    return copy(id, source, target, ours.size)
  }

  async function tryLink(source: string, target: string): Promise<boolean> {
    try {
      await link(source, target)
      return true
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return true
      if (errorCode(error) !== 'EXDEV' && !isWithoutLinks(error)) throw error
      // One file may have too many links; elsewhere no file can have another one.
      if (errorCode(error) !== 'EMLINK') canLink = false
      return false
    }
  }

  async function copy(
    id: BlobId,
    source: string,
    target: string,
    expectedBytes: number,
  ): Promise<CopyOutcome | Written> {
    const partial = `${target}.partial`
    const handle = await open(partial, 'w', 0o600)
    try {
      const { sha256, sizeBytes } = await writeHashed(handle, bytesOf(source, expectedBytes))
      if (sha256 === id) return { id, sizeBytes, handle, partial }
      await discard(handle, partial)
      return { id, problem: 'damaged' }
    } catch (error) {
      await discard(handle, partial)
      // It was deleted meanwhile, or the disk cannot read it any more.
      if (errorCode(error) === 'ENOENT') return { id, problem: 'missing' }
      if (errorCode(error) === 'EIO') return { id, problem: 'damaged' }
      throw error
    }
  }

  async function finish({ id, sizeBytes, handle, partial }: Written): Promise<CopyOutcome> {
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(partial, blobFile(to, id))
    return { id, sizeBytes, how: 'copied' }
  }

  return {
    /** At most some hundred blobs: their files are written first, and made durable together. */
    async copyAll(blobs: readonly WantedBlob[]): Promise<CopyOutcome[]> {
      for (const { id } of blobs) touched.add(id.slice(0, 2))
      const begun = await inParallel(blobs, begin)
      return inParallel(begun, async (one) => ('handle' in one ? finish(one) : one))
    },
    /** Makes the names of the blobs durable, and those of their folders. */
    async sync(): Promise<void> {
      await inParallel([...touched], (name) => syncIfThere(join(to, name)))
      await syncPath(to)
      await syncPath(dirname(to))
    },
  }
}

/** Where all blobs of a folder are lost, there is no folder. */
async function syncIfThere(folder: string): Promise<void> {
  try {
    await syncPath(folder)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}

async function discard(handle: FileHandle, partial: string): Promise<void> {
  await handle.close()
  await rm(partial, { force: true })
}

/** Null: there is no such file. */
export const statOf = (path: string): Promise<Stats | null> => statsOf({ stat }, path)

/** A stream costs more than the content of a small file. */
const smallBytes = 256 * 1024

/** The content of a file of so many bytes. */
async function* bytesOf(path: string, expectedBytes: number): AsyncGenerator<Uint8Array, void, void> {
  if (expectedBytes <= smallBytes) yield await readFile(path)
  else yield* createReadStream(path, { highWaterMark: smallBytes }) as AsyncIterable<Buffer>
}

/** The SHA-256 of a file of so many bytes, 64 digits; null if the disk cannot read it. */
export async function hashOf(path: string, expectedBytes: number): Promise<string | null> {
  const hash = createHash('sha256')
  try {
    for await (const chunk of bytesOf(path, expectedBytes)) hash.update(chunk)
  } catch (error) {
    if (errorCode(error) === 'EIO' || errorCode(error) === 'ENOENT') return null
    throw error
  }
  return hash.digest('hex')
}
