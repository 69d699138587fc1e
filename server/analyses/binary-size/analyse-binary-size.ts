import type { SourceIndex } from '../../formats/dwarf/source-index.ts'
import { findElfClass, parseElf, type Elf, type ElfSection } from '../../formats/elf.ts'
import { sectionsOfSegments } from '../../formats/elf-segments.ts'
import type { ElfSymbols } from '../../formats/elf-symbols.ts'
import { describeFormat, longestMagicBytes } from '../../formats/file-format.ts'
import { rangesOf, type FileContent, type FileRanges } from '../../formats/file-ranges.ts'
import { attribute, type Attributed } from './attribute.ts'
import { findMismatch, holdsDebugInformationAlone } from './debug-file.ts'
import { findExtents, isCode, isLoaded, zeroFilledBytes, type FileExtent } from './file-extents.ts'
import { foldTree } from './fold.ts'
import { findUnitRanges } from './ocaml-units.ts'
import { attempt, readSizeFacts } from './read-size-facts.ts'
import { sizeGroups, type SizeGroups } from './size-groups.ts'
import type { SizeTree } from './size-tree.ts'
import { findPieces, placeSections } from './symbol-pieces.ts'
import { sweep } from './sweep.ts'

/** Where the bytes of a binary come from. All sizes are bytes of the file. */
export type BinarySize = {
  fileSizeBytes: number
  /** Of packages, modules, the runtime and C code: what symbols tell. */
  explainedBytes: number
  /** The rest: what is for debuggers and linkers; what is loaded without a symbol; headers, padding and the like. */
  debugBytes: number
  loadedWithoutSymbolBytes: number
  otherBytes: number
  /** Not in the file: memory that is zero when the program starts. */
  zeroFilledBytes: number
  foldedBelowBytes: number
  foldedCount: number
  foldedBytes: number
  isElf: boolean
  hasSymbols: boolean
  /** Why there is nothing to tell, or less than could be; null when all is well. */
  reason: string | null
  tree: SizeTree
}

/** All but the tree, which is large. */
export type BinarySizeFacts = Omit<BinarySize, 'tree'>

/** What the groups are called that are not of the program itself. */
const restNames = {
  debug: 'debug information and symbols',
  loaded: 'loaded without a symbol',
  headers: 'headers',
  padding: 'padding',
  appended: 'after the last section',
}

/**
 * Share out the bytes of a file among what they come from, each byte once: the tree's root has the size
 * of the file. Takes time by the size of the file, and memory of less than once that size. What is no
 * sound ELF64 file has no more than the root, and `reason` says why.
 *
 * `debug` is the file that holds symbols and debug information of `input`. A copy of the binary with
 * both is analysed itself. One with nothing else tells of the bytes of `input`. One of another binary
 * is not used, and `reason` says so.
 */
export function analyseBinarySize(input: FileContent, debugInput: FileContent | null = null): BinarySize {
  const binary = openElf(input)
  if (debugInput === null) return binary.elf ? analyseElf(binary.elf) : notAnalysed(binary)
  const debug = openElf(debugInput)
  if (!binary.elf) return debug.elf ? analyseElf(debug.elf) : notAnalysed(binary)
  if (!debug.elf) return analyseElf(binary.elf, { notes: [`the ${debugFile} is not used: ${debug.reason}`] })
  const mismatch = findMismatch(binary.elf, debug.elf)
  if (mismatch !== null) {
    return analyseElf(binary.elf, { notes: [`the ${debugFile} is of another binary: ${mismatch}`] })
  }
  if (!holdsDebugInformationAlone(debug.elf)) return analyseElf(debug.elf)
  return analyseElf(binary.elf, { debug: debug.elf })
}

const debugFile = 'file with debug information'

type Opened = { file: FileRanges } & ({ elf: Elf; reason: null } | { elf: null; reason: string })

function openElf(input: FileContent): Opened {
  const file = rangesOf(input)
  const start = file.read(0, Math.min(longestMagicBytes, file.sizeBytes))
  const elfClass = findElfClass(start)
  if (elfClass === null) return { file, elf: null, reason: `it is no ELF file but ${describeFormat(start)}` }
  if (elfClass === 32) return { file, elf: null, reason: 'it is an ELF file of 32 bits' }
  const { value, reason } = attempt(() => {
    const elf = parseElf(file)
    return elf.sections.length > 0 ? elf : { ...elf, sections: sectionsOfSegments(elf) }
  })
  return value ? { file, elf: value, reason: null } : { file, elf: null, reason: reason ?? '' }
}

