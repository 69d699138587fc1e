import { findExtents } from '../analyses/binary-size/file-extents.ts'
import { findMismatch } from '../analyses/binary-size/debug-file.ts'
import { MalformedError } from '../errors.ts'
import { sectionsOfSegments } from '../formats/elf-segments.ts'
import { sectionContent } from '../formats/elf-content.ts'
import { parseElf, sectionType, storedContent, type Elf, type ElfSection } from '../formats/elf.ts'
import { compareSections, type ElfSide } from './compare-sections.ts'
import { addChildren, type Comparing } from './comparing.ts'
import { changedValues, differenceOf, type Difference } from './difference.ts'
import { addPlaces } from './places.ts'
import { indexSymbols, type SymbolIndex } from './symbol-index.ts'

/** Compares two ELF files of 64 bits section by section. Throws MalformedError. */
export function compareElf(
  name: string,
  left: Uint8Array,
  right: Uint8Array,
  comparing: Comparing,
): Difference {
  const difference = differenceOf('ELF', name, left, right)
  const sides = [sideOf(left, comparing.debug.left), sideOf(right, comparing.debug.right)] as const
  // Only the programs that are compared first have a file with debug information.
  comparing.debug = { left: null, right: null }
  difference.values = compareHeaders(left, right)
  addChildren(difference, [...compareAll(sides, comparing), ...compareRest(sides)], comparing)
  return difference
}

function sideOf(bytes: Uint8Array, debugBytes: Uint8Array | null): ElfSide {
  const parsed = parseElf(bytes)
  const elf = parsed.sections.length > 0 ? parsed : { ...parsed, sections: sectionsOfSegments(parsed) }
  let symbols: SymbolIndex | null | undefined
  return { elf, symbols: () => (symbols === undefined ? (symbols = findSymbols(elf, debugBytes)) : symbols) }
}

/** Null as well if the symbols cannot be read: the bytes are compared all the same. */
function findSymbols(elf: Elf, debugBytes: Uint8Array | null): SymbolIndex | null {
  try {
    const debug = debugBytes && parseElf(debugBytes)
    return indexSymbols(elf, debug && findMismatch(elf, debug) === null ? debug : null)
  } catch (error) {
    if (error instanceof MalformedError) return null
    throw error
  }
}

function compareHeaders(left: Uint8Array, right: Uint8Array) {
  const [one, other] = [viewOf(left), viewOf(right)]
  const hex = (view: DataView, at: number, length: number) =>
    `0x${Buffer.from(view.buffer, view.byteOffset + at, length)
      .reverse()
      .toString('hex')
      .replace(/^0+(?=.)/, '')}`
  const fields = [
    ['ABI', 7, 2],
    ['type', 16, 2],
    ['machine', 18, 2],
    ['entry point', 24, 8],
    ['flags', 48, 4],
  ] as const
  return changedValues(
    fields.map(([name, at, length]) => [name, hex(one, at, length), hex(other, at, length)]),
  )
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

type Sides = readonly [left: ElfSide, right: ElfSide]

function compareAll([left, right]: Sides, comparing: Comparing): Difference[] {
  const [one, other] = [byName(left.elf), byName(right.elf)]
  const found: Difference[] = []
  const moved: { name: string; left: string; right: string }[] = []
  for (const [name, section] of one) {
    const match = other.get(name)
    if (!match) {
      found.push(onlyOn('left', name, section))
      continue
    }
    moved.push(...changedValues([[name, placeOf(section), placeOf(match)]]))
    const [content, otherContent] = [contentOf(left.elf, section), contentOf(right.elf, match)]
    const compared = compareSections(
      name,
      { ...left, section, content },
      { ...right, section: match, content: otherContent },
      comparing,
    )
    if (compared) found.push(compared)
  }
  for (const [name, section] of other) if (!one.has(name)) found.push(onlyOn('right', name, section))
  return moved.length === 0 ? found : [...found, headersOf(moved)]
}

const mostMoved = 40

function headersOf(moved: Difference['values']): Difference {
  const headers = differenceOf('METADATA', 'section headers', null, null)
  headers.values = moved.slice(0, mostMoved)
  headers.remark = `${moved.length} ${moved.length === 1 ? 'section has' : 'sections have'} another address or size`
  return headers
}

const placeOf = ({ address, sizeBytes }: ElfSection) => `${sizeBytes} bytes at 0x${address.toString(16)}`

function byName({ sections }: Elf): Map<string, ElfSection> {
  const named = new Map<string, ElfSection>()
  for (const section of sections) {
    if (section.type === sectionType.null) continue
    let name = section.name === '' ? 'unnamed section' : section.name
    for (let count = 2; named.has(name); count++) name = `${section.name} (${count})`
    named.set(name, section)
  }
  return named
}

function onlyOn(side: 'left' | 'right', name: string, { sizeBytes }: ElfSection): Difference {
  const length = { length: sizeBytes }
  return differenceOf('SECTION', name, side === 'left' ? length : null, side === 'right' ? length : null)
}

/** Decompressed if it can be. */
function contentOf(elf: Elf, section: ElfSection): Uint8Array {
  try {
    return sectionContent(elf, section, { maxInflatedBytes: 64 * 1024 ** 2 })
  } catch (error) {
    if (error instanceof MalformedError) return storedContent(elf, section)
    throw error
  }
}

/** What is in no section: bytes between the sections, and behind the last one. */
function compareRest([left, right]: Sides): Difference[] {
  return (['padding', 'appended'] as const).flatMap((kind) => {
    const [one, other] = [restOf(left.elf, kind), restOf(right.elf, kind)]
    if (Buffer.compare(one, other) === 0) return []
    const name = kind === 'padding' ? 'bytes between sections' : 'bytes behind the last section'
    const difference = differenceOf('BYTES', name, one, other)
    addPlaces(difference, one, other)
    return [difference]
  })
}

function restOf(elf: Elf, kind: 'padding' | 'appended'): Buffer {
  const extents = findExtents(elf).filter(({ content }) => content.kind === kind)
  return Buffer.concat(extents.map(({ start, end }) => elf.file.read(start, end)))
}
