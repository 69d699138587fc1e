import { byteWriter } from './byte-writer.ts'
import { stringTable, symbolBytes, symbolTable, type ElfSymbol } from './elf-symbols.ts'

export type ElfSection = {
  name: string
  kind: 'code' | 'constants' | 'note' | 'data' | 'zeroes' | 'debug'
  alignment: number
  /** Contents; for `zeroes`, which take no room in the file, their number. */
  content: Uint8Array | number
}

export type PlacedSection = ElfSection & { address: number; offset: number; sizeBytes: number }

const pageSize = 0x1000
const headerSize = 64
const programHeaderSize = 56
const sectionHeaderSize = 64

const flag = { write: 1, alloc: 2, execute: 4 }
const sectionType = { progbits: 1, symtab: 2, strtab: 3, note: 7, nobits: 8 }
const segmentType = { load: 1, note: 4, gnuStack: 0x6474e551 }

const kinds: Record<ElfSection['kind'], { type: number; flags: number; segment: number }> = {
  code: { type: sectionType.progbits, flags: flag.alloc | flag.execute, segment: 5 },
  note: { type: sectionType.note, flags: flag.alloc, segment: 4 },
  constants: { type: sectionType.progbits, flags: flag.alloc, segment: 4 },
  data: { type: sectionType.progbits, flags: flag.alloc | flag.write, segment: 6 },
  zeroes: { type: sectionType.nobits, flags: flag.alloc | flag.write, segment: 6 },
  debug: { type: sectionType.progbits, flags: 0, segment: 0 },
}

/**
 * Give each section its place in the file and in memory, in the order given, from `baseAddress` on.
 * A section with other access rights than the one before starts a new page; `debug` sections come last
 * and have no address.
 */
export function placeSections(sections: readonly ElfSection[], baseAddress: number): PlacedSection[] {
  let offset = pageSize
  let address = baseAddress
  let segment: number | null = null
  return sections.map((section) => {
    const alignTo = (bytes: number) => {
      const gap = (bytes - (offset % bytes)) % bytes
      offset += gap
      address += gap
    }
    const { segment: ownSegment } = kinds[section.kind]
    alignTo(segment !== null && ownSegment !== 0 && ownSegment !== segment ? pageSize : section.alignment)
    segment = ownSegment
    const sizeBytes = typeof section.content === 'number' ? section.content : section.content.length
    const placed = { ...section, address: ownSegment === 0 ? 0 : address, offset, sizeBytes }
    address += sizeBytes
    if (section.kind !== 'zeroes') offset += sizeBytes
    return placed
  })
}

/**
 * An ELF64 executable for x86-64. Without `symbols` it is stripped.
 * Source: System V ABI, chapters 4 and 5; AMD64 supplement.
 */
