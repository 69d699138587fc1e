import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { syncPath } from '../blobs/durable-files.ts'
import { errorCode } from '../blobs/storage-full.ts'
import type { Manifest } from './backup-folder.ts'
import { hashOf } from './copy-blobs.ts'

type KeyFile = NonNullable<Manifest['keys']>[number]

/** The folder of keys in a data directory, and in a snapshot that has them. */
export const keysOf = (folder: string): string => join(folder, 'keys')

/** Copies the keys of a site into a snapshot, for their owner alone. Returns what the manifest says of them. */
export async function saveKeys(dataDir: string, snapshot: string): Promise<KeyFile[]> {
  const names = await readdir(keysOf(dataDir)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  })
  // A key that is being made has a longer name.
  const wanted = names.filter((name) => /^\w+\.\w+$/.test(name)).sort()
  return copyKeys(keysOf(dataDir), keysOf(snapshot), wanted)
}

/** Copies the keys of a snapshot into a data directory. Returns the names of those that are not what was saved. */
export async function restoreKeys(
  snapshot: string,
  keys: readonly KeyFile[],
  dataDir: string,
): Promise<string[]> {
  const names = keys.map(({ file }) => file)
  const copied = await copyKeys(keysOf(snapshot), keysOf(dataDir), names)
  return copied.filter(({ sha256 }, index) => sha256 !== keys[index]?.sha256).map(({ file }) => file)
}

async function copyKeys(from: string, to: string, names: readonly string[]): Promise<KeyFile[]> {
  if (names.length === 0) return []
  await mkdir(to, { recursive: true, mode: 0o700 })
  const copied: KeyFile[] = []
  for (const file of names) {
    const path = join(to, file)
    // It keeps the mode: keys are for their owner alone.
    await copyFile(join(from, file), path)
    await syncPath(path)
    const { size: sizeBytes } = await stat(path)
    copied.push({ file, sizeBytes, sha256: (await hashOf(path, sizeBytes)) ?? '' })
  }
  await syncPath(to)
  return copied
}
