import { byteWriter } from './byte-writer.ts'
import type { ElfSection } from './elf-writer.ts'

/** A row of a unit's line table: the code from `offset` on comes from `line`. */
export type LineRow = { offset: number; line: number }

/** One source file's code, at one place of the code section. */
export type DebugUnit = {
  /** Of the source, relative to the build's folder. */
  directory: string
  file: string
  language: 'ocaml' | 'c'
  offset: number
  sizeBytes: number
  rows: readonly LineRow[]
}

export type DwarfVersion = 4 | 5

const lineBase = -5
const lineRange = 14
const opcodeBase = 13
const operandCounts = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1]
const opcode = { copy: 1, advancePc: 2, advanceLine: 3 }
const extended = { endSequence: 1, setAddress: 2 }
const content = { path: 1, directoryIndex: 2 }
const form = { address: 0x01, data8: 0x07, string: 0x08, data1: 0x0b, udata: 0x0f, sectionOffset: 0x17 }
const compileUnitTag = 0x11
const attribute = {
  name: 0x03,
  lineTable: 0x10,
  low: 0x11,
  high: 0x12,
  language: 0x13,
  directory: 0x1b,
  producer: 0x25,
}
/** DW_LANG_Mips_Assembler, which the assembler writes for OCaml's output, and DW_LANG_C99. */
const languageNumber = { ocaml: 0x8001, c: 0x0c }
const buildFolder = '/tmp/myswitch/.opam-switch/build'

/**
 * `.debug_info`, `.debug_abbrev` and `.debug_line` for units in a code section at `textAddress`. Source: DWARF 4 and
 * 5.
 */
export function debugSections(
  units: readonly DebugUnit[],
  textAddress: number,
  version: DwarfVersion,
): ElfSection[] {
  const lines = byteWriter(2 ** 16)
  const info = byteWriter(2 ** 14)
  for (const unit of units) {
    const lineTable = lines.length
    writeLineTable(lines, unit, textAddress, version)
    const start = info.length
    info.u32(0)
    info.u16(version)
    if (version === 5) info.u8(1) // DW_UT_compile
    if (version === 5) info.u8(8)
    info.u32(0)
    if (version === 4) info.u8(8)
    info.uleb128(1)
    info.u32(lineTable)
    info.u64(textAddress + unit.offset)
    info.u64(unit.sizeBytes)
    info.cString(`${unit.directory}/${unit.file}`)
    info.cString(buildFolder)
    info.cString(unit.language === 'c' ? 'GNU C17' : 'GNU AS 2.40')
    info.uleb128(languageNumber[unit.language])
    info.patchU32(start, info.length - start - 4)
  }
  return [
    { name: '.debug_info', kind: 'debug', alignment: 1, content: info.finish() },
    { name: '.debug_abbrev', kind: 'debug', alignment: 1, content: abbreviations() },
    { name: '.debug_line', kind: 'debug', alignment: 1, content: lines.finish() },
  ]
}

function abbreviations(): Uint8Array {
  const out = byteWriter(64)
  out.uleb128(1)
  out.uleb128(compileUnitTag)
  out.u8(0)
  const { name, lineTable, low, high, language, directory, producer } = attribute
  for (const [attributeCode, formCode] of [
    [lineTable, form.sectionOffset],
    [low, form.address],
    [high, form.data8],
    [name, form.string],
    [directory, form.string],
    [producer, form.string],
    [language, form.udata],
    [0, 0],
  ] as const) {
    out.uleb128(attributeCode)
    out.uleb128(formCode)
  }
  out.u8(0)
  return out.finish()
}

function writeLineTable(
  out: ReturnType<typeof byteWriter>,
  unit: DebugUnit,
  textAddress: number,
  version: DwarfVersion,
): void {
  const start = out.length
  out.u32(0)
  out.u16(version)
  if (version === 5) {
    out.u8(8) // bytes of an address
    out.u8(0) // bytes of a segment selector
  }
  const headerLengthAt = out.length
  out.u32(0)
  out.u8(1) // shortest instruction
  out.u8(1) // operations per instruction
  out.u8(1) // is a statement by default
  out.u8(lineBase & 0xff)
  out.u8(lineRange)
  out.u8(opcodeBase)
  for (const count of operandCounts) out.u8(count)
  if (version === 5) writeFilesVersion5(out, unit)
  else writeFilesVersion4(out, unit)
  out.patchU32(headerLengthAt, out.length - headerLengthAt - 4)

  writeExtended(out, extended.setAddress, 8)
  out.u64(textAddress + unit.offset)
  let offset = 0
  let line = 1
  for (const row of unit.rows) {
    writeRow(out, row.offset - offset, row.line - line)
    offset = row.offset
    line = row.line
  }
  out.u8(opcode.advancePc)
  out.uleb128(unit.sizeBytes - offset)
  writeExtended(out, extended.endSequence, 0)
  out.patchU32(start, out.length - start - 4)
}

function writeFilesVersion4(out: ReturnType<typeof byteWriter>, unit: DebugUnit): void {
  out.cString(unit.directory)
  out.u8(0)
  out.cString(unit.file)
  for (const value of [1, 0, 0]) out.uleb128(value) // directory, time, size
  out.u8(0)
}

function writeFilesVersion5(out: ReturnType<typeof byteWriter>, unit: DebugUnit): void {
  out.u8(1)
  for (const value of [content.path, form.string]) out.uleb128(value)
  out.uleb128(2)
  out.cString(buildFolder)
  out.cString(unit.directory)
  out.u8(2)
  for (const value of [content.path, form.string, content.directoryIndex, form.udata]) out.uleb128(value)
  // File 0 is the unit's own name; the line program starts in file 1.
  out.uleb128(2)
  for (let file = 0; file < 2; file++) {
    out.cString(unit.file)
    out.uleb128(1)
  }
}

function writeExtended(out: ReturnType<typeof byteWriter>, code: number, operandBytes: number): void {
  out.u8(0)
  out.uleb128(operandBytes + 1)
  out.u8(code)
}

function writeRow(out: ReturnType<typeof byteWriter>, addressStep: number, lineStep: number): void {
  const inRange = lineStep >= lineBase && lineStep < lineBase + lineRange
  const special = lineStep - lineBase + lineRange * addressStep + opcodeBase
  if (inRange && special <= 255) {
    out.u8(special)
    return
  }
  out.u8(opcode.advancePc)
  out.uleb128(addressStep)
  out.u8(opcode.advanceLine)
  out.sleb128(lineStep)
  out.u8(opcode.copy)
}
