import { type Elf, type ElfSection, malformed, readCString, readU64, sectionType, viewOf } from './elf.ts'
import { sectionContent } from './elf-content.ts'

/**
 * A table of symbols as columns, because a debug binary has hundreds of thousands of them. Entry `i` of each
 * column belongs to symbol `i`. `symbolName` reads names. Addresses and sizes are exact up to 2^53.
 */
export type ElfSymbols = {
  count: number
  /** Number of its section; `noSection` when it is absolute, common, or defined elsewhere. */
  sections: Int32Array
  addresses: Float64Array
  sizes: Float64Array
  /** See `symbolType`, `symbolBinding`. */
  info: Uint8Array
  /** Offset of the name in `strings`; it is always inside. */
  names: Uint32Array
  strings: Uint8Array
}

export const noSection = -1

/** Results of `symbolType` (gABI, chapter 4); 10 is GNU's indirect function, which is resolved at run time. */
export const symbolTypes = { none: 0, object: 1, function: 2, section: 3, file: 4, common: 5, tls: 6 }

const symbolBytes = 24
const sectionUndefined = 0
const firstReservedSection = 0xff00
const sectionInOtherTable = 0xffff

/**
 * The symbols of `.symtab`; null when the file was stripped of them. Throws MalformedError, and what `sectionContent`
 * throws.
 */
export function readSymbols(elf: Elf): ElfSymbols | null {
  return readTable(elf, sectionType.symtab)
}

/**
 * The symbols of `.dynsym`, for the dynamic linker: what the program exports and imports. They stay in
 * a stripped file; null when it has none. Throws as `readSymbols` does.
 */
export function readDynamicSymbols(elf: Elf): ElfSymbols | null {
  return readTable(elf, sectionType.dynsym)
}

function readTable(elf: Elf, tableType: number): ElfSymbols | null {
  const table = elf.sections.find(({ type }) => type === tableType)
  if (!table) return null
  if (table.entrySizeBytes !== symbolBytes) {
    throw malformed(
      table.headerOffset + 56,
      `symbols have ${table.entrySizeBytes} bytes instead of ${symbolBytes}`,
    )
  }
  const stringSection = elf.sections[table.link]
  if (stringSection?.type !== sectionType.strtab) {
    throw malformed(table.headerOffset + 40, `section ${table.link} holds no names of symbols`)
  }
  const content = sectionContent(elf, table)
  if (content.length % symbolBytes !== 0) {
    throw malformed(table.headerOffset + 32, `${content.length} bytes are no whole number of symbols`)
  }
  return readColumns(elf, table, content, sectionContent(elf, stringSection))
}

function readColumns(elf: Elf, table: ElfSection, content: Uint8Array, strings: Uint8Array): ElfSymbols {
  const { isLittleEndian } = elf
  const count = content.length / symbolBytes
  const symbols: ElfSymbols = {
    count,
    sections: new Int32Array(count),
    addresses: new Float64Array(count),
    sizes: new Float64Array(count),
    info: new Uint8Array(count),
    names: new Uint32Array(count),
    strings,
  }
  const view = viewOf(content)
  let farSections: DataView | null = null
  for (let i = 0; i < count; i++) {
    const at = i * symbolBytes
    const name = view.getUint32(at, isLittleEndian)
    if (name >= strings.length && name > 0) {
      throw malformed(table.offset + at, `the name of symbol ${i} is nowhere`)
    }
    symbols.names[i] = name
    symbols.info[i] = view.getUint8(at + 4)
    let section = view.getUint16(at + 6, isLittleEndian)
    if (section === sectionInOtherTable) {
      farSections ??= findFarSections(elf, table, count)
      section = farSections.getUint32(i * 4, isLittleEndian)
    } else if (section === sectionUndefined || section >= firstReservedSection) {
      section = noSection
    }
    if (section >= elf.sections.length) {
      throw malformed(table.offset + at + 6, `section ${section} of symbol ${i} does not exist`)
    }
    symbols.sections[i] = section
    symbols.addresses[i] = readU64(view, at + 8, isLittleEndian)
    symbols.sizes[i] = readU64(view, at + 16, isLittleEndian)
  }
  return symbols
}

/** SHT_SYMTAB_SHNDX: the sections of symbols whose number does not fit 16 bits. */
function findFarSections(elf: Elf, table: ElfSection, count: number): DataView {
  const section = elf.sections.find(
    ({ type, link }) => type === sectionType.symtabShndx && link === table.index,
  )
  if (!section) throw malformed(table.headerOffset, 'the table of sections above 65,279 is missing')
  const content = sectionContent(elf, section)
  if (content.length < count * 4) {
    throw malformed(
      section.headerOffset + 32,
      `${content.length} bytes do not tell the sections of ${count} symbols`,
    )
  }
  return viewOf(content)
}

/** The name of a symbol, cut after 1 KiB. */
export function symbolName({ names, strings }: ElfSymbols, index: number): string {
  return readCString(strings, names[index] ?? 0) ?? ''
}

/** One of `symbolTypes`, or another number. */
export function symbolType({ info }: ElfSymbols, index: number): number {
  return (info[index] ?? 0) & 0xf
}

/** 0 local, 1 global, 2 weak. */
export function symbolBinding({ info }: ElfSymbols, index: number): number {
  return (info[index] ?? 0) >> 4
}
