import { debugSections, type DebugUnit, type LineRow } from './debug-info.ts'
import { ocamlRuntime, solo5Runtime, standardLibrary, unixRuntime, type CSource } from './c-sources.ts'
import type { ElfSymbol } from './elf-symbols.ts'
import { placeSections, writeElf, type ElfSection } from './elf-writer.ts'
import { writeFunction, writeNops } from './machine-code.ts'
import { compileUnit, ocamlSymbol, type OcamlUnit, type SymbolStyle } from './ocaml-unit.ts'
import { seededRandom } from './random.ts'
import { solo5Notes, type Solo5Device, type Solo5Target } from './solo5-notes.ts'

/** A source file of the program: `origin` is the version of the package that it comes from. */
export type ProgramUnit = { name: string; codeKiB: number; origin: string; directory: string }

export type ProgramSource = {
  compiler: string
  /** In the order in which they are linked. */
  units: readonly ProgramUnit[]
  /** C stubs of the libraries. */
  stubs: readonly CSource[]
  runsOn:
    | { kind: 'solo5'; target: Solo5Target; devices: readonly Solo5Device[] }
    | { kind: 'unix'; platform: string }
  /** Texts that end up among the constants: versions, usage, a build date. */
  texts: readonly string[]
}

export type Program = { stripped: Uint8Array; debug: Uint8Array }

const osAbi = { systemV: 0, freebsd: 9 }
const functionAlignment = 16

/** Link a program twice, as a release is built: stripped to be run, and with symbols and lines to be looked into. */
export function linkProgram(source: ProgramSource): Program {
  const style: SymbolStyle = source.compiler.startsWith('4.') ? 'underscores' : 'dot'
  const standard = Object.entries(standardLibrary).map(([name, codeKiB]) => ({
    name,
    codeKiB,
    origin: 'stdlib',
    directory: 'ocaml/stdlib',
  }))
  const programUnits = [
    ...standard,
    ...source.units,
    { name: 'Std_exit', codeKiB: 1, origin: 'stdlib', directory: 'ocaml/stdlib' },
  ]
  const text = sectionBuilder('.text')
  const data = sectionBuilder('.data')
  const debugUnits: DebugUnit[] = []

  text.append(
    startup(source),
    [
      { suffix: 'caml_startup__code_begin', kind: 'label', offset: 0, sizeBytes: 0 },
      { suffix: 'caml_program', kind: 'function', offset: 0, sizeBytes: startupBytes },
      { suffix: 'caml_startup__code_end', kind: 'label', offset: startupBytes, sizeBytes: 0 },
    ],
    (name) => name,
  )
  for (const unit of programUnits) {
    const compiled = compileUnit(unit.name, unit.codeKiB, unit.origin, source.compiler)
    const offset = text.append(compiled.code, compiled.codeSymbols, (suffix) =>
      ocamlSymbol(unit.name, suffix, style),
    )
    data.append(compiled.data, compiled.dataSymbols, (suffix) => ocamlSymbol(unit.name, suffix, style))
    debugUnits.push({
      directory: unit.directory,
      file: sourceFile(compiled),
      language: 'ocaml',
      offset,
      sizeBytes: compiled.code.length,
      rows: compiled.rows,
    })
  }
  const system = source.runsOn.kind === 'solo5' ? solo5Runtime : unixRuntime
  const cSeed = source.runsOn.kind === 'solo5' ? 'solo5' : source.runsOn.platform
  const cSources = [...source.stubs, ...ocamlRuntime, ...system]
  const variables: ElfSymbol[] = []
  let variableOffset = 0
  for (const cSource of cSources) {
    const { code, symbols, rows } = compileC(cSource, `${cSeed} ${source.compiler}`)
    const offset = text.append(code, symbols, (name) => name)
    debugUnits.push({
      directory: cSource.directory,
      file: cSource.file,
      language: 'c',
      offset,
      sizeBytes: code.length,
      rows,
    })
    for (const name of cSource.variables ?? []) {
      variables.push({ name, kind: 'object', section: '.bss', offset: variableOffset, sizeBytes: 64 })
      variableOffset += 64
    }
  }

  const constants = constantTables(source)
  const sections: ElfSection[] = [
    { name: '.text', kind: 'code', alignment: 16, content: text.finish() },
    ...(source.runsOn.kind === 'solo5' ? solo5Notes(source.runsOn.target, source.runsOn.devices) : []),
    { name: '.rodata', kind: 'constants', alignment: 32, content: constants.content },
    { name: '.data', kind: 'data', alignment: 32, content: data.finish() },
    { name: '.bss', kind: 'zeroes', alignment: 32, content: 0x8000 + variableOffset },
  ]
  const baseAddress = source.runsOn.kind === 'solo5' ? 0x100000 : 0x401000
  const dwarf = debugSections(debugUnits, baseAddress, source.compiler.startsWith('4.') ? 4 : 5)
  const abi =
    source.runsOn.kind === 'unix' && source.runsOn.platform.startsWith('freebsd')
      ? osAbi.freebsd
      : osAbi.systemV
  const files: ElfSymbol[] = cSources.map(({ file }) => ({
    name: file,
    kind: 'file',
    isLocal: true,
    section: '',
    offset: 0,
    sizeBytes: 0,
  }))
  const start = text.symbols.find(({ name }) => name === '_start')
  const options = { osAbi: abi, entry: baseAddress + (start?.offset ?? 0) }
  const symbols = [...files, ...text.symbols, ...data.symbols, ...constants.symbols, ...variables]
  return {
    stripped: writeElf(placeSections(sections, baseAddress), { ...options, symbols: null }),
    debug: writeElf(placeSections([...sections, ...dwarf], baseAddress), { ...options, symbols }),
  }
}

