import { type Elf, type ElfSection, malformed, storedContent } from './elf.ts'

/** `descriptor` is a view; `offset` is where the note begins in the file. */
export type ElfNote = { owner: string; type: number; descriptor: Uint8Array; offset: number }

const noteHeaderBytes = 12

/**
 * The notes of a section, one after the other. Their parts are aligned to 4 bytes in ELF64 too, as
 * all linkers do it. Throws MalformedError. Source: System V gABI, chapter 5, "Note Section".
 */
export function* readNotes(elf: Elf, section: ElfSection): Generator<ElfNote, void, void> {
  const content = storedContent(elf, section)
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  let at = 0
  while (at < content.length) {
    const offset = section.offset + at
    const fail = (reason: string) => malformed(offset, `a note in section ${section.name} ${reason}`)
    if (at + noteHeaderBytes > content.length) throw fail('is cut short')
    const nameBytes = view.getUint32(at, elf.isLittleEndian)
    const descriptorBytes = view.getUint32(at + 4, elf.isLittleEndian)
    const type = view.getUint32(at + 8, elf.isLittleEndian)
    const nameStart = at + noteHeaderBytes
    const descriptorStart = align(nameStart + nameBytes)
    const descriptorEnd = descriptorStart + descriptorBytes
    if (descriptorEnd > content.length) throw fail('exceeds the section')
    yield {
      owner: Buffer.from(content.buffer, content.byteOffset + nameStart, nameBytes).toString('latin1'),
      type,
      descriptor: content.subarray(descriptorStart, descriptorEnd),
      offset,
    }
    at = align(descriptorEnd)
  }
}

function align(offset: number): number {
  return Math.ceil(offset / 4) * 4
}
