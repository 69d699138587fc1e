import { symbolName, type ElfSymbols } from '../../formats/elf-symbols.ts'
import { parseOcamlSymbol, type OcamlSymbol, type OcamlSymbolRole } from '../../formats/ocaml-symbol.ts'
import type { Placement } from './symbol-pieces.ts'

/** The code or the data of one unit: offsets in the file, and the address it begins at. */
export type UnitRange = {
  /** As in symbols: `A__B`, `_startup`. */
  unit: string
  symbol: Pick<OcamlSymbol, 'origin' | 'path'>
  content: 'code' | 'data'
  section: number
  start: number
  end: number
  address: number
}

/** More units are not told apart: no program has as many. */
const maxUnits = 50_000

type Bound = Exclude<OcamlSymbolRole, 'value' | 'frametable'>
type Bounds = Pick<OcamlSymbol, 'origin' | 'path'> & Partial<Record<Bound, number>>

/** What the compiler's own marks enclose: `caml….code_begin` to `code_end`, and `data_begin` to `data_end`. */
export function findUnitRanges(symbols: ElfSymbols, placements: readonly Placement[]): UnitRange[] {
  const units = new Map<string, Bounds>()
  for (let symbol = 0; symbol < symbols.count; symbol++) {
    if (symbols.sizes[symbol] !== 0 || !isMark(symbols, symbol)) continue
    const name = symbolName(symbols, symbol)
    const parsed = parseOcamlSymbol(name)
    if (!parsed || parsed.role === 'value' || parsed.role === 'frametable') continue
    const unit = name.slice(4).replace(/(?:__|\.)(?:code|data)_(?:begin|end)$/, '')
    const bounds = units.get(unit) ?? { origin: parsed.origin, path: parsed.path }
    bounds[parsed.role] ??= symbol
    if (units.size < maxUnits) units.set(unit, bounds)
  }
  return [...units].flatMap(([unit, { origin, path, ...bounds }]) =>
    (['code', 'data'] as const).flatMap((content): UnitRange[] => {
      const [begin, end] = [bounds[`${content}Begin`], bounds[`${content}End`]]
      if (begin === undefined || end === undefined) return []
      const section = symbols.sections[begin] ?? -1
      const placement = placements[section]
      if (!placement || symbols.sections[end] !== section) return []
      const address = symbols.addresses[begin] ?? 0
      const range = {
        start: Math.max(address + placement.toOffset, placement.start),
        end: Math.min((symbols.addresses[end] ?? 0) + placement.toOffset, placement.end),
      }
      if (range.start >= range.end) return []
      return [{ unit, symbol: { origin, path }, content, section, address, ...range }]
    }),
  )
}

/** Names are cut there. */
const maxMarkBytes = 1024
const caml = [0x63, 0x61, 0x6d, 0x6c]
const [underscore, letterD, letterN] = [0x5f, 0x64, 0x6e]

/** A quick look, before a name is made of it: `caml` … `_begin` or `_end`. */
function isMark({ names, strings }: ElfSymbols, symbol: number): boolean {
  const start = names[symbol] ?? 0
  if (!caml.every((byte, index) => strings[start + index] === byte)) return false
  let end = start
  while (end < strings.length && end - start <= maxMarkBytes && strings[end] !== 0) end++
  const last = strings[end - 1]
  return (
    (last === letterD && strings[end - 4] === underscore) ||
    (last === letterN && strings[end - 6] === underscore)
  )
}

/** `caml_…`, without a name made of it. */
export function isNamedLikeRuntime({ names, strings }: ElfSymbols, symbol: number): boolean {
  const start = names[symbol] ?? 0
  return strings[start + 4] === underscore && caml.every((byte, index) => strings[start + index] === byte)
}

/** `camlA…`, without a name made of it. */
export function isNamedLikeOcaml({ names, strings }: ElfSymbols, symbol: number): boolean {
  const start = names[symbol] ?? 0
  const next = strings[start + 4] ?? 0
  return next >= 0x41 && next <= 0x5a && caml.every((byte, index) => strings[start + index] === byte)
}