export function writeElf(
  placed: readonly PlacedSection[],
  { symbols, osAbi, entry }: { symbols: readonly ElfSymbol[] | null; osAbi: number; entry: number },
): Uint8Array {
  const last = placed.at(-1)
  const out = byteWriter((last ? last.offset + last.sizeBytes : 0) + (symbols?.length ?? 0) * 64 + 2 ** 16)
  const segments = loadSegments(placed)

  const names = stringTable()
  const headers: SectionHeader[] = [
    {
      name: 0,
      type: 0,
      flags: 0,
      address: 0,
      offset: 0,
      size: 0,
      link: 0,
      info: 0,
      alignment: 0,
      entrySize: 0,
    },
  ]
  out.padTo(pageSize)
  for (const { name, kind, address, offset, sizeBytes, alignment, content } of placed) {
    const { type, flags } = kinds[kind]
    headers.push({
      name: names.add(name),
      type,
      flags,
      address,
      offset,
      size: sizeBytes,
      link: 0,
      info: 0,
      alignment,
      entrySize: 0,
    })
    if (typeof content === 'number') continue
    out.padTo(offset)
    out.bytes(content)
  }

  if (symbols) {
    const table = symbolTable(placed, symbols)
    out.padTo(Math.ceil(out.length / 8) * 8)
    headers.push({
      name: names.add('.symtab'),
      type: sectionType.symtab,
      flags: 0,
      address: 0,
      offset: out.length,
      size: table.symbols.length,
      link: headers.length + 1,
      info: table.localCount,
      alignment: 8,
      entrySize: symbolBytes,
    })
    out.bytes(table.symbols)
    headers.push({
      name: names.add('.strtab'),
      type: sectionType.strtab,
      flags: 0,
      address: 0,
      offset: out.length,
      size: table.strings.length,
      link: 0,
      info: 0,
      alignment: 1,
      entrySize: 0,
    })
    out.bytes(table.strings)
  }

  const nameOfNames = names.add('.shstrtab')
  const nameBytes = names.finish()
  headers.push({
    name: nameOfNames,
    type: sectionType.strtab,
    flags: 0,
    address: 0,
    offset: out.length,
    size: nameBytes.length,
    link: 0,
    info: 0,
    alignment: 1,
    entrySize: 0,
  })
  out.bytes(nameBytes)

  out.padTo(Math.ceil(out.length / 8) * 8)
  const sectionHeaderOffset = out.length
  for (const header of headers) writeSectionHeader(out, header)

  const file = out.finish()
  const head = byteWriter(pageSize)
  head.bytes(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, osAbi, 0, 0, 0, 0, 0, 0, 0, 0))
  head.u16(2) // ET_EXEC
  head.u16(62) // EM_X86_64
  head.u32(1)
  head.u64(entry)
  head.u64(headerSize)
  head.u64(sectionHeaderOffset)
  head.u32(0)
  for (const half of [
    headerSize,
    programHeaderSize,
    segments.length,
    sectionHeaderSize,
    headers.length,
    headers.length - 1,
  ])
    head.u16(half)
  for (const { type, flags, offset, address, fileSize, memorySize, alignment } of segments) {
    head.u32(type)
    head.u32(flags)
    for (const word of [offset, address, address, fileSize, memorySize, alignment]) head.u64(word)
  }
  file.set(head.finish())
  return file
}

type SectionHeader = Record<
  'name' | 'type' | 'flags' | 'address' | 'offset' | 'size' | 'link' | 'info' | 'alignment' | 'entrySize',
  number
>

function writeSectionHeader(out: ReturnType<typeof byteWriter>, header: SectionHeader): void {
  out.u32(header.name)
  out.u32(header.type)
  for (const word of [header.flags, header.address, header.offset, header.size]) out.u64(word)
  out.u32(header.link)
  out.u32(header.info)
  out.u64(header.alignment)
  out.u64(header.entrySize)
}

type Segment = Record<
  'type' | 'flags' | 'offset' | 'address' | 'fileSize' | 'memorySize' | 'alignment',
  number
>

function loadSegments(placed: readonly PlacedSection[]): Segment[] {
  const loads: Segment[] = []
  const notes: Segment[] = []
  for (const { kind, address, offset, sizeBytes } of placed) {
    const { segment: flags } = kinds[kind]
    if (flags === 0) continue
    if (kind === 'note') {
      notes.push({
        type: segmentType.note,
        flags,
        offset,
        address,
        fileSize: sizeBytes,
        memorySize: sizeBytes,
        alignment: 4,
      })
    }
    const current = loads.at(-1)
    if (current?.flags !== flags) {
      loads.push({
        type: segmentType.load,
        flags,
        offset,
        address,
        fileSize: 0,
        memorySize: 0,
        alignment: pageSize,
      })
    }
    const load = loads.at(-1)
    if (!load) continue
    load.memorySize = address + sizeBytes - load.address
    if (kind !== 'zeroes') load.fileSize = load.memorySize
  }
  return [
    ...loads,
    ...notes,
    {
      type: segmentType.gnuStack,
      flags: 6,
      offset: 0,
      address: 0,
      fileSize: 0,
      memorySize: 0,
      alignment: 16,
    },
  ]
}
