import { mkdir, readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import * as z from 'zod'
import { errorCode } from '../blobs/storage-full.ts'
import { syncPath, writeDurably } from '../blobs/durable-files.ts'
import { DomainError } from '../errors.ts'

/** A folder that no backup may be written to: it is part of the site, or has files of another program. */
export class WrongBackupFolderError extends DomainError {
  override readonly name = 'WrongBackupFolderError'
}

/** A file that marks a folder as one of backups: what lies in other folders is never removed. */
const markFile = 'builder-hub-backup.json'
const Mark = z.object({ format: z.literal(1) })

/** What an empty folder may have: the root of a file system has the first one, an interrupted first backup the second. */
const ignored = new Set(['lost+found', `${markFile}.partial`])

/**
 * A folder of backups is not the data directory, lies not in it, and does not contain it; links are followed. Throws
 * WrongBackupFolderError.
 */
export async function checkApart(dir: string, site: { dataDir: string; blobDir: string }): Promise<void> {
  const folder = await realPathOf(dir)
  for (const own of [site.dataDir, site.blobDir]) {
    const ours = await realPathOf(own)
    if (isWithin(folder, ours) || isWithin(ours, folder))
      throw new WrongBackupFolderError(
        `${dir} is, contains or lies in ${own}, which is the site's own: name a folder of backups outside of it`,
      )
  }
}

const isWithin = (path: string, folder: string): boolean => {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

/** The path without links. What does not exist yet has none. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || dirname(path) === path) throw error
    return join(await realPathOf(dirname(path)), basename(path))
  }
}

/** Marks an empty folder, which is made if it is missing, as one of backups. Throws WrongBackupFolderError if it has other files. */
export async function claimFolder(dir: string): Promise<void> {
  const topmost = await mkdir(dir, { recursive: true, mode: 0o700 })
  if (await isMarked(dir)) return
  const [first] = (await readdir(dir)).filter((name) => !ignored.has(name))
  if (first !== undefined) throw notOurs(dir, `it has ${first}`)
  const mark = { format: 1 } satisfies z.infer<typeof Mark>
  await writeDurably(join(dir, markFile), `${JSON.stringify(mark)}\n`)
  if (topmost === undefined) return
  for (let made = dir; made.length >= topmost.length; made = dirname(made)) await syncPath(dirname(made))
}

/** Throws WrongBackupFolderError if the folder has no mark. */
export async function checkClaimed(dir: string): Promise<void> {
  if (!(await isMarked(dir))) throw notOurs(dir, `it has no ${markFile}`)
}

async function isMarked(dir: string): Promise<boolean> {
  let text
  try {
    text = await readFile(join(dir, markFile), 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false
    throw error
  }
  try {
    Mark.parse(JSON.parse(text))
    return true
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof z.ZodError)) throw error
    throw notOurs(dir, `its ${markFile} is damaged, or of a newer version`)
  }
}

const notOurs = (dir: string, why: string) =>
  new WrongBackupFolderError(
    `${dir} is no folder of backups that this version can write to (${why}): name an empty one, or one that "hub backup" has made`,
  )
