import { createHash } from 'node:crypto'
import * as nodeFs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { LRUCache } from 'lru-cache'
import { toBlobId, VanishedBlobError, type BlobId, type BlobStore, type Staged } from './blob-store.ts'
import { checkedStream, DamagedBlobError } from './checked-stream.ts'
import { durableFolders, type FileSystem } from './durable-folders.ts'
import { isWithoutLinks, removeFile, stateOf, statsOf } from './file-operations.ts'
import { fileState } from './file-state.ts'
import { inParallel } from './in-parallel.ts'
import { listFolder } from './list-folder.ts'
import { moveAside } from './move-aside.ts'
import { stagingFolder } from './staging-folder.ts'
import { asStorageError, errorCode } from './storage-full.ts'

export type DiskBlobStore = BlobStore & {
  fileOf(id: BlobId): string
  /** Delete files that a crash left in the staging folder. Call it before the first upload. Returns their number. */
  sweepStaging(): Promise<number>
}

const readBufferBytes = 256 * 1024
/** Some 20 MB of memory. */
const maxIntactFiles = 100_000

const emptyId = toBlobId(createHash('sha256').digest('hex'))

/**
 * Blobs as files `dir/ab/abcdef…`, named by their hash. `stagingDir` has to be on the same file system.
 *
 * A blob becomes visible by a hard link to its staged file, after its bytes are on the disk. Therefore a visible file is
 * complete, even after power loss, and an upload still has its content when somebody deletes the blob. On a file system
 * without hard links the staged file is renamed; `restore` cannot put it back then.
 *
 * A disk may damage a file later. A file is hashed each time that it is read as a whole, and when its content is first
 * uploaded again; `onMend` hears of each damaged file that an upload has replaced.
 */
