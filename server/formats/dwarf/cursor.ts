import { MalformedError } from '../../errors.ts'

const decoder = new TextDecoder()

/** Texts of DWARF are paths; what is longer is cut. */
const maxTextBytes = 1024

/** Where one reads in a section: every read is within `end`, or throws MalformedError. */
export type Cursor = {
  readonly bytes: Uint8Array
  readonly isLittleEndian: boolean
  position: number
  /** First byte that is not to be read. */
  end: number
}

export function cursorAt(
  bytes: Uint8Array,
  isLittleEndian: boolean,
  position: number,
  end = bytes.length,
): Cursor {
  return { bytes, isLittleEndian, position, end }
}

export function malformedDwarf(offset: number, reason: string): MalformedError {
  return new MalformedError('DWARF', offset, reason)
}

/** Go on by `count` bytes, and give where they start. */
export function skip(cursor: Cursor, count: number): number {
  const { position, end } = cursor
  if (count > end - position) throw malformedDwarf(position, `${count} bytes reach beyond the end`)
  cursor.position = position + count
  return position
}

/** An unsigned number of 1, 2, 3, 4 or 8 bytes; what is above 2^53 loses its last digits. */
export function readUnsigned(cursor: Cursor, size: number): number {
  const start = skip(cursor, size)
  let value = 0
  for (let i = 0; i < size; i++) {
    const at = cursor.isLittleEndian ? start + size - 1 - i : start + i
    value = value * 256 + (cursor.bytes[at] ?? 0)
  }
  return value
}

/** An unsigned LEB128 number of at most ten bytes; what is above 2^53 loses its last digits. */
export function readUleb(cursor: Cursor): number {
  const start = cursor.position
  let value = 0
  let scale = 1
  for (let i = 0; i < 10; i++) {
    const byte = readUnsigned(cursor, 1)
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return value
    scale *= 128
  }
  throw malformedDwarf(start, 'LEB128 number of more than ten bytes')
}

/** Go on behind the NUL that ends the text. */
export function skipText(cursor: Cursor): void {
  const { bytes, position, end } = cursor
  // Not in all of the section: many texts without end would take their number times its length.
  const length = bytes.subarray(position, end).indexOf(0)
  if (length < 0) throw malformedDwarf(position, 'text without end')
  cursor.position = position + length + 1
}

/** A text that ends with NUL, as UTF-8. */
export function readText(cursor: Cursor): string {
  const start = cursor.position
  skipText(cursor)
  return textBetween(cursor.bytes, start, cursor.position - 1)
}

/** The text at an offset of `.debug_str` or `.debug_line_str`; null when there is none. */
export function textAt(strings: Uint8Array | undefined, offset: number): string | null {
  if (!strings || offset >= strings.length) return null
  const nul = strings.subarray(0, offset + maxTextBytes).indexOf(0, offset)
  return textBetween(strings, offset, nul < 0 ? strings.length : nul)
}

function textBetween(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, Math.min(end, start + maxTextBytes)))
}

/** What starts a unit, in any section: its length, and with it the size of offsets (DWARF 5, 7.4). */
export function readUnitLength(cursor: Cursor): { end: number; offsetSize: 4 | 8 } {
  const start = cursor.position
  let length = readUnsigned(cursor, 4)
  const offsetSize = length === 0xffffffff ? 8 : 4
  if (offsetSize === 8) length = readUnsigned(cursor, 8)
  else if (length >= 0xfffffff0) throw malformedDwarf(start, 'reserved length')
  if (length > cursor.end - cursor.position)
    throw malformedDwarf(start, `length ${length} exceeds the section`)
  return { end: cursor.position + length, offsetSize }
}