function notAnalysed({ file: { sizeBytes }, reason }: Opened): BinarySize {
  return {
    fileSizeBytes: sizeBytes,
    explainedBytes: 0,
    debugBytes: 0,
    loadedWithoutSymbolBytes: 0,
    otherBytes: sizeBytes,
    zeroFilledBytes: 0,
    foldedBelowBytes: 1,
    foldedCount: 0,
    foldedBytes: 0,
    isElf: false,
    hasSymbols: false,
    reason,
    tree: { names: ['file'], kinds: ['FILE'], parents: [-1], sizes: [sizeBytes] },
  }
}

function analyseElf(
  elf: Elf,
  { debug = null, notes = [] }: { debug?: Elf | null; notes?: string[] } = {},
): BinarySize {
  const extents = findExtents(elf)
  const groups = sizeGroups()
  const { symbols, sources, reasons } = readSizeFacts(elf, debug)
  const { attributed, symbolBytes } = symbols
    ? attributeSymbols(elf, extents, symbols, sources, groups)
    : { attributed: noLeaves, symbolBytes: null }
  const rest = attributeRest(groups, extents, symbolBytes)
  const codeInSection = elf.sections.map(isCode)
  const { tree, ...folded } = foldTree(groups, attributed.leaves, attributed.nameOf, (leaf) => {
    const section = symbols?.sections[attributed.leaves.symbols[leaf] ?? 0] ?? 0
    return codeInSection[section] ? 'FUNCTION' : 'OBJECT'
  })
  const fileSizeBytes = elf.file.sizeBytes
  const why = holdsDebugInformationAlone(elf)
    ? [
        'its sections have no content: it holds debug information alone, as objcopy --only-keep-debug makes it',
      ]
    : [...notes, ...reasons]
  return {
    fileSizeBytes,
    explainedBytes: fileSizeBytes - rest.debugBytes - rest.loadedWithoutSymbolBytes - rest.otherBytes,
    ...rest,
    zeroFilledBytes: zeroFilledBytes(elf),
    ...folded,
    isElf: true,
    hasSymbols: symbols !== null,
    reason: why.length > 0 ? why.join('; ') : null,
    tree,
  }
}

const noLeaves: Attributed = {
  leaves: { count: 0, groups: new Uint32Array(), bytes: new Uint32Array(), symbols: new Uint32Array() },
  nameOf: () => '',
}

/** Gives, beside the leaves, how many bytes of each section symbols cover. */
function attributeSymbols(
  elf: Elf,
  extents: readonly FileExtent[],
  symbols: ElfSymbols,
  sources: SourceIndex,
  groups: SizeGroups,
): { attributed: Attributed; symbolBytes: Float64Array } {
  const placements = placeSections(elf, extents)
  const ranges = findUnitRanges(symbols, placements)
  const pieces = findPieces(symbols, ranges, placements)
  const { own, scopes } = sweep(pieces)
  const attributed = attribute({ elf, symbols, ranges, pieces, own, scopes, sources }, groups)
  const symbolBytes = new Float64Array(elf.sections.length)
  for (let piece = 0; piece < pieces.count; piece++) {
    const subject = pieces.subjects[piece] ?? 0
    const section = piece < pieces.firstScope ? symbols.sections[subject] : ranges[subject]?.section
    if (section !== undefined) symbolBytes[section] = (symbolBytes[section] ?? 0) + (own[piece] ?? 0)
  }
  return { attributed, symbolBytes }
}

/** What no symbol covers, by section. */
function attributeRest(groups: SizeGroups, extents: readonly FileExtent[], symbolBytes: Float64Array | null) {
  const sizes = { debugBytes: 0, loadedWithoutSymbolBytes: 0, otherBytes: 0 }
  const add = (group: number, bytes: number) => void (groups.own[group] = (groups.own[group] ?? 0) + bytes)
  for (const { start, end, content } of extents) {
    if (content.kind !== 'section') {
      add(groups.within(0, 'OTHER', restNames[content.kind]), end - start)
      sizes.otherBytes += end - start
      continue
    }
    const { section } = content
    const bytes = end - start - (symbolBytes?.[section.index] ?? 0)
    if (bytes === 0) continue
    const around = groups.within(0, 'OTHER', isLoaded(section) ? restNames.loaded : restNames.debug)
    add(groups.within(around, 'SECTION', nameOfSection(section)), bytes)
    if (isLoaded(section)) sizes.loadedWithoutSymbolBytes += bytes
    else sizes.debugBytes += bytes
  }
  return sizes
}

function nameOfSection({ name, index }: ElfSection): string {
  return name === '' ? `section ${index}` : name
}
