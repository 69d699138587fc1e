import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'

/**
 * Bytes that the files below a folder take on the disk, without those that cannot be seen and those that go meanwhile. Files with
 * two names count twice. Stops early above `enoughBytes`.
 */
export async function folderSize(path: string, enoughBytes: number): Promise<number> {
  let sum = 0
  const folders = [path]
  for (let folder = folders.pop(); folder !== undefined && sum <= enoughBytes; folder = folders.pop()) {
    const at = folder
    const entries = await readdir(at, { withFileTypes: true }).catch(ignoreGone([]))
    folders.push(...entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(at, name)))
    const sizes = await Promise.all(
      entries.map(async ({ name }) => (await lstat(join(at, name)).catch(ignoreGone(null)))?.blocks ?? 0),
    )
    for (const blocks of sizes) sum += blocks * 512
  }
  return sum
}

function ignoreGone<Value>(fallback: Value): (error: unknown) => Value {
  return (error) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return fallback
    throw error
  }
}
