import { createReadStream } from 'node:fs'
import { open, opendir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createGunzip } from 'node:zlib'
import { buffer } from 'node:stream/consumers'
import { Readable, pipeline } from 'node:stream'
import { extract } from 'tar-stream'
import { SourceError } from './import-report.ts'

/** A record that lies somewhere. `path` is its own file; null: it is in an archive. */
export type RecordFile = {
  name: string
  path: string | null
  /** Calls `use` with the bytes, which it need not read to their end. They fail with SourceError if they cannot be read. */
  read: <Value>(use: (bytes: AsyncIterable<Uint8Array>) => Promise<Value>) => Promise<Value>
}

/** A file or an archive that gives no record, or no further ones. */
export type UnreadableFile = { name: string; reason: string }

type Found = RecordFile & { isAlone: boolean }

/** Records of an archive up to this size are read whole, so that several are stored at a time. */
const smallBytes = 4 * 1024 ** 2
const chunkBytes = 256 * 1024

/** builder-server writes `JOB/UUID/full`; downloads are named `….full`. */
export const isRecordName = (name: string) => basename(name) === 'full' || name.endsWith('.full')

/**
 * All records below these paths: of a folder and its folders those named `full` or `….full`; of a tar archive, which may
 * be compressed by gzip, likewise; any other file is taken for a record. The next element may be asked for while `read`
 * of the former ones is under way, except of large records of archives: `isAlone` is true then.
 */
export async function* findRecords(
  paths: readonly string[],
): AsyncGenerator<Found | UnreadableFile, void, void> {
  for (const path of paths) {
    try {
      if ((await stat(path)).isDirectory()) yield* recordsOfFolder(path)
      else if (await isArchive(path)) yield* recordsOfArchive(path)
      else yield recordFile(path)
    } catch (error) {
      yield { name: path, reason: reasonOf(error) }
    }
  }
}

const recordFile = (path: string): Found => ({
  ...{ name: path, path, isAlone: false },
  async read(use) {
    const stream = createReadStream(path, { highWaterMark: chunkBytes })
    try {
      return await use(bytesOf(path, stream[Symbol.asyncIterator]()))
    } finally {
      stream.destroy()
    }
  },
})

async function* recordsOfFolder(folder: string): AsyncGenerator<Found | UnreadableFile, void, void> {
  const folders = [folder]
  for (let dir = folders.pop(); dir !== undefined; dir = folders.pop()) {
    try {
      for await (const entry of await opendir(dir)) {
        const path = join(dir, entry.name)
        // Links are not followed: they could lead around in circles.
        if (entry.isDirectory()) folders.push(path)
        else if (entry.isFile() && isRecordName(entry.name)) yield recordFile(path)
      }
    } catch (error) {
      yield { name: dir, reason: reasonOf(error) }
    }
  }
}

async function isArchive(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const head = Buffer.alloc(512)
    await file.read(head, 0, head.length, 0)
    const isGzip = head[0] === 0x1f && head[1] === 0x8b
    return isGzip || head.toString('latin1', 257, 262) === 'ustar' || path.endsWith('.tar')
  } finally {
    await file.close()
  }
}

async function* recordsOfArchive(path: string): AsyncGenerator<Found | UnreadableFile, void, void> {
  const file = await open(path)
  const magic = Buffer.alloc(2)
  await file.read(magic, 0, 2, 0)
  const bytes = file.createReadStream({ start: 0, highWaterMark: chunkBytes })
  const archive = extract()
  const parts = magic.equals(Buffer.of(0x1f, 0x8b)) ? [bytes, createGunzip(), archive] : [bytes, archive]
  // The reader of the archive hears of the error.
  pipeline(parts, () => {})
  for await (const entry of archive) {
    const { name, type, size = 0 } = entry.header
    if (type !== 'file' || !isRecordName(name)) {
      entry.resume()
      continue
    }
    const shown = `${path}: ${name}`
    const bytes = bytesOf(shown, entry[Symbol.asyncIterator]())
    if (size <= smallBytes) {
      const record = await buffer(bytes)
      yield { name: shown, path: null, isAlone: false, read: (use) => use(Readable.from([record])) }
      continue
    }
    yield { name: shown, path: null, isAlone: true, read: (use) => use(bytes) }
    for await (const _ of bytes);
  }
}

/** The bytes of a file. A reader that stops does not close them. Throws SourceError if it cannot be read. */
function bytesOf(name: string, chunks: AsyncIterator<unknown>): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        try {
          const { done, value } = (await chunks.next()) as IteratorResult<unknown, unknown>
          if (done === true) return { done, value: undefined }
          if (!(value instanceof Uint8Array)) throw new TypeError('it is no stream of bytes')
          return { done: false, value }
        } catch (error) {
          throw new SourceError(`${name} cannot be read: ${reasonOf(error)}`)
        }
      },
    }),
  }
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
