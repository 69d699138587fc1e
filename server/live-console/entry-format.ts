import { crc32 } from 'node:zlib'
import type { ConsoleEntry } from '../builds/console-entries.ts'

/**
 * An entry in the file of a live console: its time (64 bits, signed), the length of its text (32 bits), a CRC-32 of both and
 * of the text, and the text. All numbers are big-endian.
 */
export const headerBytes = 16
const lengthAt = 8
const checksumAt = 12

/** Writes an entry at `at` and returns where it ends. */
export function encodeEntryAt(target: Buffer, at: number, deltaNs: bigint, text: Uint8Array): number {
  target.writeBigInt64BE(deltaNs, at)
  target.writeUInt32BE(text.length, at + lengthAt)
  target.set(text, at + headerBytes)
  target.writeUInt32BE(checksumOf(target, at, text.length), at + checksumAt)
  return at + headerBytes + text.length
}

/**
 * The entry at `at`, and where it ends. `neededBytes`: the bytes end before the entry does, which takes so many.
 * `torn`: no entry was written there whole.
 */
export type ReadEntry =
  | { kind: 'entry'; entry: ConsoleEntry; end: number }
  | { kind: 'cut'; neededBytes: number }
  | { kind: 'torn' }

export function readEntryAt(source: Buffer, at: number, maxTextBytes: number): ReadEntry {
  if (at + headerBytes > source.length) return { kind: 'cut', neededBytes: headerBytes }
  const length = source.readUInt32BE(at + lengthAt)
  if (length > maxTextBytes) return { kind: 'torn' }
  const end = at + headerBytes + length
  if (end > source.length) return { kind: 'cut', neededBytes: headerBytes + length }
  if (source.readUInt32BE(at + checksumAt) !== checksumOf(source, at, length)) return { kind: 'torn' }
  const entry = { deltaNs: source.readBigInt64BE(at), text: source.subarray(at + headerBytes, end) }
  return { kind: 'entry', entry, end }
}

/** All entries of bytes that hold nothing else. Throws Error where they do. */
export function decodeEntries(source: Buffer): ConsoleEntry[] {
  const entries: ConsoleEntry[] = []
  for (let at = 0; at < source.length;) {
    const read = readEntryAt(source, at, source.length)
    if (read.kind !== 'entry') throw new Error(`the console of a run is damaged: an entry is ${read.kind}`)
    entries.push(read.entry)
    at = read.end
  }
  return entries
}

function checksumOf(bytes: Buffer, at: number, textLength: number): number {
  const head = crc32(bytes.subarray(at, at + checksumAt))
  return crc32(bytes.subarray(at + headerBytes, at + headerBytes + textLength), head)
}
