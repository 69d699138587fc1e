import { RecordTooLargeError } from '../errors.ts'
import { consoleEntrySizeBytes } from '../formats/exec-record-encoder.ts'
import { indexRecordBytes, linePrefix, readInt64AsDouble, writeIndexRecord } from './console-line.ts'
import { outputBuffer } from './output-buffer.ts'
import { spoolFile, type SpoolFileSystem } from './spool-file.ts'

/** Length of the trailer after the text of an entry: delta and length of the text, for reading backward. */
const trailerBytes = 12
const smallestBufferBytes = 16 * 1024
/** Length of text that is converted in one step. Its index may be 16 times as long. */
const stepBytes = 64 * 1024
const newline = 0x0a
/** Each line takes 16 bytes of the index: of lines without text, 256 MiB for a record of 16 MiB. */
const defaultMaxLines = 16 * 1024 ** 2

/** A console that is being received. The caller must call `dispose` in any case. */
export type ConsoleSpool = {
  /**
   * Take the next entry, newest first, as a record has them; `text` may be reused afterwards.
   * `deltaNs` is the time since the build's start, within 64 bits. Await what it returns before the
   * next call. Throws StorageFullError, and RecordTooLargeError when there are too many lines.
   */
  add: (deltaNs: bigint, text: Uint8Array) => void | Promise<void>
  /** The console as text, oldest line first, with one `%.3fs:%s\n` per entry. Call it after the last `add`. */
  text: () => AsyncIterable<Uint8Array>
  /**
   * One record of 16 bytes for each line of the text, so that any line is found at once: two
   * big-endian 64-bit integers, `offset of the line << 1 | continuation` and the entry's delta (signed).
   * An entry whose text holds line breaks yields several lines; all but the first are continuations
   * and carry no time. Text and index together give back the record's entries exactly.
   */
  index: () => AsyncIterable<Uint8Array>
  readonly lineCount: number
  readonly entryCount: number
  /** Bytes of the entries in a record. */
  readonly derBytes: number
  /** Free what the spool holds; may be called twice. */
  dispose: () => Promise<void>
}

/** Entries one after the other, each followed by its trailer; or one entry that is larger than the buffer. */
type Block =
  | { kind: 'entries'; start: number; length: number }
  | { kind: 'large'; delta: Buffer; start: number; length: number }

/** Oldest first. The text of an entry comes in pieces, since it may be of any length. */
type Visit = {
  begin(delta: Uint8Array, prefix: string): void
  piece(bytes: Uint8Array): void
  end(): void
}

/**
 * Reverses a console, which a record contains newest first. Memory is constant: up to `memoryBytes` stay in
 * memory, which is enough for most consoles; the rest is written to a file in `dir`.
 */
