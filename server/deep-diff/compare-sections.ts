import { isCode, isLoaded } from '../analyses/binary-size/file-extents.ts'
import { sectionType, type Elf, type ElfSection } from '../formats/elf.ts'
import { addTextDiff, hasLongLine, orderSign } from './compare-text.ts'
import { compareSymbols } from './compare-symbols.ts'
import { addChildren, limits, type Comparing } from './comparing.ts'
import { addRemark, differenceOf, type Difference } from './difference.ts'
import { addPlaces, findRanges, type DifferingRange } from './places.ts'
import type { IndexedSymbol, SymbolIndex } from './symbol-index.ts'

/** A program; its symbols are read when they are first asked for. */
export type ElfSide = { elf: Elf; symbols: () => SymbolIndex | null }
export type SectionSide = ElfSide & { section: ElfSection; content: Uint8Array }

const buildIdName = '.note.gnu.build-id'
const ownerBytes = 16

/** How two sections of the same name differ; null if their contents are equal. */
export function compareSections(
  name: string,
  left: SectionSide,
  right: SectionSide,
  comparing: Comparing,
): Difference | null {
  const [content, other] = [left.content, right.content]
  if (Buffer.compare(content, other) === 0) return null
  const difference = differenceOf('SECTION', name, content, other)
  if (name === buildIdName) addBuildId(difference, content, other)
  else if (isOfStrings(left.section)) addStrings(difference, content, other, comparing)
  else if (left.section.type === sectionType.symtab || left.section.type === sectionType.dynsym)
    addPlaces(difference, content, other)
  else if (isLoaded(left.section)) addLoaded(difference, left, right, comparing)
  else addPlaces(difference, content, other)
  return difference
}

function addBuildId(difference: Difference, left: Uint8Array, right: Uint8Array): void {
  const [one, other] = [left, right].map((bytes) =>
    Buffer.from(bytes.subarray(ownerBytes)).toString('hex'),
  ) as [string, string]
  difference.values.push({ name: 'build id', left: one, right: other })
  difference.signs.push({ kind: 'BUILD_ID', left: one, right: other })
}

const stringsFlag = 0x20

function isOfStrings({ flags, type, name }: ElfSection): boolean {
  return (
    type === sectionType.strtab || name === '.comment' || name === '.interp' || (flags & stringsFlag) !== 0
  )
}

function addStrings(difference: Difference, left: Uint8Array, right: Uint8Array, comparing: Comparing): void {
  if (Math.max(left.length, right.length) > limits.textBytes) return addPlaces(difference, left, right)
  const lines = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1').replace(/\0$/, '').split('\0')
  const [one, other] = [lines(left), lines(right)]
  if ([...one, ...other].some(hasLongLine)) return addPlaces(difference, left, right)
  addTextDiff(difference, `${one.join('\n')}\n`, `${other.join('\n')}\n`, comparing)
  if (difference.text?.hunks.length === 0) addPlaces(difference, left, right)
  if (difference.name === '.comment')
    difference.signs.push({ kind: 'COMPILER', left: one.join('; '), right: other.join('; ') })
}

/** Content that the program has in memory: by symbols, if there are any. */
function addLoaded(
  difference: Difference,
  left: SectionSide,
  right: SectionSide,
  comparing: Comparing,
): void {
  const [one, other] = [left.symbols(), right.symbols()]
  if (one && other) {
    const [sized, otherSized] = [one.sizedIn(left.section), other.sizedIn(right.section)]
    const sign = orderSign(sized.map(keyOf), otherSized.map(keyOf))
    if (sign) {
      difference.signs.push({ ...sign, kind: 'ORDER' })
      const nouns = isCode(left.section) ? 'functions' : 'symbols'
      addRemark(difference, `the same ${nouns} in another order: first ${sign.left} against ${sign.right}`)
    }
    if (sized.length > 0 && (sign !== null || left.content.length !== right.content.length)) {
      compareSymbols(difference, { ...left, symbols: sized }, { ...right, symbols: otherSized }, comparing)
      return
    }
  }
  const ranges = findRanges(left.content, right.content)
  const grouped = one ? groupBySymbol(ranges, left.section, one) : new Map<string, Group>()
  if (grouped.size === 0) return addPlaces(difference, left.content, right.content, ranges)
  addGroups(difference, [...grouped.values()], left, right, comparing)
  addPlacesOutside(difference, left, right, ranges, grouped)
}

const keyOf = ({ name, sizeBytes }: IndexedSymbol) => `${name} (${sizeBytes} bytes)`

type Group = { symbol: IndexedSymbol; ranges: DifferingRange[] }

function groupBySymbol(
  ranges: readonly DifferingRange[],
  section: ElfSection,
  symbols: SymbolIndex,
): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const range of ranges) {
    const symbol = symbols.find(section, section.address + range.leftStart)
    if (!symbol) continue
    const key = `${symbol.address} ${symbol.name}`
    const group = groups.get(key)
    if (group) group.ranges.push(range)
    else groups.set(key, { symbol, ranges: [range] })
  }
  return groups
}

const mostSymbols = 60

function addGroups(
  difference: Difference,
  groups: readonly Group[],
  left: SectionSide,
  right: SectionSide,
  comparing: Comparing,
): void {
  const children = groups.slice(0, mostSymbols).map(({ symbol, ranges }) => {
    const length = symbol.sizeBytes > 0 ? { length: symbol.sizeBytes } : null
    const child = { ...differenceOf('SYMBOL', symbol.name, length, length), presence: 'BOTH' as const }
    if (symbol.module !== null) child.remark = `in module ${symbol.module}`
    addPlaces(child, left.content, right.content, ranges)
    return child
  })
  addChildren(difference, children, comparing, groups.length - children.length)
}

/** Ranges that no symbol covers. */
function addPlacesOutside(
  difference: Difference,
  left: SectionSide,
  right: SectionSide,
  ranges: readonly DifferingRange[],
  grouped: Map<string, Group>,
): void {
  const known = new Set([...grouped.values()].flatMap((group) => group.ranges))
  const outside = ranges.filter((range) => !known.has(range))
  if (outside.length > 0) addPlaces(difference, left.content, right.content, outside)
}
