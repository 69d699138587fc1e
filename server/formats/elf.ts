import { inflateSync } from 'node:zlib'
import { MalformedError } from '../errors.ts'

/**
 * The header and section headers of an ELF64 file. Nothing of the content was read: use
 * `sectionContent`, elf-symbols.ts, elf-notes.ts. Offsets and sizes of headers and sections are the
 * file's own claims; `sectionContent` is what checks them.
 */
export type Elf = {
  bytes: Uint8Array
  /** All of `bytes`, to be read with `isLittleEndian`. */
  view: DataView
  isLittleEndian: boolean
  osAbi: number
  /** ET_EXEC = 2, ET_DYN = 3, … */
  type: number
  machine: number
  entry: number
  /** Where the tables of program and section headers lie in the file; empty when there are none. */
  programHeaders: { offset: number; count: number; sizeBytes: number }
  sectionHeaders: { offset: number; count: number; sizeBytes: number }
  /** By their number, which symbols and links refer to; the 0th is the reserved one. */
  sections: readonly ElfSection[]
}

/** Numbers of 64 bits are exact up to 2^53. */
export type ElfSection = {
  index: number
  name: string
  type: number
  flags: number
  address: number
  /** Where its content begins in the file, and how long it is; SHT_NOBITS takes no room there. */
  offset: number
  sizeBytes: number
  link: number
  info: number
  alignment: number
  entrySizeBytes: number
  /** Where its header is in the file. */
  headerOffset: number
}

/** Types of sections (gABI, chapter 4). */
export const sectionType = { null: 0, progbits: 1, symtab: 2, strtab: 3, note: 7, nobits: 8, symtabShndx: 18 }

/** Bits of a section's `flags`, as far as they fit 32 bits (gABI, chapter 4). */
export const sectionFlag = { write: 1, alloc: 2, execute: 4, compressed: 0x800 }

/** More than any linker made for one program; each costs some 200 bytes of memory. */
const maxSections = 100_000
const maxNameBytes = 1024
const headerSizeBytes = 64
const sectionHeaderSizeBytes = 64
const compressionHeaderSizeBytes = 24

/** Whether it is 32 or 64 bits wide; null for what is no ELF file at all. */
export function findElfClass(bytes: Uint8Array): 32 | 64 | null {
  const [a, b, c, d, elfClass] = bytes
  if (a !== 0x7f || b !== 0x45 || c !== 0x4c || d !== 0x46) return null
  return elfClass === 1 ? 32 : elfClass === 2 ? 64 : null
}

/**
 * Read the headers of an ELF64 file of either byte order. Throws MalformedError, also for ELF32 and
 * for what is no ELF (see `findElfClass`). Source: System V gABI, chapter 4.
 */