export function consoleSpool(options: {
  dir: string
  memoryBytes?: number
  maxLines?: number
  fs?: SpoolFileSystem
}): ConsoleSpool {
  const { dir, memoryBytes = 1024 * 1024, maxLines = defaultMaxLines, fs } = options
  const file = spoolFile(dir, fs)
  const blocks: Block[] = []
  let buffer: Buffer = Buffer.alloc(0)
  let used = 0
  let lineCount = 0
  let entryCount = 0
  let derBytes = 0

  function append(deltaNs: bigint, text: Uint8Array): void {
    buffer.set(text, used)
    buffer.writeBigInt64BE(deltaNs, used + text.length)
    buffer.writeUInt32BE(text.length, used + text.length + 8)
    used += text.length + trailerBytes
  }

  function grow(neededBytes: number): void {
    const larger = Buffer.allocUnsafe(
      Math.min(memoryBytes, Math.max(smallestBufferBytes, neededBytes, buffer.length * 2)),
    )
    larger.set(buffer.subarray(0, used))
    buffer = larger
  }

  async function spill(deltaNs: bigint, text: Uint8Array): Promise<void> {
    if (used > 0) {
      const start = await file.append(buffer.subarray(0, used))
      blocks.push({ kind: 'entries', start, length: used })
      used = 0
    }
    if (text.length + trailerBytes <= memoryBytes) {
      if (buffer.length < text.length + trailerBytes) grow(text.length + trailerBytes)
      append(deltaNs, text)
      return
    }
    const delta = Buffer.alloc(8)
    delta.writeBigInt64BE(deltaNs)
    blocks.push({ kind: 'large', delta, start: await file.append(text), length: text.length })
  }

  /** Visit all entries, oldest first; yields after each step in which `visit` may have made output. */
  async function* walk(visit: Visit): AsyncGenerator<void> {
    yield* walkEntries(buffer.subarray(0, used), visit)
    for (const block of blocks.toReversed()) {
      if (block.kind === 'entries') {
        yield* walkEntries(await file.read(block.start, block.length), visit)
        continue
      }
      visit.begin(block.delta, linePrefix(readInt64AsDouble(block.delta, 0)))
      for (let at = 0; at < block.length; at += stepBytes) {
        visit.piece(await file.read(block.start + at, Math.min(stepBytes, block.length - at)))
        yield
      }
      visit.end()
    }
  }

  return {
    get lineCount() {
      return lineCount
    },
    get entryCount() {
      return entryCount
    },
    get derBytes() {
      return derBytes
    },

    add(deltaNs, text) {
      entryCount++
      lineCount += 1 + countNewlines(text)
      if (lineCount > maxLines) {
        throw new RecordTooLargeError(
          `the console has more than ${maxLines} lines; no more are allowed: let the build print less`,
        )
      }
      derBytes += consoleEntrySizeBytes(deltaNs, text.length)
      const needed = used + text.length + trailerBytes
      if (needed > memoryBytes) return spill(deltaNs, text)
      if (needed > buffer.length) grow(needed)
      append(deltaNs, text)
    },

    async *text() {
      const output = outputBuffer()
      const steps = walk({
        begin: (_delta, prefix) => output.reserve(prefix.length).write(prefix, 'latin1'),
        piece: (bytes) => output.reserve(bytes.length).set(bytes),
        end: () => output.reserve(1).fill(newline),
      })
      for await (const _ of steps) yield* output.takeFull()
      yield* output.takeAll()
    },

    async *index() {
      const output = outputBuffer()
      let offset = 0
      let delta: Uint8Array = new Uint8Array(8)
      const record = (isContinuation: boolean, at: number) =>
        writeIndexRecord(output.reserve(indexRecordBytes), 0, at, isContinuation, delta)
      const steps = walk({
        begin(entryDelta, prefix) {
          delta = entryDelta
          record(false, offset)
          offset += prefix.length
        },
        piece(bytes) {
          for (let at = bytes.indexOf(newline); at >= 0; at = bytes.indexOf(newline, at + 1)) {
            record(true, offset + at + 1)
          }
          offset += bytes.length
        },
        end() {
          offset += 1
        },
      })
      for await (const _ of steps) yield* output.takeFull()
      yield* output.takeAll()
    },

    async dispose() {
      buffer = Buffer.alloc(0)
      used = 0
      blocks.length = 0
      await file.remove()
    },
  }
}

/** Visit the entries of a block from its end; yields now and then, so that output does not pile up. */
function* walkEntries(block: Buffer, visit: Visit): Generator<void> {
  let sinceYield = 0
  for (let end = block.length; end > 0;) {
    const textEnd = end - trailerBytes
    const textStart = textEnd - block.readUInt32BE(end - 4)
    visit.begin(block.subarray(textEnd, end - 4), linePrefix(readInt64AsDouble(block, textEnd)))
    for (let at = textStart; at < textEnd; at += stepBytes) {
      visit.piece(block.subarray(at, Math.min(at + stepBytes, textEnd)))
      if (textEnd - at > stepBytes) yield
    }
    visit.end()
    sinceYield += end - textStart
    if (sinceYield >= stepBytes) {
      yield
      sinceYield = 0
    }
    end = textStart
  }
}

function countNewlines(text: Uint8Array): number {
  let count = 0
  for (let at = text.indexOf(newline); at >= 0; at = text.indexOf(newline, at + 1)) count++
  return count
}
