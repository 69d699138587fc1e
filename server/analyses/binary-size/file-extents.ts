import { sectionFlag, sectionType, type Elf, type ElfSection } from '../../formats/elf.ts'

/** Bytes `start` to `end` (exclusive) of the file, and what they are. No two overlap; together they are the file. */
export type FileExtent = {
  start: number
  end: number
  content:
    | { kind: 'section'; section: ElfSection }
    | { kind: 'headers' }
    | { kind: 'padding' }
    | { kind: 'appended' }
}

/**
 * Share out the bytes of the file among its headers and sections. Where they overlap, which they do
 * in no sound file, the one that begins first has the byte. What is between them is padding, and what
 * follows the last one was appended. Segments that stand for sections hold the headers, too.
 */
export function findExtents(elf: Elf): FileExtent[] {
  const fileBytes = elf.file.sizeBytes
  const headers = [
    claimOf({ offset: 0, sizeBytes: 64 }),
    claimOf(elf.programHeaders),
    claimOf(elf.sectionHeaders),
  ]
  const sections = elf.sections
    .filter(({ type }) => type !== sectionType.null && type !== sectionType.nobits)
    .map(claimOfSection)
  const claims = (
    elf.sectionHeaders.count > 0 ? [...headers, ...sections] : [...sections, ...headers]
  ).toSorted((a, b) => a.start - b.start)
  const extents: FileExtent[] = []
  let position = 0
  for (const { start, end, content } of claims) {
    const [from, to] = [Math.min(Math.max(start, position), fileBytes), Math.min(end, fileBytes)]
    if (to <= from) continue
    if (from > position) extents.push({ start: position, end: from, content: { kind: 'padding' } })
    extents.push({ start: from, end: to, content })
    position = to
  }
  // Files of segments alone end with a whole page.
  const isPageEnd =
    elf.sectionHeaders.count === 0 && elf.sections.some(({ alignment }) => fileBytes - position < alignment)
  const kind = isPageEnd ? 'padding' : 'appended'
  if (position < fileBytes) extents.push({ start: position, end: fileBytes, content: { kind } })
  return extents
}

function claimOf({ offset, sizeBytes }: { offset: number; sizeBytes: number }): FileExtent {
  return { start: offset, end: offset + sizeBytes, content: { kind: 'headers' } }
}

function claimOfSection(section: ElfSection): FileExtent {
  const { offset, sizeBytes } = section
  return { start: offset, end: offset + sizeBytes, content: { kind: 'section', section } }
}

/** Whether a program has it in memory when it runs; what is not is for debuggers and linkers. */
export function isLoaded({ flags }: ElfSection): boolean {
  return (flags & sectionFlag.alloc) !== 0
}

/** Whether it holds code. */
export function isCode({ flags }: ElfSection): boolean {
  return (flags & sectionFlag.execute) !== 0
}

/**
 * What the program has in memory beside what the file has: bytes that begin as zero. Where code has no
 * content either, sections were emptied, and only those are counted that are named as they are in any file.
 */
export function zeroFilledBytes(elf: Elf): number {
  const zeroFilled = elf.sections.filter(
    (section) => section.type === sectionType.nobits && isLoaded(section),
  )
  const isEmptied = zeroFilled.some(isCode)
  return zeroFilled
    .filter(({ name }) => !isEmptied || elf.sectionHeaders.count === 0 || /^\.[a-z]*bss\b/.test(name))
    .reduce((sum, { sizeBytes }) => Math.min(sum + sizeBytes, Number.MAX_SAFE_INTEGER), 0)
}