export function parseElf(bytes: Uint8Array): Elf {
  if (findElfClass(bytes) === null) throw malformed(0, 'it does not begin as an ELF file does')
  if (findElfClass(bytes) === 32) throw malformed(4, 'it is of 32 bits, not of 64')
  if (bytes.length < headerSizeBytes) throw malformed(bytes.length, 'the header is cut short')
  const encoding = bytes[5]
  if (encoding !== 1 && encoding !== 2) throw malformed(5, `byte order ${encoding} does not exist`)
  if (bytes[6] !== 1) throw malformed(6, `version ${bytes[6]} does not exist`)

  const isLittleEndian = encoding === 1
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const u16 = (at: number) => view.getUint16(at, isLittleEndian)
  const u64 = (at: number) => readU64(view, at, isLittleEndian)
  const file: Omit<Elf, 'programHeaders' | 'sectionHeaders' | 'sections'> = {
    bytes,
    view,
    isLittleEndian,
    osAbi: bytes[7] ?? 0,
    type: u16(16),
    machine: u16(18),
    entry: u64(24),
  }

  const tableOffset = u64(40)
  const first = tableOffset === 0 ? null : firstSection(file, tableOffset, u16(58))
  // What does not fit 16 bits stands in the reserved section.
  const count = first && u16(60) === 0 ? first.sizeBytes : first ? u16(60) : 0
  if (count > maxSections) throw malformed(60, `it has ${count} sections; at most ${maxSections} are read`)
  if (tableOffset + count * sectionHeaderSizeBytes > bytes.length) {
    throw malformed(40, `${count} section headers at ${tableOffset} exceed the file`)
  }
  const sections = Array.from({ length: count }, (_, index) =>
    readSection(file, index, tableOffset + index * sectionHeaderSizeBytes),
  )
  const namesIndex = u16(62) === 0xffff ? (first?.link ?? 0) : u16(62)
  const programCount = u16(56) === 0xffff ? (first?.info ?? 0) : u16(56)
  const elf: Elf = {
    ...file,
    programHeaders: {
      offset: programCount > 0 ? u64(32) : 0,
      count: programCount,
      sizeBytes: programCount * u16(54),
    },
    sectionHeaders: { offset: tableOffset, count, sizeBytes: count * sectionHeaderSizeBytes },
    sections,
  }
  nameSections(elf, namesIndex)
  return elf
}

/** The first section of that name, or null. */
export function findSection(elf: Elf, name: string): ElfSection | null {
  return elf.sections.find((section) => section.name === name) ?? null
}

/**
 * What the file holds of a section, as a view: compressed content as it lies there, nothing for
 * SHT_NOBITS. Sections may overlap. Throws MalformedError when it exceeds the file.
 */
export function storedContent({ bytes }: Pick<Elf, 'bytes'>, section: ElfSection): Uint8Array {
  if (section.type === sectionType.nobits || section.type === sectionType.null) return bytes.subarray(0, 0)
  const { offset, sizeBytes, headerOffset } = section
  if (offset + sizeBytes > bytes.length) {
    throw malformed(
      headerOffset + 24,
      `${sizeBytes} bytes of section ${describe(section)} at ${offset} exceed the file`,
    )
  }
  return bytes.subarray(offset, offset + sizeBytes)
}

/**
 * The content of a section: a view, unless it is compressed. Throws MalformedError, also when it is
 * compressed by another method than zlib, or would be longer than `maxInflatedBytes`.
 */
export function sectionContent(
  elf: Elf,
  section: ElfSection,
  { maxInflatedBytes = 256 * 1024 * 1024 } = {},
): Uint8Array {
  const stored = storedContent(elf, section)
  const header = readCompression(elf, section, stored)
  if (!header) return stored
  const fail = (reason: string) => malformed(section.offset, `section ${describe(section)} ${reason}`)
  if (header.method !== 1) {
    throw fail(header.method === 2 ? 'is compressed with zstd' : `is compressed by method ${header.method}`)
  }
  if (header.sizeBytes > maxInflatedBytes) {
    throw fail(`says to have ${header.sizeBytes} bytes; at most ${maxInflatedBytes} are inflated`)
  }
  const inflated = inflate(stored.subarray(header.length), header.sizeBytes)
  if (inflated?.length !== header.sizeBytes) throw fail(`does not inflate to ${header.sizeBytes} bytes`)
  return inflated
}

type Compression = { method: number; sizeBytes: number; length: number }

/** SHF_COMPRESSED (gABI), or what GNU tools wrote before it: a name in `.zdebug_` and a header of 12 bytes. */
function readCompression(elf: Elf, section: ElfSection, stored: Uint8Array): Compression | null {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength)
  if (section.name.startsWith('.zdebug_') && stored.length >= 12 && view.getUint32(0) === 0x5a4c4942) {
    return { method: 1, sizeBytes: readU64(view, 4, false), length: 12 }
  }
  const isStored = section.type !== sectionType.nobits && section.type !== sectionType.null
  if ((section.flags & sectionFlag.compressed) === 0 || !isStored) return null
  if (stored.length < compressionHeaderSizeBytes) {
    throw malformed(section.offset, `section ${describe(section)} is too short to be compressed`)
  }
  return {
    method: view.getUint32(0, elf.isLittleEndian),
    sizeBytes: readU64(view, 8, elf.isLittleEndian),
    length: compressionHeaderSizeBytes,
  }
}

