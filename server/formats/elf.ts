import { MalformedError } from '../errors.ts'
import { rangesOf, type FileContent, type FileRanges } from './file-ranges.ts'

/**
 * The header and section headers of an ELF64 file. Nothing of the content was read: use
 * elf-content.ts, elf-segments.ts, elf-symbols.ts, elf-notes.ts. Offsets and sizes of headers and
 * sections are the file's own claims; `storedContent` checks them.
 */
export type Elf = {
  file: FileRanges
  isLittleEndian: boolean
  osAbi: number
  /** ET_EXEC = 2, ET_DYN = 3, … */
  type: number
  machine: number
  /** Of the machine: on PowerPC the version of its ABI. */
  machineFlags: number
  /** Ranges of the tables of program and section headers in the file; empty without such tables. */
  programHeaders: { offset: number; count: number; sizeBytes: number }
  sectionHeaders: { offset: number; count: number; sizeBytes: number }
  /** Sections by number, which symbols and links refer to. Section 0 is reserved. */
  sections: readonly ElfSection[]
}

/** A section header. Numbers of 64 bits are exact up to 2^53. */
export type ElfSection = {
  index: number
  name: string
  type: number
  flags: number
  address: number
  /** Offset and size of the content in the file. SHT_NOBITS has no content in the file. */
  offset: number
  sizeBytes: number
  link: number
  info: number
  alignment: number
  entrySizeBytes: number
  /** Offset of the section header in the file. */
  headerOffset: number
}

/** Types of sections (gABI, chapter 4). */
export const sectionType = {
  null: 0,
  progbits: 1,
  symtab: 2,
  strtab: 3,
  note: 7,
  nobits: 8,
  dynsym: 11,
  symtabShndx: 18,
}

/** Bits of a section's `flags`, as far as they fit 32 bits (gABI, chapter 4). */
export const sectionFlag = { write: 1, alloc: 2, execute: 4, compressed: 0x800 }

/** Maximum number of sections: more than real programs have. Each needs about 200 bytes of memory. */
const maxSections = 100_000
const maxNameBytes = 1024
const headerSizeBytes = 64
const sectionHeaderSizeBytes = 64

/** Whether the file is ELF32 or ELF64. Null if it is not an ELF file. */
export function findElfClass(bytes: Uint8Array): 32 | 64 | null {
  const [a, b, c, d, elfClass] = bytes
  if (a !== 0x7f || b !== 0x45 || c !== 0x4c || d !== 0x46) return null
  return elfClass === 1 ? 32 : elfClass === 2 ? 64 : null
}

/**
 * Reads the headers of an ELF64 file of either byte order. Throws MalformedError, also for ELF32 and for other
 * files (see `findElfClass`). Source: System V gABI, chapter 4.
 */
export function parseElf(input: FileContent): Elf {
  const file = rangesOf(input)
  const header = file.read(0, Math.min(headerSizeBytes, file.sizeBytes))
  if (findElfClass(header) === null) throw malformed(0, 'it does not begin as an ELF file does')
  if (findElfClass(header) === 32) throw malformed(4, 'it is of 32 bits, not of 64')
  if (header.length < headerSizeBytes) throw malformed(header.length, 'the header is cut short')
  const encoding = header[5]
  if (encoding !== 1 && encoding !== 2) throw malformed(5, `byte order ${encoding} does not exist`)
  if (header[6] !== 1) throw malformed(6, `version ${header[6]} does not exist`)

  const isLittleEndian = encoding === 1
  const view = viewOf(header)
  const u16 = (at: number) => view.getUint16(at, isLittleEndian)
  const u64 = (at: number) => readU64(view, at, isLittleEndian)
  const tableOffset = u64(40)
  const first = tableOffset === 0 ? null : firstSection(file, isLittleEndian, tableOffset, u16(58))
  // Numbers that do not fit 16 bits are in the header of section 0.
  const count = first && u16(60) === 0 ? first.sizeBytes : first ? u16(60) : 0
  if (count > maxSections) throw malformed(60, `it has ${count} sections; at most ${maxSections} are read`)
  if (tableOffset + count * sectionHeaderSizeBytes > file.sizeBytes) {
    throw malformed(40, `${count} section headers at ${tableOffset} exceed the file`)
  }
  const table = viewOf(file.read(tableOffset, tableOffset + count * sectionHeaderSizeBytes))
  const sections = Array.from({ length: count }, (_, index) =>
    readSection(table, isLittleEndian, index, tableOffset),
  )
  const namesIndex = u16(62) === 0xffff ? (first?.link ?? 0) : u16(62)
  const programCount = u16(56) === 0xffff ? (first?.info ?? 0) : u16(56)
  const elf: Elf = {
    file,
    isLittleEndian,
    osAbi: header[7] ?? 0,
    type: u16(16),
    machine: u16(18),
    machineFlags: view.getUint32(48, isLittleEndian),
    programHeaders: {
      offset: programCount > 0 ? u64(32) : 0,
      count: programCount,
      sizeBytes: programCount * u16(54),
    },
    sectionHeaders: { offset: tableOffset, count, sizeBytes: count * sectionHeaderSizeBytes },
    sections,
  }
  nameSections(elf, namesIndex, table)
  return elf
}

