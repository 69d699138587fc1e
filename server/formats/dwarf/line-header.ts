import {
  malformedDwarf,
  readText,
  readUleb,
  readUnitLength,
  readUnsigned,
  skip,
  skipText,
  type Cursor,
} from './cursor.ts'
import { readForm, readFormCode, skipForm, type DwarfSections, type UnitSizes } from './forms.ts'

/**
 * A file as the table has it, the folder that this is relative to, and the one that the
 * compiler ran in, which only DWARF 5 tells.
 */
export type LineFile = { path: string; folder: string | null; compiledIn: string | null }

/** Parameters of a line program, and its main file. Offsets count from the start of the section. */
export type LineHeader = {
  unitOffset: number
  programStart: number
  programEnd: number
  minInstructionLength: number
  maxOperationsPerInstruction: number
  lineRange: number
  opcodeBase: number
  /** Operands of the standard opcodes, from opcode 1 on. */
  operandCounts: Uint8Array
  /** The unit's main file. */
  file: LineFile | null
  /** All files by the number that the line program gives them; at most `limit`. Throws MalformedError. */
  readFiles: (limit: number) => (LineFile | null)[]
}

const path = 1
const directoryIndex = 2

/**
 * Reads the header of the unit at the cursor. The cursor moves behind the unit, even if an error is thrown. Of
 * the tables of folders and files only the unit's main file is read: the first file, or in DWARF 5 number 0.
 * Throws MalformedError. Source: DWARF 5, 6.2.4; DWARF 4, 6.2.4.
 */
export function readLineHeader(section: Cursor, sections: DwarfSections): LineHeader {
  const unitOffset = section.position
  const { end, offsetSize } = readUnitLength(section)
  const cursor: Cursor = { ...section, end }
  section.position = end
  const versionAt = cursor.position
  const version = readUnsigned(cursor, 2)
  if (version < 2 || version > 5) throw malformedDwarf(versionAt, `version ${version} is unknown`)
  let addressSize = 8
  if (version >= 5) {
    addressSize = readUnsigned(cursor, 1)
    if (addressSize !== 4 && addressSize !== 8) {
      throw malformedDwarf(cursor.position - 1, `addresses of ${addressSize} bytes`)
    }
    skip(cursor, 1)
  }
  const headerLength = readUnsigned(cursor, offsetSize)
  const programStart = skip(cursor, 0) + headerLength
  if (programStart > end)
    throw malformedDwarf(cursor.position, `header of ${headerLength} bytes exceeds the unit`)
  cursor.end = programStart

  const minInstructionLength = readUnsigned(cursor, 1)
  const maxOperationsPerInstruction = version >= 4 ? readUnsigned(cursor, 1) : 1
  skip(cursor, 2) // is a statement by default, line base
  const lineRange = readUnsigned(cursor, 1)
  if (lineRange === 0) throw malformedDwarf(cursor.position - 1, 'line range 0')
  const opcodeBase = readUnsigned(cursor, 1)
  if (opcodeBase === 0) throw malformedDwarf(cursor.position - 1, 'opcode base 0')
  const countsAt = skip(cursor, opcodeBase - 1)
  const sizes = { version, offsetSize, addressSize }
  const tables: Cursor = { ...cursor }
  return {
    unitOffset,
    programStart,
    programEnd: end,
    minInstructionLength,
    maxOperationsPerInstruction: Math.max(1, maxOperationsPerInstruction),
    lineRange,
    opcodeBase,
    operandCounts: cursor.bytes.subarray(countsAt, countsAt + opcodeBase - 1),
    file: version >= 5 ? readFile5(cursor, sizes, sections) : readFile2(cursor),
    readFiles: (limit) =>
      version >= 5 ? readFiles5({ ...tables }, sizes, sections, limit) : readFiles2({ ...tables }, limit),
  }
}

/** DWARF 2 to 4: folders, then files. An empty text ends each list. Folder 0 is that of the compiler. */
function readFile2(cursor: Cursor): LineFile | null {
  const foldersAt = cursor.position
  while (cursor.bytes[cursor.position] !== 0) skipText(cursor)
  skip(cursor, 1)
  const name = readText(cursor)
  if (name === '') return null
  const folderIndex = readUleb(cursor)
  if (folderIndex === 0) return { path: name, folder: null, compiledIn: null }
  cursor.position = foldersAt
  for (let index = 1; index < folderIndex; index++) {
    if (cursor.bytes[cursor.position] === 0) return { path: name, folder: null, compiledIn: null }
    skipText(cursor)
  }
  return { path: name, folder: readText(cursor), compiledIn: null }
}

