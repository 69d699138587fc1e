import type { ElfSection } from '../formats/elf.ts'
import { addChildren, type Comparing } from './comparing.ts'
import { addRemark, differenceOf, type Difference } from './difference.ts'
import { addPlaces } from './places.ts'
import type { IndexedSymbol } from './symbol-index.ts'

type Side = { section: ElfSection; content: Uint8Array; symbols: readonly IndexedSymbol[] }

/**
 * Compares the symbols of two sections by name, since addresses moved: those that one side lacks, those of another size, and
 * those of the same size with other bytes.
 */
export function compareSymbols(difference: Difference, left: Side, right: Side, comparing: Comparing): void {
  const [one, other] = [byName(left), byName(right)]
  const unequal: Difference[] = []
  const sameSize: Difference[] = []
  for (const [name, { symbol, bytes }] of one) {
    const match = other.get(name)
    if (!match) {
      unequal.push(differenceOf('SYMBOL', name, bytes, null))
      continue
    }
    if (Buffer.compare(bytes, match.bytes) === 0) continue
    const child = differenceOf('SYMBOL', name, bytes, match.bytes)
    if (symbol.module !== null) child.remark = `in module ${symbol.module}`
    addPlaces(child, bytes, match.bytes)
    if (bytes.length === match.bytes.length) sameSize.push(child)
    else unequal.push(child)
  }
  for (const [name, { bytes }] of other)
    if (!one.has(name)) unequal.push(differenceOf('SYMBOL', name, null, bytes))
  // What is of the same size refers, most often, to what moved.
  const listed = [...unequal, ...(unequal.length === 0 ? sameSize : [])].slice(0, mostListed)
  addChildren(difference, listed, comparing, Math.max(0, unequal.length - mostListed))
  if (unequal.length > 0 && sameSize.length > 0)
    addRemark(
      difference,
      `${sameSize.length} symbols of the same size differ: addresses in them may have moved`,
    )
  if (difference.children.length === 0) addPlaces(difference, left.content, right.content)
}

const mostListed = 60

function byName({
  section,
  content,
  symbols,
}: Side): Map<string, { symbol: IndexedSymbol; bytes: Uint8Array }> {
  const named = new Map<string, { symbol: IndexedSymbol; bytes: Uint8Array }>()
  const counts = new Map<string, number>()
  for (const symbol of symbols) {
    const count = (counts.get(symbol.name) ?? 0) + 1
    counts.set(symbol.name, count)
    const start = symbol.address - (symbol.address >= section.address ? section.address : 0)
    const bytes = content.subarray(start, start + symbol.sizeBytes)
    named.set(count === 1 ? symbol.name : `${symbol.name} (${count})`, { symbol, bytes })
  }
  return named
}
