import { MalformedError } from '../errors.ts'
import { malformed, sectionType, storedContent, viewOf, type Elf, type ElfSection } from './elf.ts'
import { readSegments, segmentType } from './elf-segments.ts'

/** `offset` is where the note begins in the file, `descriptorOffset` where its descriptor does. */
export type ElfNote = {
  owner: string
  type: number
  descriptor: Uint8Array
  offset: number
  descriptorOffset: number
}

const noteHeaderBytes = 12

/**
 * The notes of a section in their order. Their parts are aligned to 4 bytes, also in ELF64, as all linkers
 * align them. Throws MalformedError. Source: System V gABI, chapter 5, "Note Section".
 */
export function* readNotes(elf: Elf, section: ElfSection): Generator<ElfNote, void, void> {
  yield* notesIn(elf, storedContent(elf, section), section, `section ${section.name}`)
}

/**
 * The notes that a loader finds, by the program headers: those of a file whose section headers were
 * stripped, too. Throws MalformedError.
 */
export function* readLoadedNotes(elf: Elf): Generator<ElfNote, void, void> {
  for (const { index, type, offset, fileBytes, alignment, headerOffset } of readSegments(elf)) {
    if (type !== segmentType.note) continue
    if (offset + fileBytes > elf.file.sizeBytes) {
      throw malformed(headerOffset + 8, `${fileBytes} bytes of segment ${index} at ${offset} exceed the file`)
    }
    const content = elf.file.read(offset, offset + fileBytes)
    yield* notesIn(elf, content, { offset, alignment }, `segment ${index}`)
  }
}

function* notesIn(
  { isLittleEndian }: Elf,
  content: Uint8Array,
  { offset: start, alignment }: Pick<ElfSection, 'offset' | 'alignment'>,
  where: string,
): Generator<ElfNote, void, void> {
  const view = viewOf(content)
  // Properties of GNU's are aligned to 8 bytes.
  const align = (offset: number) => Math.ceil(offset / (alignment === 8 ? 8 : 4)) * (alignment === 8 ? 8 : 4)
  let at = 0
  while (at < content.length) {
    const offset = start + at
    const fail = (reason: string) => malformed(offset, `a note in ${where} ${reason}`)
    if (at + noteHeaderBytes > content.length) throw fail('is cut short')
    const nameBytes = view.getUint32(at, isLittleEndian)
    const descriptorBytes = view.getUint32(at + 4, isLittleEndian)
    const type = view.getUint32(at + 8, isLittleEndian)
    const nameStart = at + noteHeaderBytes
    const descriptorStart = align(nameStart + nameBytes)
    const descriptorEnd = descriptorStart + descriptorBytes
    if (descriptorEnd > content.length) throw fail(`exceeds the ${where.split(' ')[0]}`)
    yield {
      owner: Buffer.from(content.buffer, content.byteOffset + nameStart, nameBytes).toString('latin1'),
      type,
      descriptor: content.subarray(descriptorStart, descriptorEnd),
      offset,
      descriptorOffset: start + descriptorStart,
    }
    at = align(descriptorEnd)
  }
}

const buildIdType = 3

/** GNU's build id as hexadecimal digits; null when there is none, or its notes cannot be read. */
export function findBuildId(elf: Elf): string | null {
  // A file that holds debug information alone has the notes in its sections, one without section headers in its
  // segments.
  const lists = [
    ...elf.sections.filter(({ type }) => type === sectionType.note).map((one) => () => readNotes(elf, one)),
    () => readLoadedNotes(elf),
  ]
  for (const notes of lists) {
    try {
      for (const { owner, type, descriptor } of notes())
        if (owner === 'GNU\0' && type === buildIdType) return Buffer.from(descriptor).toString('hex')
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
    }
  }
  return null
}
