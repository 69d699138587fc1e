import type { Elf } from '../../formats/elf.ts'
import {
  noSection,
  symbolBinding,
  symbolType,
  symbolTypes,
  type ElfSymbols,
} from '../../formats/elf-symbols.ts'
import { isLoaded, type FileExtent } from './file-extents.ts'
import type { UnitRange } from './ocaml-units.ts'
import type { Pieces } from './sweep.ts'

/** Pieces of the file by symbols, then those by the bounds of OCaml's units, which are scopes. */
export type SymbolPieces = Pieces & {
  /** The symbol that a piece is of; for scopes, which come last, the number of the range. */
  subjects: Uint32Array
  firstScope: number
}

/** Where the bytes of a section are in the file, as far as they are not claimed by another. */
export type Placement = { start: number; end: number; toOffset: number } | null

const relocatable = 1
const indirectFunction = 10
const underscore = 0x5f

/** For each section: what is added to an address to have the offset in the file, and the bounds there. */
export function placeSections(elf: Elf, extents: readonly FileExtent[]): Placement[] {
  const placements: Placement[] = elf.sections.map(() => null)
  for (const { start, end, content } of extents) {
    if (content.kind !== 'section' || !isLoaded(content.section)) continue
    const { index, offset, address } = content.section
    placements[index] = { start, end, toOffset: elf.type === relocatable ? offset : offset - address }
  }
  return placements
}

/** What of the file each symbol covers. Symbols without bytes there, and labels without size, have no piece. */
export function findPieces(
  symbols: ElfSymbols,
  ranges: readonly UnitRange[],
  placements: readonly Placement[],
): SymbolPieces {
  const pieces = emptyPieces(symbols.count + ranges.length)
  const endless: number[] = []
  for (let symbol = 0; symbol < symbols.count; symbol++) {
    const section = symbols.sections[symbol] ?? noSection
    const placement = section === noSection ? null : placements[section]
    if (!placement) continue
    const type = symbolType(symbols, symbol)
    const isFunction = type === symbolTypes.function || type === indirectFunction
    if (!isFunction && type !== symbolTypes.object && type !== symbolTypes.none) continue
    const start = (symbols.addresses[symbol] ?? 0) + placement.toOffset
    const size = symbols.sizes[symbol] ?? 0
    if (size === 0 && !isFunction) continue
    const end = Math.min(size === 0 ? start + 1 : start + size, placement.end)
    if (start < placement.start || start >= end) continue
    if (size === 0) endless.push(pieces.count)
    addPiece(pieces, symbol, start, end, rankOf(symbols, symbol, isFunction))
  }
  if (endless.length > 0) endAtNextPiece(pieces, endless, placements, symbols)
  pieces.firstScope = pieces.count
  ranges.forEach(({ start, end }, index) => {
    pieces.isScope[pieces.count] = 1
    addPiece(pieces, index, start, end, 0)
  })
  return pieces
}

function emptyPieces(capacity: number): SymbolPieces {
  return {
    count: 0,
    starts: new Uint32Array(capacity),
    ends: new Uint32Array(capacity),
    ranks: new Uint8Array(capacity),
    isScope: new Uint8Array(capacity),
    subjects: new Uint32Array(capacity),
    firstScope: 0,
  }
}

function addPiece(pieces: SymbolPieces, subject: number, start: number, end: number, rank: number): void {
  const { count } = pieces
  pieces.subjects[count] = subject
  pieces.starts[count] = start
  pieces.ends[count] = end
  pieces.ranks[count] = rank
  pieces.count++
}

/** Of several names for the same bytes, the one that a reader knows: `fopen`, not `_IO_new_fopen`. */
function rankOf(symbols: ElfSymbols, symbol: number, isFunction: boolean): number {
  const isTyped = isFunction || symbolType(symbols, symbol) === symbolTypes.object
  const binding = symbolBinding(symbols, symbol)
  const isPlain = symbols.strings[symbols.names[symbol] ?? 0] !== underscore
  return (isTyped ? 8 : 0) + (binding === 0 ? 0 : 4) + (isPlain ? 2 : 0) + (binding === 1 ? 1 : 0)
}

/** Functions that an assembler was told no size of reach to whatever comes next. */
function endAtNextPiece(
  pieces: SymbolPieces,
  endless: readonly number[],
  placements: readonly Placement[],
  symbols: ElfSymbols,
): void {
  const sorted = pieces.starts.slice(0, pieces.count).sort()
  for (const piece of endless) {
    const start = pieces.starts[piece] ?? 0
    let low = 0
    let high = sorted.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((sorted[middle] ?? 0) <= start) low = middle + 1
      else high = middle
    }
    const section = symbols.sections[pieces.subjects[piece] ?? 0] ?? noSection
    pieces.ends[piece] = Math.min(sorted[low] ?? Infinity, placements[section]?.end ?? start)
  }
}
