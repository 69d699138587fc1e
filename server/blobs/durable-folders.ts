import type * as nodeFs from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncPath } from './durable-files.ts'

/** The part of `node:fs/promises` that the store uses; a test passes one that fails. */
export type FileSystem = Pick<
  typeof nodeFs,
  'link' | 'mkdir' | 'open' | 'opendir' | 'readdir' | 'rename' | 'rm' | 'stat' | 'unlink'
>

/** Folders in `dir`, and files in them, that stay after power loss. */
export function durableFolders(dir: string, fs: Pick<FileSystem, 'mkdir' | 'open'>) {
  const syncedFolders = new Map<string, Promise<void>>()

  const sync = (path: string) => syncPath(path, fs)

  /**
   * Make a folder durably. It is synced once per process, because another process may have made it and not have
   * synced yet, and again when somebody has removed it.
   */
  async function makeFolder(folder: string): Promise<void> {
    const firstMade = await fs.mkdir(folder, { recursive: true })
    if (firstMade === dir) await sync(dirname(dir))
    let synced = firstMade === undefined ? syncedFolders.get(folder) : undefined
    if (!synced) {
      synced = sync(dir)
      syncedFolders.set(folder, synced)
      synced.catch(() => syncedFolders.delete(folder))
    }
    await synced
  }

  return { sync, makeFolder }
}
