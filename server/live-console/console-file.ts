import { constants, type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { asStorageError, errorCode } from '../blobs/storage-full.ts'
import type { ConsoleEntry } from '../builds/console-entries.ts'
import { decodeEntries, encodeEntryAt, headerBytes } from './entry-format.ts'
import { readAt, writeAt } from './positional-file.ts'
import { offsetBytes, type Recovered, recoverEntries } from './recover-entries.ts'

/**
 * The entries of one console on disk, oldest first, with an index by which any of them is found at once. The caller awaits
 * each append before the next; reads at any time see what was appended before.
 */
export type ConsoleFile = {
  readonly count: number
  /** Of the entries, with 16 bytes in front of each. */
  readonly sizeBytes: number
  /** Throws StorageFullError; nothing of the entries was appended then. */
  append: (entries: readonly ConsoleEntry[]) => Promise<void>
  /**
   * Entries from number `from`, which counts from 0: at most `count`, and at most `maxBytes` of the file, but at least one
   * if there is one.
   */
  read: (from: number, count: number, maxBytes: number) => Promise<ConsoleEntry[]>
  /** The same for the entries before number `end`: the last ones of them, oldest first. */
  readBefore: (end: number, count: number, maxBytes: number) => Promise<ConsoleEntry[]>
  close: () => Promise<void>
  /** Deletes the files. Reads go on until `close`. */
  remove: () => Promise<void>
}

/** The two files of a console. */
export const fileNames = (uuid: string) => [`${uuid}.entries`, `${uuid}.index`] as const

/**
 * Opens the console's files in `dir`, a folder that is there; makes them if they are missing. Of files that another process has
 * left, what is torn at the end is cut off, and the index is made anew: the checksum of each entry tells.
 */
export async function openConsoleFile(dir: string, uuid: string, maxTextBytes: number): Promise<ConsoleFile> {
  const [entriesPath, indexPath] = fileNames(uuid).map((name) => join(dir, name)) as [string, string]
  const [{ file: entries, isNew }, index] = await Promise.all([
    openEntries(entriesPath),
    open(indexPath, 'w+'),
  ])
  let { count, sizeBytes, lastDeltaNs } = isNew ? nothing : await recoverEntries(entries, index, maxTextBytes)

  /** Where entries `from` to `end` begin, and where the last one of them ends. */
  async function findOffsets(from: number, end: number): Promise<number[]> {
    const fileEnd = sizeBytes
    const isLast = end === count
    const bytes = await readAt(index, from * offsetBytes, (end - from + (isLast ? 0 : 1)) * offsetBytes)
    const offsets = Array.from({ length: bytes.length / offsetBytes }, (_, n) =>
      bytes.readUIntBE(n * offsetBytes, offsetBytes),
    )
    return isLast ? [...offsets, fileEnd] : offsets
  }

  const readBetween = async (start: number, end: number) =>
    decodeEntries(await readAt(entries, start, end - start))

  return {
    get count() {
      return count
    },
    get sizeBytes() {
      return sizeBytes
    },

    async append(added) {
      const { bytes, offsets, last } = encodeBatch(added, sizeBytes, lastDeltaNs)
      try {
        await Promise.all([writeAt(entries, bytes, sizeBytes), writeAt(index, offsets, count * offsetBytes)])
      } catch (error) {
        throw asStorageError(error)
      }
      count += added.length
      sizeBytes += bytes.length
      lastDeltaNs = last
    },

    async read(from, wanted, maxBytes) {
      const end = Math.min(count, from + wanted)
      if (from >= end) return []
      const offsets = await findOffsets(from, end)
      const start = offsets[0] ?? 0
      const beyond = offsets.findIndex((offset, n) => n > 1 && offset - start > maxBytes)
      return readBetween(start, offsets.at(beyond === -1 ? -1 : beyond - 1) ?? start)
    },

    async readBefore(before, wanted, maxBytes) {
      const end = Math.min(before, count)
      const from = Math.max(0, end - wanted)
      if (from >= end) return []
      const offsets = await findOffsets(from, end)
      const fileEnd = offsets.pop() ?? 0
      const start = offsets.find((offset) => fileEnd - offset <= maxBytes) ?? offsets.at(-1) ?? 0
      return readBetween(start, fileEnd)
    },

    async close() {
      await Promise.all([entries.close(), index.close()])
    },

    async remove() {
      await Promise.all([rm(entriesPath, { force: true }), rm(indexPath, { force: true })])
    },
  }
}

/**
 * The files of a console that is new. `openFile` makes them at the first append: whoever begins the console waits for no disk,
 * and one without entries has no files.
 */
export function newConsoleFile(openFile: () => Promise<ConsoleFile>): ConsoleFile {
  let file: ConsoleFile | null = null

  async function opened(): Promise<ConsoleFile> {
    try {
      return await openFile()
    } catch (error) {
      throw asStorageError(error)
    }
  }

  return {
    get count() {
      return file?.count ?? 0
    },
    get sizeBytes() {
      return file?.sizeBytes ?? 0
    },
    async append(entries) {
      file ??= await opened()
      await file.append(entries)
    },
    read: async (...range) => (file ? file.read(...range) : []),
    readBefore: async (...range) => (file ? file.readBefore(...range) : []),
    close: async () => file?.close(),
    remove: async () => file?.remove(),
  }
}

const nothing: Recovered = { count: 0, sizeBytes: 0, lastDeltaNs: 0n }

/** Mostly it is new: nothing is read then. */
async function openEntries(path: string): Promise<{ file: FileHandle; isNew: boolean }> {
  try {
    return {
      file: await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL),
      isNew: true,
    }
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
    return { file: await open(path, constants.O_RDWR), isNew: false }
  }
}

/** Times never go back: an entry with an earlier one gets that of the entry before. */
function encodeBatch(added: readonly ConsoleEntry[], start: number, after: bigint) {
  const sizeBytes = added.reduce((sum, { text }) => sum + headerBytes + text.length, 0)
  const bytes = Buffer.allocUnsafe(sizeBytes)
  const offsets = Buffer.allocUnsafe(added.length * offsetBytes)
  let last = after
  let at = 0
  added.forEach(({ deltaNs, text }, n) => {
    if (deltaNs > last) last = deltaNs
    offsets.writeUIntBE(start + at, n * offsetBytes, offsetBytes)
    at = encodeEntryAt(bytes, at, last, text)
  })
  return { bytes, offsets, last }
}