function sourceFile({ name }: OcamlUnit): string {
  const last = name.split('__').at(-1) ?? name
  return `${last.charAt(0).toLowerCase()}${last.slice(1)}.ml`
}

const startupBytes = 512

function startup(source: ProgramSource): Buffer {
  const code = Buffer.alloc(startupBytes)
  writeFunction(
    code,
    seededRandom(`startup ${source.compiler} ${source.units.map(({ name }) => name).join(' ')}`),
  )
  return code
}

type PlacedSymbol = {
  suffix: string
  kind: 'function' | 'object' | 'label'
  offset: number
  sizeBytes: number
}

function sectionBuilder(section: string) {
  const parts: Buffer[] = []
  const symbols: ElfSymbol[] = []
  let length = 0
  return {
    symbols,
    append: (content: Buffer, own: readonly PlacedSymbol[], nameOf: (suffix: string) => string): number => {
      const start = length
      for (const { suffix, kind, offset, sizeBytes } of own) {
        symbols.push({ name: nameOf(suffix), kind, section, offset: start + offset, sizeBytes })
      }
      const padding = Buffer.alloc(
        (functionAlignment - (content.length % functionAlignment)) % functionAlignment,
      )
      if (section === '.text') writeNops(padding, 0, padding.length)
      parts.push(content, padding)
      length += content.length + padding.length
      return start
    },
    finish: () => Buffer.concat(parts),
  }
}

function compileC({ directory, file, functions }: CSource, version: string) {
  const random = seededRandom(`${directory}/${file} ${version}`)
  const shape = seededRandom(`${directory}/${file}`)
  const sizes = functions.map(() => shape.integer(2, 12) * shape.integer(8, 40))
  const code = Buffer.alloc(
    sizes.reduce((sum, size) => sum + Math.ceil(size / functionAlignment) * functionAlignment, 0),
  )
  const symbols: PlacedSymbol[] = []
  const rows: LineRow[] = []
  let offset = 0
  let line = 40
  functions.forEach((suffix, index) => {
    const sizeBytes = sizes[index] ?? functionAlignment
    symbols.push({ suffix, kind: 'function', offset, sizeBytes })
    writeFunction(code.subarray(offset, offset + sizeBytes), random)
    for (let at = 0; at < sizeBytes; at += random.integer(8, 40)) {
      rows.push({ offset: offset + at, line })
      line += random.integer(0, 3)
    }
    line += 5
    const end = Math.ceil((offset + sizeBytes) / functionAlignment) * functionAlignment
    writeNops(code, offset + sizeBytes, end)
    offset = end
  })
  return { code, symbols, rows }
}

function constantTables(source: ProgramSource): { content: Buffer; symbols: ElfSymbol[] } {
  const tables = {
    caml_digestif_sha256_k: 256,
    mc_aes_te0: 1024,
    mc_aes_td0: 1024,
    caml_crc32_table: 4096,
    caml_exn_table: 512,
    caml_page_classes: 1536,
  }
  const random = seededRandom(`constants ${source.compiler}`)
  const symbols: ElfSymbol[] = []
  const parts: Buffer[] = []
  let offset = 0
  for (const [name, sizeBytes] of Object.entries(tables)) {
    const table = Buffer.alloc(sizeBytes)
    for (let at = 0; at < sizeBytes; at += 4) table.writeUInt32LE(random.integer(0, 0xffffffff), at)
    symbols.push({ name, kind: 'object', section: '.rodata', offset, sizeBytes })
    parts.push(table)
    offset += sizeBytes
  }
  parts.push(Buffer.from(source.texts.map((text) => `${text}\0`).join(''), 'utf8'))
  return { content: Buffer.concat(parts), symbols }
}
