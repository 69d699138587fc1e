import type { Stats } from 'node:fs'
import type * as nodeFs from 'node:fs/promises'
import { join } from 'node:path'
import { toBlobId, type ListedBlob, type StrayFile } from './blob-store.ts'
import { fileState } from './file-state.ts'
import { errorCode } from './storage-full.ts'

/** Number of files whose size is asked for at once. */
const batchSize = 64

/**
 * The content of a folder with blobs as `ab/abcdef…`, one subfolder after the other. Files and folders with other names
 * are strays; a stray folder is one entry, whatever it holds. With `digits`, only the subfolder of this name is read.
 * Memory does not grow with the number of files.
 */
export async function* listFolder(
  fs: Pick<typeof nodeFs, 'opendir' | 'stat'>,
  dir: string,
  digits?: string,
): AsyncGenerator<ListedBlob | StrayFile, void, void> {
  if (digits !== undefined) {
    for await (const files of batchesOf(fs, dir, digits))
      for (const file of files) yield entryOf(digits, file)
    return
  }
  for await (const folders of batchesOf(fs, dir, '')) {
    for (const { name, stats } of folders) {
      if (!stats.isDirectory() || !/^[0-9a-f]{2}$/.test(name)) yield strayOf(name, stats)
      else
        for await (const files of batchesOf(fs, dir, name))
          for (const file of files) yield entryOf(name, file)
    }
  }
}

type Entry = { name: string; stats: Stats }

function entryOf(folder: string, { name, stats }: Entry): ListedBlob | StrayFile {
  const isBlob = stats.isFile() && /^[0-9a-f]{64}$/.test(name) && name.startsWith(folder)
  if (!isBlob) return strayOf(`${folder}/${name}`, stats)
  return { id: toBlobId(name), sizeBytes: stats.size, writtenAt: stats.mtime }
}

function strayOf(name: string, stats: Stats): StrayFile {
  const sizeBytes = stats.isDirectory() ? 0 : stats.size
  return { id: null, name, sizeBytes, writtenAt: stats.mtime, state: fileState(stats) }
}

/** The entries of one folder. Those that vanish meanwhile are left out, and so is a folder that vanishes. */
async function* batchesOf(
  fs: Pick<typeof nodeFs, 'opendir' | 'stat'>,
  dir: string,
  folder: string,
): AsyncGenerator<Entry[], void, void> {
  const path = join(dir, folder)
  const describe = async (name: string): Promise<Entry[]> => {
    const stats = await unlessGone(fs.stat(join(path, name)))
    return stats ? [{ name, stats }] : []
  }
  const opened = await unlessGone(fs.opendir(path, { bufferSize: batchSize }))
  if (!opened) return
  let names: string[] = []
  for await (const { name } of opened) {
    if (names.push(name) < batchSize) continue
    yield (await Promise.all(names.map(describe))).flat()
    names = []
  }
  yield (await Promise.all(names.map(describe))).flat()
}

async function unlessGone<Value>(call: Promise<Value>): Promise<Value | null> {
  try {
    return await call
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
}
