import type { Stats } from 'node:fs'
import { errorCode } from './storage-full.ts'
import type { FileSystem } from './durable-folders.ts'
import { fileState } from './file-state.ts'

/** A file system without hard links says so in one of these ways. A folder, too, has none: EPERM. */
const noLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Whether a hard link failed because there can be none, not because of this file. */
export const isWithoutLinks = (error: unknown): boolean => noLinks.has(errorCode(error) ?? '')

/** Null: there is no such file. */
export async function statsOf(fs: Pick<FileSystem, 'stat'>, path: string): Promise<Stats | null> {
  try {
    return await fs.stat(path)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}

/** A text that changes whenever the file is written or replaced; null: there is no such file. */
export async function stateOf(fs: Pick<FileSystem, 'stat'>, path: string): Promise<string | null> {
  const stats = await statsOf(fs, path)
  return stats && fileState(stats)
}

/** Also if it is gone already. */
export async function removeFile(fs: Pick<FileSystem, 'unlink'>, path: string): Promise<void> {
  try {
    await fs.unlink(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
}
