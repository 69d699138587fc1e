import type { SourceIndex } from '../../formats/dwarf/source-index.ts'
import type { Elf } from '../../formats/elf.ts'
import { symbolName, type ElfSymbols } from '../../formats/elf-symbols.ts'
import { nameWithinUnit, parseOcamlSymbol, type OcamlSymbol } from '../../formats/ocaml-symbol.ts'
import { isCode } from './file-extents.ts'
import { isNamedLikeOcaml, isNamedLikeRuntime, type UnitRange } from './ocaml-units.ts'
import type { SizeGroups } from './size-groups.ts'
import { isOfDistribution, placeOfSource, type SourcePlace } from './source-place.ts'
import type { SymbolPieces } from './symbol-pieces.ts'

/** The leaves of the tree: bytes of a symbol, in a group. */
export type SizeLeaves = {
  count: number
  groups: Uint32Array
  bytes: Uint32Array
  symbols: Uint32Array
}

export type Attributed = {
  leaves: SizeLeaves
  /** What a leaf is called within its group. */
  nameOf: (leaf: number) => string
}

/** What is attributed: symbols, the ranges that they lie in, and what each of them has of the file. */
export type Swept = {
  elf: Elf
  symbols: ElfSymbols
  ranges: readonly UnitRange[]
  pieces: SymbolPieces
  own: Uint32Array
  scopes: Int32Array
  sources: SourceIndex
}

type Module = Pick<OcamlSymbol, 'origin' | 'path'>

/** Give each symbol's bytes to the group they belong to: module, source file, runtime, or C code. */
export function attribute(swept: Swept, groups: SizeGroups): Attributed {
  const { elf, symbols, ranges, pieces, own, scopes, sources } = swept
  const leaves: SizeLeaves = {
    count: 0,
    groups: new Uint32Array(pieces.count),
    bytes: new Uint32Array(pieces.count),
    symbols: new Uint32Array(pieces.count),
  }
  const unitOfGroup = new Map<number, string>()
  const groupOfModule = moduleGroups(groups, ranges, sources)
  const groupOfSource = sourceGroups(groups, sources)
  const codeInSection = elf.sections.map(isCode)

  const addOwn = (group: number, bytes: number) => void (groups.own[group] = (groups.own[group] ?? 0) + bytes)
  const addLeaf = (group: number, bytes: number, symbol: number) => {
    leaves.groups[leaves.count] = group
    leaves.bytes[leaves.count] = bytes
    leaves.symbols[leaves.count++] = symbol
  }

  const groupOfRange = ranges.map(({ symbol, unit, content }) => {
    const group = partOf(groups, groupOfModule(symbol), content)
    unitOfGroup.set(group, unit)
    return group
  })
  for (let piece = 0; piece < pieces.count; piece++) {
    const bytes = own[piece] ?? 0
    if (bytes === 0) continue
    const subject = pieces.subjects[piece] ?? 0
    const scope = piece >= pieces.firstScope ? piece : (scopes[piece] ?? -1)
    if (scope >= 0) {
      const range = pieces.subjects[scope] ?? 0
      const group = groupOfRange[range] ?? 0
      if (piece === scope || ranges[range]?.content === 'data') addOwn(group, bytes)
      else addLeaf(group, bytes, subject)
      continue
    }
    const inCode = codeInSection[symbols.sections[subject] ?? 0] ?? false
    const address = symbols.addresses[subject] ?? 0
    if (isNamedLikeOcaml(symbols, subject)) {
      const parsed = parseOcamlSymbol(symbolName(symbols, subject))
      if (parsed) {
        const module = groupOfModule(parsed, address)
        if (inCode) addLeaf(partOf(groups, module, 'code'), bytes, subject)
        else addOwn(partOf(groups, module, parsed.role === 'frametable' ? 'frametable' : 'data'), bytes)
        continue
      }
    }
    addLeaf(groupOfSource(inCode ? sources.find(address) : -1, symbols, subject), bytes, subject)
  }

  return {
    leaves,
    nameOf(leaf) {
      const name = symbolName(symbols, leaves.symbols[leaf] ?? 0)
      const unit = unitOfGroup.get(leaves.groups[leaf] ?? 0)
      if (unit !== undefined) return nameWithinUnit(name, unit)
      return parseOcamlSymbol(name)?.name || name
    },
  }
}

function partOf(groups: SizeGroups, module: number, part: 'code' | 'data' | 'frametable'): number {
  return groups.within(module, part === 'code' ? 'CODE' : 'DATA', part)
}

/** The group of a module, in that of its package; of one without code of its own, the package of its library. */
function moduleGroups(groups: SizeGroups, ranges: readonly UnitRange[], sources: SourceIndex) {
  const packageOfModule = new Map<string, string>()
  const packageAt = (address: number): string | null => {
    const source = sources.sources[sources.find(address)]
    const place = source && placeOfSource(source)
    return place?.kind === 'package' ? place.name : null
  }
  const remember = (path: readonly string[], name: string) => {
    packageOfModule.set(path.join('__'), name)
    // The library's main module says more than the others do.
    if (path.length === 1 || !packageOfModule.has(path[0] ?? '')) packageOfModule.set(path[0] ?? '', name)
  }
  for (const { symbol, content, address, start, end } of ranges) {
    if (content !== 'code' || symbol.origin === 'runtime') continue
    // The first function may have no line.
    const name = packageAt(address) ?? packageAt(address + (end - start) - 1)
    if (name !== null) remember(symbol.path, name)
  }
  return ({ origin, path }: Module, address?: number): number => {
    if (origin === 'runtime') return groups.within(runtimeGroup(groups), 'MODULE', path.join('__'))
    const top = path[0] ?? ''
    let name = packageOfModule.get(path.join('__')) ?? null
    if (name === null && address !== undefined) {
      name = packageAt(address)
      if (name !== null) remember(path, name)
    }
    name ??= packageOfModule.get(top) ?? (isOfDistribution(top) ? 'ocaml' : null)
    let group = name === null ? 0 : groups.within(0, 'PACKAGE', name)
    for (const part of path) group = groups.within(group, 'MODULE', part)
    return group
  }
}

function runtimeGroup(groups: SizeGroups): number {
  return groups.within(0, 'RUNTIME', 'OCaml runtime')
}

/** The group of a source file; without one (-1) that of the runtime, or of its language, by the name of the symbol. */
function sourceGroups(groups: SizeGroups, { sources }: SourceIndex) {
  const places = new Map<number, SourcePlace>()
  const codeOf = (language = 'C') => groups.within(0, 'OTHER', `${language} code`)
  return (source: number, symbols: ElfSymbols, symbol: number): number => {
    const isRuntimes = isNamedLikeRuntime(symbols, symbol)
    const given = sources[source]
    if (!given) {
      if (isRuntimes) return runtimeGroup(groups)
      return codeOf(isRustName(symbolName(symbols, symbol)) ? 'Rust' : 'C')
    }
    const place = places.get(source) ?? placeOfSource(given)
    places.set(source, place)
    if (place.kind === 'package')
      return groups.within(groups.within(0, 'PACKAGE', place.name), 'MODULE', place.path)
    const isRuntime = place.kind === 'runtime' || isRuntimes
    return groups.within(isRuntime ? runtimeGroup(groups) : codeOf(given.language), 'MODULE', place.path)
  }
}

/** Both manglings of rustc: the older one ends with a hash. */
function isRustName(name: string): boolean {
  return /^_R[A-Z]|17h[0-9a-f]{16}E(?:\.llvm\.\d+)?$/.test(name)
}
