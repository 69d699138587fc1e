import { MalformedError } from '../../errors.ts'
import { readCompilationUnits, type CompilationUnit } from './compilation-units.ts'
import { cursorAt } from './cursor.ts'
import type { DwarfSections } from './forms.ts'
import { readLineHeader, type LineFile } from './line-header.ts'
import { runLineProgram } from './line-sequences.ts'

/** Where a unit's code comes from, as it was named to the compiler: the path may be relative to the folder. */
export type Source = { path: string; folder: string | null }

/** Which source the code at an address comes from. */
export type SourceIndex = {
  sources: readonly Source[]
  /** Index of the source of the code at an address, or -1. */
  find: (address: number) => number
  /** What could not be read; the rest was. Null when all was well. */
  problem: string | null
}

/** More pieces of code are not kept: 40 MiB. */
const maxSequences = 2 ** 21
/** More units, or characters of their names, are not kept: no program has as many. */
const maxUnits = 100_000
const maxCharacters = 2 ** 24

/**
 * Read which source each piece of code comes from: addresses by `.debug_line` and `.debug_info`,
 * names by the latter, or by the line table where that is absent. Takes time by the size of the sections, and never throws:
 * a unit that is not well formed is passed over.
 */
export function readSourceIndex(sections: DwarfSections): SourceIndex {
  const lines = sections.debug_line
  if (!lines) return { sources: [], find: () => -1, problem: null }
  const units = readCompilationUnits(sections)
  const sources: Source[] = []
  const known = new Map<string, number>()
  const sequences = sequenceList()
  let problem: string | null = null
  let characters = 0
  const section = cursorAt(lines, sections.isLittleEndian, 0)
  for (let count = 0; count < maxUnits && section.position < lines.length; count++) {
    const start = section.position
    try {
      const header = readLineHeader(section, sections)
      const unit = units.get(header.unitOffset)
      const source = chooseSource(unit, header.file)
      if (!source) continue
      const key = `${source.folder ?? ''}\0${source.path}`
      let index = known.get(key)
      if (index === undefined) {
        characters += key.length
        if (characters > maxCharacters) break
        index = sources.push(source) - 1
        known.set(key, index)
      }
      const owner = index
      // Assemblers give no line for what precedes the first function.
      if (unit?.code && unit.code.low < unit.code.high) sequences.add(unit.code.low, unit.code.high, owner)
      runLineProgram(lines, sections.isLittleEndian, header, (low, high) => sequences.add(low, high, owner))
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      problem ??= error.message
      // The length of the unit is wrong: where the next one starts is not known.
      if (section.position === start) break
    }
  }
  return { sources, find: sequences.finish(), problem }
}

/** The unit's own name, unless that is of the compiler's temporary file. */
function chooseSource(unit: CompilationUnit | undefined, file: LineFile | null): Source | null {
  const isTemporary = !unit?.name || /^\/tmp\/[^/]*\.s$/.test(unit.name)
  if (unit?.name && !isTemporary) return { path: unit.name, folder: unit.folder }
  if (!file) return null
  const path = file.folder === null ? file.path : `${file.folder}/${file.path}`
  return { path, folder: unit?.folder ?? file.compiledIn }
}

function sequenceList() {
  let starts = new Float64Array(256)
  let ends = new Float64Array(256)
  let owners = new Int32Array(256)
  let count = 0
  return {
    add(low: number, high: number, owner: number): void {
      if (count === maxSequences || !Number.isSafeInteger(high)) return
      if (count === starts.length) {
        starts = grown(starts, new Float64Array(2 * count))
        ends = grown(ends, new Float64Array(2 * count))
        owners = grown(owners, new Int32Array(2 * count))
      }
      starts[count] = low
      ends[count] = high
      owners[count++] = owner
    },
    finish(): (address: number) => number {
      const order = new Uint32Array(count).map((_, index) => index)
      order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0) || a - b)
      const sorted = Float64Array.from(order, (index) => starts[index] ?? 0)
      return (address) => {
        let low = 0
        let high = count
        while (low < high) {
          const middle = (low + high) >>> 1
          if ((sorted[middle] ?? 0) <= address) low = middle + 1
          else high = middle
        }
        const found = order[low - 1]
        return found !== undefined && address < (ends[found] ?? 0) ? (owners[found] ?? -1) : -1
      }
    },
  }
}

function grown<List extends Float64Array | Int32Array>(list: List, larger: List): List {
  larger.set(list)
  return larger
}
