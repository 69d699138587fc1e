import { malformed, readU64, sectionFlag, sectionType, viewOf, type Elf, type ElfSection } from './elf.ts'

/** A program header: what a loader reads, whether or not the file has sections. */
export type ElfSegment = {
  index: number
  /** See `segmentType`. */
  type: number
  /** 1 execute, 2 write, 4 read. */
  flags: number
  offset: number
  address: number
  /** In the file, and in memory; what is more in memory begins as zero. */
  fileBytes: number
  memoryBytes: number
  alignment: number
  /** Where its header is in the file. */
  headerOffset: number
}

/** Types of segments (gABI, chapter 5). */
export const segmentType = { load: 1, note: 4 }

const segmentHeaderBytes = 56

/** The program headers. Throws MalformedError when they, or their claims, exceed the file. */
export function readSegments({ file, isLittleEndian, programHeaders }: Elf): ElfSegment[] {
  const { offset: tableOffset, count, sizeBytes } = programHeaders
  if (count === 0) return []
  if (sizeBytes !== count * segmentHeaderBytes) {
    throw malformed(54, `program headers have ${sizeBytes / count} bytes instead of ${segmentHeaderBytes}`)
  }
  if (tableOffset + sizeBytes > file.sizeBytes) {
    throw malformed(32, `${count} program headers at ${tableOffset} exceed the file`)
  }
  const view = viewOf(file.read(tableOffset, tableOffset + sizeBytes))
  return Array.from({ length: count }, (_, index): ElfSegment => {
    const at = index * segmentHeaderBytes
    const u64 = (offset: number) => readU64(view, at + offset, isLittleEndian)
    return {
      index,
      type: view.getUint32(at, isLittleEndian),
      flags: view.getUint32(at + 4, isLittleEndian),
      offset: u64(8),
      address: u64(16),
      fileBytes: u64(32),
      memoryBytes: u64(40),
      alignment: u64(48),
      headerOffset: tableOffset + at,
    }
  })
}

/**
 * Sections that stand for what is loaded of a file without section headers: one for the bytes of each
 * segment, and one for the memory that begins as zero behind them. Throws MalformedError.
 */
export function sectionsOfSegments(elf: Elf): ElfSection[] {
  const loaded = readSegments(elf).filter(({ type }) => type === segmentType.load)
  return loaded.flatMap(({ flags, offset, address, fileBytes, memoryBytes, alignment, headerOffset }, i) => {
    const letters = [flags & 4 ? 'r' : '-', flags & 2 ? 'w' : '-', flags & 1 ? 'x' : '-'].join('')
    const section: ElfSection = {
      index: 2 * i,
      name: `segment ${i + 1} (${letters})`,
      type: sectionType.progbits,
      flags: sectionFlag.alloc | (flags & 2 ? sectionFlag.write : 0) | (flags & 1 ? sectionFlag.execute : 0),
      ...{ address, offset, sizeBytes: fileBytes, alignment, headerOffset },
      ...{ link: 0, info: 0, entrySizeBytes: 0 },
    }
    const zeroes: ElfSection = {
      ...section,
      index: 2 * i + 1,
      type: sectionType.nobits,
      address: address + fileBytes,
      sizeBytes: Math.max(0, memoryBytes - fileBytes),
    }
    return [section, zeroes]
  })
}
