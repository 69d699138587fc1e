import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { formatByteSize } from '../../byte-size.ts'
import { DomainError } from '../../errors.ts'

/** The disk has no room for a copy of the database. */
export class NoRoomForCopyError extends DomainError {
  override readonly name = 'NoRoomForCopyError'
}

const defaultHint =
  'Free some, or make a backup elsewhere and run the step without a copy: "hub migrate up --no-copy", or down'

/**
 * Writes what is committed in the database `file` to a new file `target`, durably. An older `target` is replaced when the copy
 * is complete. Others read and write meanwhile; the copy has none of what they commit after it began. Throws
 * NoRoomForCopyError before anything is written; its message ends with `hint`.
 */
export function copySqlite(
  file: string,
  target: string,
  {
    hint = defaultHint,
    freeBytesOf = freeBytesIn,
  }: { hint?: string; freeBytesOf?: (dir: string) => number } = {},
): void {
  const partial = `${target}.partial`
  rmSync(partial, { force: true })
  const sqlite = new BetterSqlite3(file, { readonly: true, fileMustExist: true, timeout: 10_000 })
  try {
    const pages = sqlite.pragma('page_count', { simple: true }) as number
    const neededBytes = pages * (sqlite.pragma('page_size', { simple: true }) as number)
    checkRoom(dirname(target), neededBytes, freeBytesOf(dirname(target)), hint)
    sqlite.prepare('VACUUM INTO ?').run(partial)
  } catch (error) {
    rmSync(partial, { force: true })
    throw error
  } finally {
    sqlite.close()
  }
  sync(partial)
  renameSync(partial, target)
  sync(dirname(target))
}

function freeBytesIn(dir: string): number {
  const { bavail, bsize } = statfsSync(dir)
  return bavail * bsize
}

/** Throws NoRoomForCopyError. */
function checkRoom(dir: string, neededBytes: number, freeBytes: number, hint: string): void {
  if (freeBytes >= neededBytes) return
  throw new NoRoomForCopyError(
    `there is no room for a copy of the database in ${dir}: ${formatByteSize(neededBytes)} are needed, and ${formatByteSize(freeBytes)} are free. ${hint}`,
  )
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

/** Where the copy lies that is made before a migration is applied, or undone. */
export const copyBefore = (file: string, step: 'up' | 'down', migration: string): string =>
  `${file}.before-${step === 'down' ? 'down-of-' : ''}${migration}`

/**
 * Deletes older copies beside the database: after a step up all but `newest`; after a step down only those of steps down,
 * so that what an upgrade has changed can still be looked up.
 */
export function removeOlderCopies(file: string, step: 'up' | 'down', newest: string): void {
  const [dir, prefix] = [dirname(file), `${basename(file)}.before-${step === 'down' ? 'down-of-' : ''}`]
  for (const name of readdirSync(dir))
    if (name.startsWith(prefix) && name !== basename(newest)) rmSync(join(dir, name), { force: true })
}
