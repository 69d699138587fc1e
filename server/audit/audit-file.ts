import { open, rename, type FileHandle } from 'node:fs/promises'
import * as z from 'zod'
import { asStorageError, errorCode } from '../blobs/storage-full.ts'
import type { Deps } from '../deps.ts'
import { StorageFullError } from '../errors.ts'
import type { AuditEntryId } from '../ids.ts'
import { jsonOfEntry } from './list-audit.ts'

const entriesPerWrite = 500
const newLine = 0x0a
/** Longer than any entry: its texts are limited where they are from. */
const tailBytes = 262_144

export type AuditFile = {
  /** Appends what is missing in the file. */
  append: () => Promise<void>
  /** Stops, after a last `append`. */
  close: () => Promise<void>
}

/**
 * Appends each entry of the audit log to a file, as a line of JSON, when it is committed: within `everyMs`, also if a command or
 * another process has written it. The last line of the file tells where to go on, so that a crash loses and doubles nothing.
 * Only one server may write the file. A file that is of another database is renamed, and a new one begun.
 */
export function createAuditFile(
  { db, log }: Pick<Deps, 'db' | 'log'>,
  path: string,
  { everyMs = 1_000 } = {},
): AuditFile {
  let last: AuditEntryId | null = null
  let hasFailed = false
  let running: Promise<void> | null = null

  async function appendMissing(): Promise<void> {
    const newest = await db.auditEntry.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })
    if (last !== null && (newest?.id ?? 0) <= last) return
    let written = (last ??= await prepare())
    for (;;) {
      const entries = await db.auditEntry.findMany({
        where: { id: { gt: written } },
        orderBy: { id: 'asc' },
        take: entriesPerWrite,
      })
      const end = entries.at(-1)
      if (!end) return
      const file = await open(path, 'a', 0o600)
      try {
        await file.writeFile(entries.map((entry) => `${JSON.stringify(jsonOfEntry(entry))}\n`).join(''))
        await file.sync()
      } finally {
        await file.close()
      }
      written = last = end.id
    }
  }

  /** The number of the last entry in the file. Cuts off a line that a crash has left unfinished. */
  async function prepare(): Promise<AuditEntryId> {
    const found = await readLast(path)
    if (!found) return 0 as AuditEntryId
    const entry = await db.auditEntry.findUnique({ where: { id: found.id }, select: { sha256: true } })
    if (entry?.sha256 === found.sha256) return found.id
    const aside = `${path}.${new Date().toISOString().replaceAll(':', '')}`
    await rename(path, aside)
    log.warn({ file: path, aside }, 'the file of the audit log is of another database: it was moved aside')
    return 0 as AuditEntryId
  }

  async function append(): Promise<void> {
    try {
      await appendMissing()
      hasFailed = false
    } catch (error) {
      // What the file has is read again: a part may have been written.
      last = null
      // A full disk is told where it refuses something; the file gets what is missing later.
      const level = asStorageError(error) instanceof StorageFullError ? 'warn' : 'error'
      if (!hasFailed) log[level]({ err: error, file: path }, 'the audit log cannot be appended to its file')
      hasFailed = true
    }
  }

  const appendAlone = () => (running ??= append().finally(() => (running = null)))
  const timer = setInterval(() => void appendAlone(), everyMs)
  timer.unref()
  return {
    append: appendAlone,
    async close() {
      clearInterval(timer)
      await running
      await append()
    },
  }
}

const Line = z.object({ id: z.int(), sha256: z.string() })

/** The last whole line. Null: there is none, or no file. */
async function readLast(path: string): Promise<{ id: AuditEntryId; sha256: string } | null> {
  let file
  try {
    file = await open(path, 'r+')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  }
  try {
    return await lastLineOf(file)
  } finally {
    await file.close()
  }
}

async function lastLineOf(file: FileHandle): Promise<{ id: AuditEntryId; sha256: string } | null> {
  const { size } = await file.stat()
  const tail = Buffer.alloc(Math.min(size, tailBytes))
  await file.read(tail, 0, tail.length, size - tail.length)
  const end = tail.lastIndexOf(newLine)
  if (end + 1 < tail.length) await file.truncate(size - tail.length + end + 1)
  if (end < 0) return null
  const line = tail.subarray(tail.lastIndexOf(newLine, end - 1) + 1, end).toString()
  const { id, sha256 } = Line.parse(JSON.parse(line))
  return { id: id as AuditEntryId, sha256 }
}
