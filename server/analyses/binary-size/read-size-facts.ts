import { MalformedError } from '../../errors.ts'
import type { DwarfSections } from '../../formats/dwarf/forms.ts'
import { readSourceIndex, type SourceIndex } from '../../formats/dwarf/source-index.ts'
import { readCString, findSection, storedContent, type Elf } from '../../formats/elf.ts'
import { sectionContent } from '../../formats/elf-content.ts'
import { noSection, readDynamicSymbols, readSymbols, type ElfSymbols } from '../../formats/elf-symbols.ts'
import { isCode } from './file-extents.ts'
import { sectionsInBinary } from './debug-file.ts'

/** What tells where the bytes of a binary come from, beside the binary itself. */
export type SizeFacts = {
  /** Their sections are those of the binary. Null when there are none. */
  symbols: ElfSymbols | null
  sources: SourceIndex
  /** Why less is known than could be. */
  reasons: string[]
}

/** What can be read; null, and why, for what is malformed. */
export function attempt<Value>(read: () => Value): { value: Value | null; reason: string | null } {
  try {
    return { value: read(), reason: null }
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return { value: null, reason: error.message }
  }
}

/** `debug`: the file that holds the debug information of `binary`, when that was taken out of it. */
export function readSizeFacts(binary: Elf, debug: Elf | null): SizeFacts {
  const found = findSymbols(binary, debug)
  const hasLines = debug?.sections.some(({ name }) => name === '.debug_line' || name === '.zdebug_line')
  const described = debug && hasLines ? debug : binary
  const { sources, reasons } = readSources(described, binary)
  return { symbols: found.symbols, sources, reasons: [...found.reasons, ...reasons] }
}

function findSymbols(binary: Elf, debug: Elf | null): { symbols: ElfSymbols | null; reasons: string[] } {
  const reasons: string[] = []
  const table = (read: () => ElfSymbols | null) => {
    const { value, reason } = attempt(read)
    if (reason !== null) reasons.push(reason)
    // The first symbol of any table stands for none.
    return value && value.count > 1 ? value : null
  }
  const separate = debug && table(() => readSymbols(debug))
  if (debug && separate) {
    const numbers = sectionsInBinary(debug, binary)
    const sections = separate.sections.map((index) =>
      index === noSection ? noSection : (numbers[index] ?? noSection),
    )
    return { symbols: { ...separate, sections }, reasons }
  }
  const symbols = table(() => readSymbols(binary))
  if (symbols) return { symbols, reasons: [...reasons, ...descriptorReason(binary)] }
  const isStripped = reasons.length === 0
  const dynamic = table(() => readDynamicSymbols(binary))
  const isUsed = dynamic?.sections.some((section) => section !== noSection) ?? false
  if (isStripped) reasons.push(...strippedReasons(binary, isUsed))
  return { symbols: isUsed ? dynamic : null, reasons }
}

function strippedReasons(binary: Elf, hasDynamic: boolean): string[] {
  const reasons = [
    hasDynamic
      ? 'it was stripped of its symbol table: only its symbols for dynamic linking are known'
      : 'it has no symbols: it was stripped of them',
  ]
  if (binary.sectionHeaders.count === 0) {
    return ['it has no section headers, thus no symbols: only its segments are known']
  }
  const link = findSection(binary, '.gnu_debuglink')
  const content = link && attempt(() => storedContent(binary, link)).value
  const name = content && readCString(content, 0)
  if (name) reasons.push(`its debug information is in the file ${JSON.stringify(name)}, which was not read`)
  if (findSection(binary, '.gnu_debugdata')) {
    reasons.push('its mini debug information (.gnu_debugdata) is compressed with xz and is not read')
  }
  return reasons
}

const powerPc64 = 21

/** On PowerPC before its second ABI a function's symbol is that of its descriptor. */
function descriptorReason(elf: Elf): string[] {
  const hasDescriptors = elf.machine === powerPc64 && (elf.machineFlags & 3) !== 2 && findSection(elf, '.opd')
  return hasDescriptors ? ['its functions have descriptors (.opd), and their code has no symbols'] : []
}

const dwarfSections = [
  'debug_line',
  'debug_line_str',
  'debug_info',
  'debug_abbrev',
  'debug_str',
  'debug_str_offsets',
] as const

/** Of compressed debug sections. */
const maxInflatedBytes = 2 ** 26
const relocatable = 1
const noSources: SourceIndex = { sources: [], find: () => -1, problem: null }

function readSources(elf: Elf, binary: Elf): { sources: SourceIndex; reasons: string[] } {
  const reasons: string[] = []
  const sections: DwarfSections = { isLittleEndian: elf.isLittleEndian }
  for (const name of dwarfSections) {
    const section = elf.sections.find((one) => one.name === `.${name}` || one.name === `.z${name}`)
    if (!section) continue
    if (elf.type === relocatable) {
      reasons.push('it is a relocatable object, which was not linked: its debug information is not read')
      return { sources: noSources, reasons }
    }
    const { value, reason } = attempt(() => sectionContent(elf, section, { maxInflatedBytes }))
    if (value) sections[name] = value
    if (reason !== null && reasons.length === 0) reasons.push(reason)
  }
  const sources = readSourceIndex(sections, codePlaces(binary))
  if (sources.problem !== null && reasons.length === 0) reasons.push(sources.problem)
  return { sources, reasons }
}

/** Whether addresses lie within one section of code. */
function codePlaces({ sections }: Elf): (low: number, high: number) => boolean {
  const code = sections
    .filter((section) => isCode(section) && section.sizeBytes > 0)
    .sort((a, b) => a.address - b.address)
  const starts = Float64Array.from(code, ({ address }) => address)
  return (low, high) => {
    let [from, to] = [0, starts.length]
    while (from < to) {
      const middle = (from + to) >>> 1
      if ((starts[middle] ?? 0) <= low) from = middle + 1
      else to = middle
    }
    const section = code[from - 1]
    return section !== undefined && high <= section.address + section.sizeBytes
  }
}