/** Null when it is not zlib's, or longer than announced. */
function inflate(deflated: Uint8Array, sizeBytes: number): Uint8Array | null {
  try {
    return inflateSync(deflated, {
      maxOutputLength: Math.max(1, sizeBytes),
      // The announced size in one piece would be believed before a byte of it is seen.
      chunkSize: Math.min(Math.max(64, sizeBytes), 1024 * 1024),
    })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE') return null
    throw error
  }
}

function firstSection(
  file: Pick<Elf, 'bytes' | 'view' | 'isLittleEndian'>,
  tableOffset: number,
  entrySizeBytes: number,
): ElfSection {
  if (entrySizeBytes !== sectionHeaderSizeBytes) {
    throw malformed(58, `section headers have ${entrySizeBytes} bytes instead of ${sectionHeaderSizeBytes}`)
  }
  if (tableOffset + sectionHeaderSizeBytes > file.bytes.length) {
    throw malformed(40, `section headers at ${tableOffset} exceed the file`)
  }
  return readSection(file, 0, tableOffset)
}

/** The name is not known yet: its offset in the table of names is read once that is known. */
function readSection(
  { view, isLittleEndian }: Pick<Elf, 'view' | 'isLittleEndian'>,
  index: number,
  at: number,
): ElfSection {
  const u32 = (offset: number) => view.getUint32(at + offset, isLittleEndian)
  const u64 = (offset: number) => readU64(view, at + offset, isLittleEndian)
  return {
    index,
    name: '',
    type: u32(4),
    flags: u64(8),
    address: u64(16),
    offset: u64(24),
    sizeBytes: u64(32),
    link: u32(40),
    info: u32(44),
    alignment: u64(48),
    entrySizeBytes: u64(56),
    headerOffset: at,
  }
}

function nameSections(elf: Elf, namesIndex: number): void {
  if (namesIndex === 0 || elf.sections.length === 0) return
  const table = elf.sections[namesIndex]
  if (!table) throw malformed(62, `section ${namesIndex}, for the names of sections, does not exist`)
  const names = storedContent(elf, table)
  for (const section of elf.sections) {
    const start = elf.view.getUint32(section.headerOffset, elf.isLittleEndian)
    if (start === 0) continue
    const name = readCString(names, start)
    if (name === null)
      throw malformed(section.headerOffset, `the name of section ${section.index} is nowhere`)
    section.name = name
  }
}

/**
 * The text at `start` in a table of strings, up to NUL or the table's end; null when it begins
 * outside of it. A text that is longer than 1 KiB is cut there: entries that share one endless text
 * must not cost its length each.
 */
export function readCString(table: Uint8Array, start: number): string | null {
  if (start >= table.length) return null
  const limit = Math.min(table.length, start + maxNameBytes)
  let end = start
  while (end < limit && table[end] !== 0) end++
  return Buffer.from(table.buffer, table.byteOffset + start, end - start).toString()
}

/** Exact up to 2^53. */
export function readU64(view: DataView, at: number, isLittleEndian: boolean): number {
  const low = view.getUint32(isLittleEndian ? at : at + 4, isLittleEndian)
  const high = view.getUint32(isLittleEndian ? at + 4 : at, isLittleEndian)
  return high * 2 ** 32 + low
}

export function malformed(offset: number, reason: string): MalformedError {
  return new MalformedError('ELF', offset, reason)
}

function describe({ index, name }: ElfSection): string {
  return name === '' ? `${index}` : `${index} (${name})`
}
