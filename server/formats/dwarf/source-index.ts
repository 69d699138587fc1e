import { MalformedError } from '../../errors.ts'
import { readCompilationUnits, type CompilationUnit } from './compilation-units.ts'
import { cursorAt } from './cursor.ts'
import type { DwarfSections } from './forms.ts'
import { readLineHeader, type LineFile } from './line-header.ts'
import { runLineProgram } from './line-sequences.ts'

/**
 * Where a unit's code comes from, as it was named to the compiler: the path may be relative to the
 * folder. `language` is there when it is none of C's family, nor an assembler's.
 */
export type Source = { path: string; folder: string | null; language?: string }

/** Maps addresses of code to their sources. */
export type SourceIndex = {
  sources: readonly Source[]
  /** Index of the source of the code at an address, or -1. */
  find: (address: number) => number
  /** Why a part could not be read. Null if everything was read. */
  problem: string | null
}

/** Maximum number of ranges of code; they need 40 MiB. */
const maxSequences = 2 ** 21
/** Maximum number of units, and of characters of their names. No real program has as many. */
const maxUnits = 100_000
const maxCharacters = 2 ** 24

/** Of the tables of units that name no source, which are read whole. */
const maxFiles = 100_000

/**
 * Reads the source of each range of code. Addresses come from `.debug_line` and `.debug_info`. Names come from
 * `.debug_info`, or from the line table if that section is absent. The time is proportional to the size of the
 * sections. It never throws: a malformed unit is skipped.
 *
 * `isCode` says whether addresses `low` to `high` (exclusive) are code of the program. What the linker
 * removed keeps its lines, at addresses that are none: 0, the largest ones, or whatever was there before.
 */
export function readSourceIndex(
  sections: DwarfSections,
  isCode: (low: number, high: number) => boolean = () => true,
): SourceIndex {
  const lines = sections.debug_line
  if (!lines) return { sources: [], find: () => -1, problem: null }
  const units = readCompilationUnits(sections)
  const { sources, indexOf } = sourceList()
  const sequences = sequenceList(isCode)
  let filesLeft = maxFiles
  let problem: string | null = null
  const section = cursorAt(lines, sections.isLittleEndian, 0)
  for (let count = 0; count < maxUnits && section.position < lines.length; count++) {
    const start = section.position
    try {
      const header = readLineHeader(section, sections)
      const unit = units.get(header.unitOffset)
      if (isNoFile(unit?.name)) {
        if (filesLeft <= 0) continue
        const files = header.readFiles(maxFiles)
        filesLeft -= files.length
        const owners = files.map(() => -2)
        runLineProgram(
          lines,
          sections.isLittleEndian,
          header,
          (low, high, file) => {
            const named = files[file]
            if (!named) return
            if (owners[file] === -2) owners[file] = indexOf(sourceOfFile(unit, named))
            sequences.add(low, high, owners[file] ?? -1)
          },
          { byFile: true },
        )
        continue
      }
      const source = chooseSource(unit, header.file)
      if (!source) continue
      const owner = indexOf(source)
      // Assemblers emit no line for code before the first function.
      if (unit?.code && unit.code.low < unit.code.high) sequences.add(unit.code.low, unit.code.high, owner)
      runLineProgram(lines, sections.isLittleEndian, header, (low, high) => sequences.add(low, high, owner))
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      problem ??= error.message
      // The length of the unit is wrong, so the start of the next unit is unknown.
      if (section.position === start) break
    }
  }
  return { sources, find: sequences.finish(), problem }
}

/** Sources by their number; -1 for those after the limit. */
function sourceList(): { sources: Source[]; indexOf: (source: Source) => number } {
  const sources: Source[] = []
  const known = new Map<string, number>()
  let characters = 0
  return {
    sources,
    indexOf(source) {
      const key = `${source.language ?? ''}\0${source.folder ?? ''}\0${source.path}`
      const found = known.get(key)
      if (found !== undefined) return found
      characters += key.length
      if (characters > maxCharacters) return -1
      const index = sources.push(source) - 1
      known.set(key, index)
      return index
    },
  }
}

/** `<artificial>`, as GCC calls what it compiles when it links, or `<stdin>`: the line table tells the files. */
function isNoFile(name: string | null | undefined): boolean {
  return name != null && /^<.*>$/.test(name)
}

/** The name of the unit, unless it is a temporary file of the compiler. */
function chooseSource(unit: CompilationUnit | undefined, file: LineFile | null): Source | null {
  const isTemporary = !unit?.name || /^\/tmp\/[^/]*\.s$/.test(unit.name)
  // rustc adds to the name of a crate's file which part of the crate the unit is: `src/main.rs/@/main.7dcbfb-cgu.0`.
  if (unit?.name && !isTemporary) {
    return { path: unit.name.replace(/\/@\/.*$/, ''), folder: unit.folder, ...languageOf(unit) }
  }
  return file && sourceOfFile(unit, file)
}

function sourceOfFile(unit: CompilationUnit | undefined, file: LineFile): Source {
  const path = file.folder === null || file.path.startsWith('/') ? file.path : `${file.folder}/${file.path}`
  return { path, folder: unit?.folder ?? file.compiledIn, ...languageOf(unit) }
}

/** `DW_LANG_…` of what is not of C's family (DWARF 5, 7.12, and the list of codes given since). */
const languages: Record<number, string> = {
  0x03: 'Ada',
  0x07: 'Fortran',
  0x08: 'Fortran',
  0x09: 'Pascal',
  0x0d: 'Ada',
  0x0e: 'Fortran',
  0x13: 'D',
  0x16: 'Go',
  0x18: 'Haskell',
  0x1b: 'OCaml',
  0x1c: 'Rust',
  0x1e: 'Swift',
  0x22: 'Fortran',
  0x23: 'Fortran',
  0x27: 'Zig',
  0x2d: 'Fortran',
  0x2e: 'Ada',
  0x2f: 'Ada',
}

function languageOf(unit: CompilationUnit | undefined): { language?: string } {
  const language = unit?.language == null ? undefined : languages[unit.language]
  return language === undefined ? {} : { language }
}

function sequenceList(isCode: (low: number, high: number) => boolean) {
  let starts = new Float64Array(256)
  let ends = new Float64Array(256)
  let owners = new Int32Array(256)
  let count = 0
  return {
    add(low: number, high: number, owner: number): void {
      if (count === maxSequences || owner < 0 || !Number.isSafeInteger(high) || !isCode(low, high)) return
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
      // Of units that claim the same code, as they do of functions that linkers merged, the first one's was kept.
      order.sort((a, b) => (starts[a] ?? 0) - (starts[b] ?? 0) || b - a)
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
