import { randomUUID } from 'node:crypto'
import * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import { toBlobId, type Staged } from './blob-store.ts'
import type { FileSystem } from './durable-folders.ts'
import { removeFile } from './file-operations.ts'
import { inParallel } from './in-parallel.ts'
import { writeHashed } from './stage-file.ts'
import { asStorageError, errorCode } from './storage-full.ts'

export type StagingFolder = ReturnType<typeof stagingFolder>

/** Staged bytes as files of a folder, until they are discarded. */
export function stagingFolder(dir: string, fs: FileSystem = nodeFs) {
  const files = new WeakMap<Staged, string>()
  const newPath = () => join(dir, `${randomUUID()}.blob`)

  async function createFile(path: string): Promise<nodeFs.FileHandle> {
    try {
      return await fs.open(path, 'wx')
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
      await fs.mkdir(dir, { recursive: true })
      return fs.open(path, 'wx')
    }
  }

  return {
    /** The path of a file that does not exist yet. */
    newPath,

    /** See `BlobStore.stage`. */
    async stage(chunks: AsyncIterable<Uint8Array>): Promise<Staged> {
      const path = newPath()
      try {
        const file = await createFile(path)
        let written
        try {
          written = await writeHashed(file, chunks)
        } finally {
          await file.close()
        }
        const staged = { id: toBlobId(written.sha256), sizeBytes: written.sizeBytes }
        files.set(staged, path)
        return staged
      } catch (error) {
        await removeFile(fs, path)
        throw asStorageError(error)
      }
    },

    /** Undefined: these bytes are not staged, or were discarded. */
    fileOf: (staged: Staged): string | undefined => files.get(staged),

    /** Each of them with its file. Throws if one is not staged. */
    withFiles(staged: readonly Staged[]): { one: Staged; file: string }[] {
      return staged.map((one) => {
        const file = files.get(one)
        if (!file) throw new Error(`blob ${one.id} is not staged`)
        return { one, file }
      })
    },

    /** Somebody else has the file from now on. */
    release(staged: Staged): void {
      files.delete(staged)
    },

    /** See `BlobStore.discard`. */
    async discard(staged: readonly Staged[]): Promise<void> {
      await inParallel(staged, async (one) => {
        const file = files.get(one)
        files.delete(one)
        if (file) await removeFile(fs, file)
      })
    },

    /** Delete files that a crash left. Call it before the first upload. Returns their number. */
    async sweep(): Promise<number> {
      await fs.mkdir(dir, { recursive: true })
      const names = await fs.readdir(dir)
      await inParallel(names, (name) => fs.rm(join(dir, name), { recursive: true, force: true }))
      return names.length
    },
  }
}
