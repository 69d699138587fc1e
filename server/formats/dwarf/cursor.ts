import { MalformedError } from '../../errors.ts'

const decoder = new TextDecoder()

/** Maximum length of a text. Texts in DWARF are paths; longer ones are cut. */
const maxTextBytes = 1024

/** Position in a section. Every read stays before `end`, or throws MalformedError. */
export type Cursor = {
  readonly bytes: Uint8Array
  readonly isLittleEndian: boolean
  position: number
  /** Offset behind the last byte that may be read. */
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

/** Move the cursor by `count` bytes. Returns the offset of the first of them. */
export function skip(cursor: Cursor, count: number): number {
  const { position, end } = cursor
  if (count > end - position) throw malformedDwarf(position, `${count} bytes reach beyond the end`)
  cursor.position = position + count
  return position
}

/** An unsigned number of 1, 2, 3, 4 or 8 bytes. Numbers above 2^53 are rounded. */
export function readUnsigned(cursor: Cursor, size: number): number {
  const start = skip(cursor, size)
  let value = 0
  for (let i = 0; i < size; i++) {
    const at = cursor.isLittleEndian ? start + size - 1 - i : start + i
    value = value * 256 + (cursor.bytes[at] ?? 0)
  }
  return value
}

/** An unsigned LEB128 number of at most ten bytes. Numbers above 2^53 are rounded. */
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

/** Move the cursor behind the NUL at the end of the text. */
export function skipText(cursor: Cursor): void {
  const { bytes, position, end } = cursor
  // The search is limited: many texts without a NUL would each cost the length of the section.
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

/** The text at an offset of `.debug_str` or `.debug_line_str`. Null if the offset is outside. */
export function textAt(strings: Uint8Array | undefined, offset: number): string | null {
  if (!strings || offset >= strings.length) return null
  const nul = strings.subarray(0, offset + maxTextBytes).indexOf(0, offset)
  return textBetween(strings, offset, nul < 0 ? strings.length : nul)
}

function textBetween(bytes: Uint8Array, start: number, end: number): string {
  return decoder.decode(bytes.subarray(start, Math.min(end, start + maxTextBytes)))
}

/** Reads the start of a unit, in any section: its length, which also gives the size of offsets (DWARF 5, 7.4). */
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
