import { NotAnalysableError } from '../../errors.ts'
import { findElfClass, parseElf } from '../../formats/elf.ts'
import { readSymbols, symbolName } from '../../formats/elf-symbols.ts'
import { rangesOf, type FileContent } from '../../formats/file-ranges.ts'
import { parseOcamlSymbol } from '../../formats/ocaml-symbol.ts'

/**
 * The compilation units that are linked into a program, as their symbols name them: `Cohttp__Path` is the module `Path` of the library `cohttp`, in
 * the order of their names. Null: the file has no symbols, or none of OCaml, so that nothing is known.
 */
export type ModulesResult = { units: string[] | null }

const maxUnits = 50_000
const startBytes = 64

/** OCaml links a unit as a whole, and leaves out those of a library that nothing refers to. Throws MalformedError, NotAnalysableError. */
export function listModules(input: FileContent): ModulesResult {
  const file = rangesOf(input)
  if (findElfClass(file.read(0, Math.min(startBytes, file.sizeBytes))) !== 64) return { units: null }
  const symbols = readSymbols(parseElf(file))
  if (!symbols) return { units: null }
  const units = new Set<string>()
  for (let symbol = 0; symbol < symbols.count; symbol++) {
    const parsed = parseOcamlSymbol(symbolName(symbols, symbol))
    if (parsed?.origin !== 'module' || parsed.role !== 'codeBegin') continue
    units.add(parsed.path.join('__'))
    if (units.size > maxUnits) throw new NotAnalysableError(`more than ${maxUnits} modules`)
  }
  return { units: units.size === 0 ? null : [...units].toSorted() }
}
