import { lstat, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../blobs/storage-full.ts'

/** As many symbolic links as Linux follows for one path. */
const maxLinks = 40

/**
 * Where a path of the folder `root` leads when its symbolic links are followed, as path parts below `root`; null: out of `root`, in
 * circles, or nowhere. `seenAs`: the path of `root` for the script that made the links. No link is followed by the system, so that
 * none leads to a file of the worker.
 */
export async function resolveInside(
  root: string,
  seenAs: string,
  parts: readonly string[],
): Promise<string[] | null> {
  const toDo = [...parts].reverse()
  const done: string[] = []
  let linkCount = 0
  for (let part = toDo.pop(); part !== undefined; part = toDo.pop()) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (done.pop() === undefined) return null
      continue
    }
    const target = await linkTarget(join(root, ...done, part))
    if (target === undefined) return null
    if (target === null) {
      done.push(part)
      continue
    }
    if (++linkCount > maxLinks) return null
    if (target.startsWith('/')) {
      if (target !== seenAs && !target.startsWith(`${seenAs}/`)) return null
      done.length = 0
      toDo.push(...target.slice(seenAs.length).split('/').reverse())
    } else toDo.push(...target.split('/').reverse())
  }
  return done
}

/** null: it is no link; undefined: there is nothing. */
async function linkTarget(path: string): Promise<string | null | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(errorCode(error) ?? '')) return undefined
    throw error
  }
}
