import { constants } from 'node:fs'
import { chmod, lstat, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { resolveInside } from './resolve-inside.ts'
import { scriptName } from './run-folder.ts'

/** A file of a build. `path`: relative, with slashes. `mode`: permission bits. */
export type CollectedFile = {
  path: string
  sizeBytes: number
  mode: number
  chunks: () => AsyncIterable<Uint8Array>
}

/** `leftOut`: in words, what is no file of the build although it looks like one, and why. */
export type Collected = { files: CollectedFile[]; leftOut: string[] }

const chunkBytes = 256 * 2 ** 10

/**
 * The files that a script has left, as builder's worker takes them: every regular file, without the script itself and without all
 * whose name, or that of a folder above them, begins with a dot. Symbolic links are followed, but not out of the folder: builder's
 * worker would send any file that it can read, such as its own token. Sorted by path, byte by byte. `seenAs`: the path of `root`
 * for the script.
 */
export async function collectFiles(root: string, seenAs: string): Promise<Collected> {
  const collected: Collected = { files: [], leftOut: [] }
  await addFolder({ root, seenAs, collected }, [], [], new Set())
  collected.files.sort((one, other) => Buffer.compare(Buffer.from(one.path), Buffer.from(other.path)))
  return collected
}

type Walk = { root: string; seenAs: string; collected: Collected }

/**
 * `named`: the path by which the folder was reached, `real`: where it is. `above`: the real paths of the folders on the way, so
 * that a link to one of them ends.
 */
async function addFolder(
  walk: Walk,
  named: readonly string[],
  real: readonly string[],
  above: ReadonlySet<string>,
): Promise<void> {
  const place = join(walk.root, ...real)
  const leaveOut = (name: string, why: string) =>
    void walk.collected.leftOut.push(`${[...named, name].join('/')} is left out: ${why}`)
  const names = await readdir(place, { encoding: 'buffer' })
  for (const bytes of names) {
    const name = bytes.toString()
    if (name.startsWith('.') || (named.length === 0 && name === scriptName)) continue
    if (!Buffer.from(name).equals(bytes)) {
      leaveOut(name, 'its name is not UTF-8')
      continue
    }
    const target = await resolveInside(walk.root, walk.seenAs, [...real, name])
    if (target === null) {
      leaveOut(name, 'the link leads to no file of the build')
      continue
    }
    const path = join(walk.root, ...target)
    const status = await lstat(path)
    const key = target.join('/')
    // A script may take away its own right to read; its files belong to the user of the worker.
    const needed = status.isDirectory() ? 0o500 : 0o400
    if ((status.mode & needed) !== needed && (status.isDirectory() || status.isFile()))
      await chmod(path, (status.mode & 0o777) | needed)
    if (status.isDirectory()) {
      if (above.has(key) || key === '') leaveOut(name, 'the link leads to a folder that contains it')
      else await addFolder(walk, [...named, name], target, new Set([...above, key]))
    } else if (status.isFile())
      walk.collected.files.push({
        path: [...named, name].join('/'),
        sizeBytes: status.size,
        mode: status.mode & 0o777,
        chunks: () => readFile(path, status.size),
      })
  }
}

/** Reads exactly `sizeBytes`. Throws if the file is shorter, or is a link by now. */
async function* readFile(path: string, sizeBytes: number): AsyncGenerator<Uint8Array, void, void> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    for (let offset = 0; offset < sizeBytes;) {
      const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, sizeBytes - offset))
      const { bytesRead } = await file.read(chunk, 0, chunk.length, offset)
      if (bytesRead === 0) throw new Error(`${path} has become shorter`)
      offset += bytesRead
      yield chunk.subarray(0, bytesRead)
    }
  } finally {
    await file.close()
  }
}
