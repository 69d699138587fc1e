import { MalformedError } from '../../errors.ts'
import type { DwarfSections } from '../../formats/dwarf/forms.ts'
import { readSourceIndex } from '../../formats/dwarf/source-index.ts'
import { findElfClass, parseElf, sectionContent, type Elf, type ElfSection } from '../../formats/elf.ts'
import { readSymbols, type ElfSymbols } from '../../formats/elf-symbols.ts'
import { describeFormat } from '../../formats/file-format.ts'
import { attribute, type Attributed } from './attribute.ts'
import { findExtents, isCode, isLoaded, zeroFilledBytes, type FileExtent } from './file-extents.ts'
import { foldTree } from './fold.ts'
import { findUnitRanges } from './ocaml-units.ts'
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
export const restNames = {
  debug: 'debug information and symbols',
  loaded: 'loaded without a symbol',
  headers: 'headers',
  padding: 'padding',
  appended: 'after the last section',
}

/** Of compressed debug sections. */
const maxInflatedBytes = 2 ** 26

/**
 * Share out the bytes of a file among what they come from, each byte once: the tree's root has the size
 * of the file. Takes time by the size of the file, and memory of less than once that size. What is no
 * sound ELF64 file has no more than the root, and `reason` says why.
 */
export function analyseBinarySize(bytes: Uint8Array): BinarySize {
  const elfClass = findElfClass(bytes)
  if (elfClass === null) return notAnalysed(bytes, `it is no ELF file but ${describeFormat(bytes)}`)
  if (elfClass === 32) return notAnalysed(bytes, 'it is an ELF file of 32 bits')
  const elf = attempt(() => parseElf(bytes))
  return elf.value ? analyseElf(elf.value) : notAnalysed(bytes, elf.reason ?? '')
}

function notAnalysed(bytes: Uint8Array, reason: string): BinarySize {
  return {
    fileSizeBytes: bytes.length,
    explainedBytes: 0,
    debugBytes: 0,
    loadedWithoutSymbolBytes: 0,
    otherBytes: bytes.length,
    zeroFilledBytes: 0,
    foldedBelowBytes: 1,
    foldedCount: 0,
    foldedBytes: 0,
    isElf: false,
    hasSymbols: false,
    reason,
    tree: { names: ['file'], kinds: ['FILE'], parents: [-1], sizes: [bytes.length] },
  }
}

function analyseElf(elf: Elf): BinarySize {
  const extents = findExtents(elf)
  const groups = sizeGroups()
  const { value: symbols, reason: symbolsReason } = attempt(() => readSymbols(elf))
  const { attributed, problem, symbolBytes } = symbols
    ? attributeSymbols(elf, extents, symbols, groups)
    : { attributed: noLeaves, problem: null, symbolBytes: null }
  const rest = attributeRest(groups, extents, symbolBytes)
  const codeInSection = elf.sections.map(isCode)
  const { tree, ...folded } = foldTree(groups, attributed.leaves, attributed.nameOf, (leaf) => {
    const section = symbols?.sections[attributed.leaves.symbols[leaf] ?? 0] ?? 0
    return codeInSection[section] ? 'FUNCTION' : 'OBJECT'
  })
  // The first symbol of any table stands for none.
  const hasSymbols = (symbols?.count ?? 0) > 1
  const fileSizeBytes = elf.bytes.length
  return {
    fileSizeBytes,
    explainedBytes: fileSizeBytes - rest.debugBytes - rest.loadedWithoutSymbolBytes - rest.otherBytes,
    ...rest,
    zeroFilledBytes: zeroFilledBytes(elf),
    ...folded,
    isElf: true,
    hasSymbols,
    reason: symbolsReason ?? problem ?? (hasSymbols ? null : 'it has no symbols: it was stripped of them'),
    tree,
  }
}

/** What can be read; null, and why, for what is malformed. */
function attempt<Value>(read: () => Value): { value: Value | null; reason: string | null } {
  try {
    return { value: read(), reason: null }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return { value: null, reason: error.message }
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
  groups: SizeGroups,
): { attributed: Attributed; problem: string | null; symbolBytes: Float64Array } {
  const placements = placeSections(elf, extents)
  const ranges = findUnitRanges(symbols, placements)
  const pieces = findPieces(symbols, ranges, placements)
  const { own, scopes } = sweep(pieces)
  const { sections, problem } = readDwarfSections(elf)
  const sources = readSourceIndex(sections)
  const attributed = attribute({ elf, symbols, ranges, pieces, own, scopes, sources }, groups)
  const symbolBytes = new Float64Array(elf.sections.length)
  for (let piece = 0; piece < pieces.count; piece++) {
    const subject = pieces.subjects[piece] ?? 0
    const section = piece < pieces.firstScope ? symbols.sections[subject] : ranges[subject]?.section
    if (section !== undefined) symbolBytes[section] = (symbolBytes[section] ?? 0) + (own[piece] ?? 0)
  }
  return { attributed, problem: problem ?? sources.problem, symbolBytes }
}

const dwarfSections = [
  'debug_line',
  'debug_line_str',
  'debug_info',
  'debug_abbrev',
  'debug_str',
  'debug_str_offsets',
] as const

function readDwarfSections(elf: Elf): { sections: DwarfSections; problem: string | null } {
  const sections: DwarfSections = { isLittleEndian: elf.isLittleEndian }
  let problem: string | null = null
  for (const name of dwarfSections) {
    const section = elf.sections.find((one) => one.name === `.${name}` || one.name === `.z${name}`)
    if (!section) continue
    const { value, reason } = attempt(() => sectionContent(elf, section, { maxInflatedBytes }))
    if (value) sections[name] = value
    problem ??= reason
  }
  return { sections, problem }
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
