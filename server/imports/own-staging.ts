import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'
import { DataDirInUseError, lockDataDir } from '../data-dir-lock.ts'

/** A staging folder that belongs to this process. */
export type OwnStaging = { dir: string; release: () => Promise<void> }

/**
 * A staging folder for a command that stores builds while a server runs: the server empties its own folder when it
 * starts. Folders that ended commands have left are removed. A lock, which the system releases however a process ends,
 * says which folders are still in use.
 */
export async function ownStaging(dataDir: string): Promise<OwnStaging> {
  const parent = join(dataDir, 'imports')
  await mkdir(parent, { recursive: true })
  for (const name of await readdir(parent)) await removeUnlessUsed(join(parent, name))
  const dir = join(parent, randomUUID())
  await mkdir(dir)
  const lock = lockDataDir(dir)
  return {
    dir,
    async release() {
      lock.release()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** Whether a command stores builds in a site right now, such as `hub import records --watch`. */
export async function isImporting(dataDir: string): Promise<boolean> {
  const parent = join(dataDir, 'imports')
  for (const name of await readdir(parent).catch(() => [])) if (await isUsed(join(parent, name))) return true
  return false
}

async function isUsed(dir: string): Promise<boolean> {
  // A folder that is gone has no owner.
  if ((await stat(dir).catch(() => null)) === null) return false
  try {
    lockDataDir(dir, { timeoutMs: 0 }).release()
    return false
  } catch (error) {
    return error instanceof DataDirInUseError
  }
}

/** A folder this young may not have its lock yet. */
const youngMs = 60_000

async function removeUnlessUsed(dir: string): Promise<void> {
  try {
    if (Date.now() - (await stat(dir)).mtimeMs < youngMs) return
    lockDataDir(dir, { timeoutMs: 0 }).release()
  } catch (error) {
    // Another command removes it.
    if (error instanceof DataDirInUseError || errorCode(error) === 'ENOENT') return
    throw error
  }
  await rm(dir, { recursive: true, force: true })
}
