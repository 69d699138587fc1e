import type { Elf, ElfSection } from '../formats/elf.ts'
import {
  noSection,
  readSymbols,
  symbolName,
  symbolType,
  symbolTypes,
  type ElfSymbols,
} from '../formats/elf-symbols.ts'
import { parseOcamlSymbol } from '../formats/ocaml-symbol.ts'

/** A function or data object. `name` is as in the source: `Dns.Zone.parse` for `camlDns__Zone__parse_123`. */
export type IndexedSymbol = { name: string; module: string | null; address: number; sizeBytes: number }

/** Finds symbols of a program by their addresses. */
export type SymbolIndex = {
  /** The symbol that covers an address of a section, or the last label of an OCaml module before it; null if none does. */
  find: (section: ElfSection, address: number) => IndexedSymbol | null
  /** Symbols with a size in a section, by address. */
  sizedIn: (section: ElfSection) => IndexedSymbol[]
}

const relocatable = 1
/** Symbols before the last one at an address, which may reach further than it. */
const mostNested = 16

/**
 * The symbols of a program, or of the file with its debug information if it has none; null without symbols. Throws MalformedError.
 */
export function indexSymbols(elf: Elf, debug: Elf | null): SymbolIndex | null {
  const own = readSymbols(elf)
  const symbols = own ?? (debug && readSymbols(debug))
  if (!symbols) return null
  // Addresses of a relocatable file begin anew in each section; in others the sections of another file have other numbers.
  const isBySection = own !== null && elf.type === relocatable
  const numbers = placed(symbols)
  const addressOf = (at: number) => symbols.addresses[numbers[at] ?? 0] ?? 0
  const sectionOf = (at: number) => symbols.sections[numbers[at] ?? 0] ?? noSection
  const startOf = (section: ElfSection) => (isBySection ? 0 : section.address)

  const firstAbove = (address: number) => {
    let [from, to] = [0, numbers.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (addressOf(middle) <= address) from = middle + 1
      else to = middle
    }
    return from
  }
  const isIn = (at: number, section: ElfSection) => !isBySection || sectionOf(at) === section.index
  const read = (at: number) => describe(symbols, numbers[at] ?? 0)

  return {
    find(section, address) {
      const wanted = address - section.address + startOf(section)
      let label: number | null = null
      for (let at = firstAbove(wanted) - 1, seen = 0; at >= 0 && seen < mostNested; at--) {
        if (addressOf(at) < startOf(section)) break
        if (!isIn(at, section)) continue
        seen += 1
        const size = symbols.sizes[numbers[at] ?? 0] ?? 0
        if (addressOf(at) + size > wanted) return read(at)
        if (size === 0) label ??= at
      }
      const last = label === null ? null : read(label)
      return last && isInside(last) ? last : null
    },
    sizedIn(section) {
      const found: IndexedSymbol[] = []
      const end = startOf(section) + section.sizeBytes
      for (let at = firstAbove(startOf(section) - 1); at < numbers.length && addressOf(at) < end; at++)
        if (isIn(at, section) && (symbols.sizes[numbers[at] ?? 0] ?? 0) > 0) found.push(read(at))
      return found
    },
  }
}

/** Numbers of functions, objects and labels, by address; at the same address labels come first. */
function placed(symbols: ElfSymbols): Uint32Array {
  const { count, sections, addresses, sizes, names } = symbols
  const numbers = new Uint32Array(count)
  let found = 0
  for (let i = 0; i < count; i++) {
    const type = symbolType(symbols, i)
    const isNamed = names[i] !== 0 && sections[i] !== noSection
    if (isNamed && type !== symbolTypes.section && type !== symbolTypes.file && type !== symbolTypes.tls)
      numbers[found++] = i
  }
  return numbers
    .subarray(0, found)
    .sort((a, b) => (addresses[a] ?? 0) - (addresses[b] ?? 0) || (sizes[a] ?? 0) - (sizes[b] ?? 0) || a - b)
}

function describe(symbols: ElfSymbols, number: number): IndexedSymbol {
  const given = symbolName(symbols, number)
  const placedAt = { address: symbols.addresses[number] ?? 0, sizeBytes: symbols.sizes[number] ?? 0 }
  const ocaml = parseOcamlSymbol(given)
  if (!ocaml) return { name: given, module: null, ...placedAt }
  const module = ocaml.origin === 'module' ? ocaml.path.join('.') : `OCaml runtime (${ocaml.path.join('.')})`
  const name = withoutStamp(ocaml.name)
  return {
    name: name === '' ? `${module} (${roleWords[ocaml.role]})` : `${module}.${name}`,
    module,
    ...placedAt,
  }
}

const roleWords = {
  ...{ codeBegin: 'code', codeEnd: 'after its code', dataBegin: 'data', dataEnd: 'after its data' },
  ...{ frametable: 'frame table', value: 'data' },
}

/** The compiler marks where the code and the data of a module begin and end; its data have no sizes. */
function isInside({ module, name }: IndexedSymbol): boolean {
  return (
    module !== null && !name.endsWith(`(${roleWords.dataEnd})`) && !name.endsWith(`(${roleWords.codeEnd})`)
  )
}

/** The compiler numbers functions one after the other: `map_123`, `fun_1452_1501`, flambda's `map_12_34_code`. */
function withoutStamp(name: string): string {
  return name.replace(/(?:_\d+)+(?:_code)?$/, '')
}
