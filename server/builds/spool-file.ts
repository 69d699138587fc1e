import { randomUUID } from 'node:crypto'
import * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import { writeAll } from '../blobs/stage-file.ts'
import { asStorageError } from '../blobs/storage-full.ts'

/** The part of `node:fs/promises` that a spool uses; a test passes one that fails. */
export type SpoolFileSystem = Pick<typeof nodeFs, 'mkdir' | 'open' | 'rm'>

/**
 * A temporary file in `dir` that is written at its end and read anywhere. The first `append` creates it. The caller
 * must call `remove` in any case.
 */
export function spoolFile(dir: string, fs: SpoolFileSystem = nodeFs) {
  const path = join(dir, `${randomUUID()}.spool`)
  let file: nodeFs.FileHandle | null = null
  let sizeBytes = 0

  return {
    /** Appends `bytes` and returns their offset in the file. Throws StorageFullError. */
    async append(bytes: Uint8Array): Promise<number> {
      try {
        if (!file) {
          await fs.mkdir(dir, { recursive: true })
          file = await fs.open(path, 'wx+')
        }
        await writeAll(file, [bytes])
      } catch (error) {
        throw asStorageError(error)
      }
      const start = sizeBytes
      sizeBytes += bytes.length
      return start
    },

    async read(start: number, length: number): Promise<Buffer> {
      if (!file) throw new Error('the spool was removed')
      const bytes = Buffer.allocUnsafe(length)
      for (let done = 0; done < length;) {
        const { bytesRead } = await file.read(bytes, done, length - done, start + done)
        if (bytesRead === 0) throw new Error(`${path} ends at byte ${start + done}, before ${start + length}`)
        done += bytesRead
      }
      return bytes
    },

    async remove(): Promise<void> {
      const open = file
      file = null
      if (!open) return
      await open.close()
      await fs.rm(path, { force: true })
    },
  }
}
