/** Names that are not functions or values: bounds of a unit's code and data, and its frame table. */
export type OcamlSymbolRole = 'codeBegin' | 'codeEnd' | 'dataBegin' | 'dataEnd' | 'frametable' | 'value'

/** A symbol that ocamlopt wrote for a compilation unit, or of the same form in the runtime. */
export type OcamlSymbol = {
  /** Whether the unit is a module, or one of the runtime: `startup`, `system`, `hot`. */
  origin: 'module' | 'runtime'
  /** Modules from the outermost one: `Stdlib`, `List`. For the runtime only the name of the unit. */
  path: string[]
  role: OcamlSymbolRole
  /** Name within the unit, as in the source, with a stamp: `map_123`. Empty for the unit's own block. */
  name: string
}

const roles: Record<string, OcamlSymbolRole> = {
  code_begin: 'codeBegin',
  code_end: 'codeEnd',
  data_begin: 'dataBegin',
  data_end: 'dataEnd',
  frametable: 'frametable',
}

const withRole = /^(.+?)(?:__|\.)(code_begin|code_end|data_begin|data_end|frametable)$/s
const hasStamp = /_\d+$/

/**
 * Unit and name of an OCaml symbol: `camlA__B__f_1`, or `camlA__B.f_1` since OCaml 5.1. Null for other symbols,
 * such as C functions, also those of the runtime (`caml_alloc`).
 *
 * In the older spelling only upper and lower case separate unit and name. Source: ocaml's
 * `asmcomp/compilenv.ml` (`make_symbol`) and `utils/symbol.ml`.
 */
export function parseOcamlSymbol(symbol: string): OcamlSymbol | null {
  if (!symbol.startsWith('caml')) return null
  const rest = symbol.slice(4)
  const marker = withRole.exec(rest)
  if (rest.startsWith('_')) {
    // caml_startup__code_begin, caml_system.frametable; the others are C.
    const [, unit, role] = marker ?? []
    if (!unit || !role) return null
    return { origin: 'runtime', path: [unit.slice(1)], role: roles[role] ?? 'value', name: '' }
  }
  if (!/^[A-Z]/.test(rest)) return null
  if (marker?.[1] && marker[2]) {
    return {
      origin: 'module',
      path: splitUnit(marker[1]),
      role: roles[marker[2]] ?? 'value',
      name: '',
    }
  }
  const { unit, name } = splitName(rest)
  return { origin: 'module', path: splitUnit(unit), role: 'value', name: decodeEscapes(name) }
}

/** The name that a symbol has within the unit called `unit` (as in symbols: `A__B`), or all of it. */
export function nameWithinUnit(symbol: string, unit: string): string {
  const prefix = `caml${unit}`
  if (!symbol.startsWith(prefix)) return symbol
  const rest = symbol.slice(prefix.length)
  if (rest.startsWith('.')) return decodeEscapes(rest.slice(1))
  return rest.startsWith('__') ? decodeEscapes(rest.slice(2)) : symbol
}

/** Modules by the name of their unit: `Dune__exe__Main` is `Main` of `Dune__exe`, and `Foo__` is one of its own. */
export function splitUnit(unit: string): string[] {
  const parts = unit.split(/__(?=[A-Za-z])/)
  if (parts[0] === 'Dune' && parts[1] === 'exe') parts.splice(0, 2, 'Dune__exe')
  return parts
}

/** Whether a symbol is a primitive, function or variable of OCaml's runtime, or C code with such a name. */
export function isRuntimeName(symbol: string): boolean {
  return symbol.startsWith('caml_')
}

function splitName(rest: string): { unit: string; name: string } {
  const dot = rest.indexOf('.')
  if (dot >= 0) return { unit: rest.slice(0, dot), name: rest.slice(dot + 1) }
  const parts = rest.split('__')
  let count = 1
  for (let part = parts[count]; part !== undefined; part = parts[++count]) {
    const isOfDune = count === 1 && parts[0] === 'Dune' && part === 'exe'
    // The name of a functor is capitalized, too, but it has a stamp.
    if (!isOfDune && (!/^[A-Z]/.test(part) || hasStamp.test(part))) break
  }
  return { unit: parts.slice(0, count).join('__'), name: parts.slice(count).join('__') }
}

/** Decodes `$2b` to `+`: the compiler writes bytes that an assembler would refuse as hexadecimal digits. */
function decodeEscapes(name: string): string {
  if (!name.includes('$')) return name
  return name.replace(/(?:\$[0-9a-f]{2})+/g, (escapes) =>
    Buffer.from(escapes.replaceAll('$', ''), 'hex').toString('utf8'),
  )
}