function readFiles2(cursor: Cursor, limit: number): (LineFile | null)[] {
  // Folder 0 is the compiler's, and there is no file 0.
  const folders: (string | null)[] = [null]
  while (cursor.bytes[cursor.position] !== 0) {
    if (folders.length > limit) throw malformedDwarf(cursor.position, `more than ${limit} folders`)
    folders.push(readText(cursor))
  }
  skip(cursor, 1)
  const files: (LineFile | null)[] = [null]
  while (cursor.bytes[cursor.position] !== 0 && files.length < limit) {
    const name = readText(cursor)
    const folder = folders[readUleb(cursor)] ?? null
    readUleb(cursor) // time
    readUleb(cursor) // size
    files.push({ path: name, folder, compiledIn: null })
  }
  return files
}

function readFiles5(cursor: Cursor, sizes: UnitSizes, sections: DwarfSections, limit: number) {
  const entries = () => {
    const format = readEntryFormat(cursor)
    const count = readUleb(cursor)
    // A table that is read in part would leave the cursor within it.
    if (count > limit) throw malformedDwarf(cursor.position, `more than ${limit} folders or files`)
    return Array.from({ length: count }, () => {
      const start = cursor.position
      const entry = readEntry(cursor, format, sizes, sections)
      if (cursor.position === start) throw malformedDwarf(start, 'entry without content')
      return entry
    })
  }
  const folders = entries().map((entry) => entry.path)
  return entries().map(({ path, folderIndex }): LineFile | null => {
    const folder = folderIndex === 0 ? null : (folders[folderIndex] ?? null)
    return path === null ? null : { path, folder, compiledIn: folders[0] ?? null }
  })
}

/** DWARF 5: both lists begin with a description of their entries. */
function readFile5(cursor: Cursor, sizes: UnitSizes, sections: DwarfSections): LineFile | null {
  const folderFormat = readEntryFormat(cursor)
  const folderCount = readUleb(cursor)
  const foldersAt = cursor.position
  for (let index = 0; index < folderCount; index++) skipEntry(cursor, folderFormat, sizes)
  const fileFormat = readEntryFormat(cursor)
  if (readUleb(cursor) === 0) return null
  const file = readEntry(cursor, fileFormat, sizes, sections)
  if (file.path === null) return null
  const folder = (index: number): string | null => {
    if (index >= folderCount) return null
    cursor.position = foldersAt
    for (let passed = 0; passed < index; passed++) skipEntry(cursor, folderFormat, sizes)
    return readEntry(cursor, folderFormat, sizes, sections).path
  }
  return {
    path: file.path,
    folder: file.folderIndex === 0 ? null : folder(file.folderIndex),
    compiledIn: folder(0),
  }
}

type EntryFormat = { content: number; form: number }[]

function readEntryFormat(cursor: Cursor): EntryFormat {
  const count = readUnsigned(cursor, 1)
  return Array.from({ length: count }, () => ({ content: readUleb(cursor), form: readUleb(cursor) }))
}

function skipEntry(cursor: Cursor, format: EntryFormat, sizes: UnitSizes): void {
  const start = cursor.position
  for (const { form } of format) skipForm(cursor, readFormCode(cursor, form), sizes)
  // Entries without bytes are refused: hostile input could declare any number of them.
  if (cursor.position === start) throw malformedDwarf(start, 'entry without content')
}

function readEntry(cursor: Cursor, format: EntryFormat, sizes: UnitSizes, sections: DwarfSections) {
  const entry: { path: string | null; folderIndex: number } = { path: null, folderIndex: 0 }
  for (const { content, form } of format) {
    const value = readForm(cursor, readFormCode(cursor, form), sizes, sections)
    if (content === path && typeof value === 'string') entry.path = value
    if (content === directoryIndex && typeof value === 'number') entry.folderIndex = value
  }
  return entry
}
