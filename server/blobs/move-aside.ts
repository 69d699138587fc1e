import { dirname } from 'node:path'
import type { SetAside } from './blob-store.ts'
import type { FileSystem } from './durable-folders.ts'
import { isWithoutLinks, removeFile, stateOf } from './file-operations.ts'
import { errorCode } from './storage-full.ts'

/** Moves a file, or a folder, while it has this state (`stateOf`). What replaces it at that moment is given back. */
export async function moveAside(fs: FileSystem, from: string, to: string, state: string): Promise<SetAside> {
  const current = await stateOf(fs, from)
  if (current !== state) return { outcome: current === null ? 'ABSENT' : 'CHANGED' }
  await fs.mkdir(dirname(to), { recursive: true })
  try {
    await fs.rename(from, to)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { outcome: 'ABSENT' }
    throw error
  }
  if ((await stateOf(fs, to)) === state) return { outcome: 'MOVED', to }
  await moveBack(fs, to, from)
  return { outcome: 'CHANGED' }
}

/** Unless there is another one by now. */
async function moveBack(fs: FileSystem, file: string, to: string): Promise<void> {
  try {
    await fs.link(file, to)
  } catch (error) {
    if (isWithoutLinks(error)) return fs.rename(file, to)
    if (errorCode(error) !== 'EEXIST') throw error
  }
  await removeFile(fs, file)
}