/** The first section of that name, or null. */
export function findSection(elf: Elf, name: string): ElfSection | null {
  return elf.sections.find((section) => section.name === name) ?? null
}

/**
 * What the file holds of a section: compressed content as it lies there, nothing for SHT_NOBITS.
 * Sections may overlap. Throws MalformedError when it exceeds the file.
 */
export function storedContent({ file }: Pick<Elf, 'file'>, section: ElfSection): Uint8Array {
  if (section.type === sectionType.nobits || section.type === sectionType.null) return new Uint8Array()
  const { offset, sizeBytes, headerOffset } = section
  if (offset + sizeBytes > file.sizeBytes) {
    throw malformed(
      headerOffset + 24,
      `${sizeBytes} bytes of section ${describeSection(section)} at ${offset} exceed the file`,
    )
  }
  return file.read(offset, offset + sizeBytes)
}

function firstSection(
  file: FileRanges,
  isLittleEndian: boolean,
  tableOffset: number,
  entrySizeBytes: number,
): ElfSection {
  if (entrySizeBytes !== sectionHeaderSizeBytes) {
    throw malformed(58, `section headers have ${entrySizeBytes} bytes instead of ${sectionHeaderSizeBytes}`)
  }
  const end = tableOffset + sectionHeaderSizeBytes
  if (end > file.sizeBytes) throw malformed(40, `section headers at ${tableOffset} exceed the file`)
  return readSection(viewOf(file.read(tableOffset, end)), isLittleEndian, 0, tableOffset)
}

/** A section header without its name, which is read after the table of names is found. */
function readSection(
  table: DataView,
  isLittleEndian: boolean,
  index: number,
  tableOffset: number,
): ElfSection {
  const at = index * sectionHeaderSizeBytes
  const u32 = (offset: number) => table.getUint32(at + offset, isLittleEndian)
  const u64 = (offset: number) => readU64(table, at + offset, isLittleEndian)
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
    headerOffset: tableOffset + at,
  }
}

function nameSections(elf: Elf, namesIndex: number, headers: DataView): void {
  if (namesIndex === 0 || elf.sections.length === 0) return
  const table = elf.sections[namesIndex]
  if (!table) throw malformed(62, `section ${namesIndex}, for the names of sections, does not exist`)
  const names = storedContent(elf, table)
  for (const section of elf.sections) {
    const start = headers.getUint32(section.index * sectionHeaderSizeBytes, elf.isLittleEndian)
    if (start === 0) continue
    const name = readCString(names, start)
    if (name === null)
      throw malformed(section.headerOffset, `the name of section ${section.index} is nowhere`)
    section.name = name
  }
}

/**
 * The text at `start` in a table of strings, up to NUL or the end of the table. Null if `start` is outside.
 * Text is cut after 1 KiB: many entries could share one very long text, and each would cost its length.
 */
export function readCString(table: Uint8Array, start: number): string | null {
  if (start >= table.length) return null
  const limit = Math.min(table.length, start + maxNameBytes)
  let end = start
  while (end < limit && table[end] !== 0) end++
  return Buffer.from(table.buffer, table.byteOffset + start, end - start).toString()
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
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

/** Its number, and its name if it has one. */
export function describeSection({ index, name }: ElfSection): string {
  return name === '' ? `${index}` : `${index} (${name})`
}