export function diskBlobStore(options: {
  dir: string
  stagingDir: string
  /** Where `setAside` moves files. Default: `quarantine` beside `dir`. */
  quarantineDir?: string
  fs?: FileSystem
  onMend?: (id: BlobId) => void
}): DiskBlobStore {
  const { dir, stagingDir, quarantineDir = join(dirname(dir), 'quarantine'), fs = nodeFs, onMend } = options
  const staging = stagingFolder(stagingDir, fs)
  const { makeFolder, sync } = durableFolders(dir, fs)
  /** The state of each file whose content was found to be right. */
  const intactFiles = new LRUCache<BlobId, string>({ max: maxIntactFiles })
  const creators = new WeakSet<Staged>()

  const folderOf = (id: BlobId) => join(dir, id.slice(0, 2))
  const fileOf = (id: BlobId) => join(folderOf(id), id)

  /** Whether there is a blob, with the content that its name stands for. Reads its file once, until it changes. */
  async function conditionOf({
    id,
    sizeBytes: expectedBytes,
  }: Staged): Promise<'absent' | 'intact' | 'damaged'> {
    try {
      return (await isIntact(id, expectedBytes)) ? 'intact' : 'damaged'
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return 'absent'
      throw error
    }
  }

  async function isIntact(id: BlobId, expectedBytes: number): Promise<boolean> {
    if ((await fs.stat(fileOf(id))).size !== expectedBytes) return false
    const handle = await fs.open(fileOf(id), 'r')
    try {
      const state = fileState(await handle.stat())
      if (intactFiles.get(id) === state) return true
      const hash = createHash('sha256')
      const stream = handle.createReadStream({ autoClose: false, highWaterMark: readBufferBytes })
      for await (const chunk of stream as AsyncIterable<Buffer>) hash.update(chunk)
      if (hash.digest('hex') !== id) return false
      intactFiles.set(id, state)
      return true
    } catch (error) {
      // The disk cannot read it any more.
      if (errorCode(error) === 'EIO') return false
      throw error
    } finally {
      await handle.close()
    }
  }

  const sizeBytes = async (id: BlobId) => (await statsOf(fs, fileOf(id)))?.size ?? null

  /** Makes blobs of staged files, except of those whose content is there. Their folders are not synced yet. */
  async function publish(all: readonly { one: Staged; file: string }[]): Promise<void> {
    // Almost all steps that can fail for a full disk come before the first link, so that no blob is visible then.
    const missing = await inParallel(all, async ({ one, file }) => {
      const found = await conditionOf(one)
      if (found === 'intact') return []
      await makeFolder(folderOf(one.id))
      await sync(file)
      return [{ one, file, isDamaged: found === 'damaged' }]
    })
    await inParallel(missing.flat(), async ({ one, file, isDamaged }) => {
      if (isDamaged) {
        await replaceBy(one, file)
        onMend?.(one.id)
      } else if (await linkTo(one, file)) creators.add(one)
    })
  }

  /** False: another upload has created the blob meanwhile. */
  async function linkTo(one: Staged, file: string): Promise<boolean> {
    try {
      await fs.link(file, fileOf(one.id))
      return true
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false
      if (!isWithoutLinks(error)) throw error
      await moveTo(one, file)
      return true
    }
  }

  /** Puts the staged file in the place of a damaged one. A second link to it is moved, so that it stays for `restore`. */
  async function replaceBy(one: Staged, file: string): Promise<void> {
    const copy = staging.newPath()
    try {
      await fs.link(file, copy)
    } catch (error) {
      if (!isWithoutLinks(error)) throw error
      await moveTo(one, file)
      return
    }
    try {
      await fs.rename(copy, fileOf(one.id))
    } finally {
      // It is still there if the move failed, or if both are links to one file already.
      await removeFile(fs, copy)
    }
  }

  async function moveTo(one: Staged, file: string): Promise<void> {
    await fs.rename(file, fileOf(one.id))
    staging.release(one)
  }

  async function syncFoldersOf(staged: readonly Staged[]): Promise<void> {
    await inParallel([...new Set(staged.map(({ id }) => folderOf(id)))], sync)
  }

  return {
    sizeBytes,
    stateOf: (id) => stateOf(fs, fileOf(id)),
    stage: (chunks) => staging.stage(chunks),
    discard: (staged) => staging.discard(staged),
    sweepStaging: () => staging.sweep(),
    fileOf,

    async commit(staged) {
      const all = staging.withFiles(staged)
      try {
        await publish(all)
        // Also for an existing blob: the upload that linked it may not have synced the folder yet.
        await syncFoldersOf(staged)
      } catch (error) {
        await staging.discard(staged)
        throw asStorageError(error)
      }
    },

    async restore(staged) {
      const vanished = await inParallel(staged, async (one) => {
        if ((await sizeBytes(one.id)) === one.sizeBytes) return []
        const file = staging.fileOf(one)
        if (!file) throw new VanishedBlobError(one.id)
        return [{ one, file }]
      })
      if (vanished.flat().length === 0) return []
      try {
        await publish(vanished.flat())
        await syncFoldersOf(vanished.flat().map(({ one }) => one))
        return vanished.flat().map(({ one }) => one.id)
      } catch (error) {
        throw asStorageError(error)
      }
    },

    createdBy: (staged) => [...new Set(staged.filter((one) => creators.has(one)).map(({ id }) => id))],

    async open(id, range) {
      let handle
      try {
        handle = await fs.open(fileOf(id), 'r')
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return null
        throw error
      }
      try {
        const stats = await handle.stat()
        const { size } = stats
        const { start, end } = range ?? { start: 0, end: size }
        if (start < 0 || start > end || end > size) {
          throw new RangeError(`bytes ${start} to ${end} of blob ${id}, which has ${size}`)
        }
        if (start === end) {
          if (size === 0 && id !== emptyId) throw new DamagedBlobError(id, 'HASH', 'it is empty')
          await handle.close()
          return Readable.from([], { objectMode: false })
        }
        const stream = handle.createReadStream({ start, end: end - 1, highWaterMark: readBufferBytes })
        const state = fileState(stats)
        if (end - start < size) return stream
        // Also what was right before: a disk that damages a file leaves its time as it was.
        intactFiles.delete(id)
        return checkedStream(id, stream, () => intactFiles.set(id, state))
      } catch (error) {
        await handle.close()
        throw error
      }
    },

    list: (digits) => listFolder(fs, dir, digits),

    forget(ids) {
      for (const id of ids) intactFiles.delete(id)
    },

    async setAside(name, state) {
      const id = /^[0-9a-f]{64}$/.test(name) ? toBlobId(name) : null
      const from = id === null ? join(dir, name) : fileOf(id)
      const to = join(quarantineDir, `${name.replaceAll('/', '-')}.${Date.now()}`)
      const aside = await moveAside(fs, from, to, state)
      if (id !== null && aside.outcome !== 'ABSENT') intactFiles.delete(id)
      return aside
    },

    async delete(ids) {
      await inParallel(ids, (id) => removeFile(fs, fileOf(id)))
    },
  }
}
