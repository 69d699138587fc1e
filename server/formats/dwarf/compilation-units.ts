import { MalformedError } from '../../errors.ts'
import {
  cursorAt,
  malformedDwarf,
  readUleb,
  readUnitLength,
  readUnsigned,
  skip,
  textAt,
  type Cursor,
} from './cursor.ts'
import {
  readForm,
  readFormCode,
  skipForm,
  type DwarfSections,
  type FormValue,
  type UnitSizes,
} from './forms.ts'

/**
 * What a compiler or assembler says of a unit's source, and of its code if that is in one piece.
 * `language` is a number (`DW_LANG_…`), null when the unit does not say.
 */
export type CompilationUnit = {
  name: string | null
  folder: string | null
  language: number | null
  code: { low: number; high: number } | null
}

const attributes = {
  name: 0x03,
  lineTable: 0x10,
  low: 0x11,
  high: 0x12,
  language: 0x13,
  folder: 0x1b,
  stringOffsets: 0x72,
}
type AttributeName = keyof typeof attributes
const addressForm = 0x01
const implicitConst = 0x21
const unitTypes = { compile: 1, partial: 3, skeleton: 4 }

/** Maximum number of units. No real program has as many. */
const maxUnits = 100_000
/** Maximum number of characters of all names. */
const maxCharacters = 2 ** 24
/** Maximum number of abbreviations that are read for all units. Several units may read the same ones. */
const maxAbbreviationBytes = 2 ** 26

/**
 * Name and folder of the units of `.debug_info`, by the offset of their line program in `.debug_line`.
 * Only the first entry of each unit is read. A malformed unit is skipped. If the length of a unit is wrong,
 * no further unit is read. Source: DWARF 5, 7.5.
 */
export function readCompilationUnits(sections: DwarfSections): Map<number, CompilationUnit> {
  const units = new Map<number, CompilationUnit>()
  const { debug_info: info, debug_abbrev: abbreviations, isLittleEndian } = sections
  if (!info || !abbreviations) return units
  const section = cursorAt(info, isLittleEndian, 0)
  const budget = { bytes: maxAbbreviationBytes }
  let characters = 0
  for (let count = 0; count < maxUnits && section.position < info.length; count++) {
    const start = section.position
    try {
      const { lineTable, ...unit } = readUnit(section, abbreviations, sections, budget)
      characters += (unit.name?.length ?? 0) + (unit.folder?.length ?? 0)
      if (characters > maxCharacters) break
      if (lineTable !== null && !units.has(lineTable)) units.set(lineTable, unit)
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error
      if (section.position === start || budget.bytes <= 0) break
    }
  }
  return units
}

/** Reads the unit at the cursor. If its length is right, the cursor is behind the unit afterwards. */
function readUnit(
  section: Cursor,
  abbreviations: Uint8Array,
  sections: DwarfSections,
  budget: { bytes: number },
) {
  const cursor: Cursor = { ...section }
  const { end, offsetSize } = readUnitLength(cursor)
  section.position = end
  cursor.end = end
  const version = readUnsigned(cursor, 2)
  if (version < 2 || version > 5) throw malformedDwarf(cursor.position - 2, `version ${version} is unknown`)
  const isOld = version < 5
  const type = isOld ? unitTypes.compile : readUnsigned(cursor, 1)
  const early = isOld ? 0 : readUnsigned(cursor, 1)
  const abbreviationsAt = readUnsigned(cursor, offsetSize)
  const addressSize = isOld ? readUnsigned(cursor, 1) : early
  if (type === unitTypes.skeleton) skip(cursor, 8)
  else if (type !== unitTypes.compile && type !== unitTypes.partial) return nothing
  if (addressSize !== 4 && addressSize !== 8) {
    throw malformedDwarf(cursor.position, `addresses of ${addressSize} bytes`)
  }
  const sizes: UnitSizes = { version, offsetSize, addressSize }
  const code = readUleb(cursor)
  if (code === 0) return nothing
  return readAttributes(
    cursor,
    findAbbreviation(abbreviations, abbreviationsAt, code, budget),
    sizes,
    sections,
  )
}

const nothing = { lineTable: null, name: null, folder: null, language: null, code: null }

/** A cursor at the attributes of the abbreviation with that code. */
function findAbbreviation(
  section: Uint8Array,
  offset: number,
  code: number,
  budget: { bytes: number },
): Cursor {
  if (offset >= section.length) throw malformedDwarf(offset, 'no such abbreviations')
  const cursor = cursorAt(section, true, offset, Math.min(section.length, offset + budget.bytes))
  try {
    for (let found = readUleb(cursor); found !== 0; found = readUleb(cursor)) {
      readUleb(cursor) // tag
      skip(cursor, 1) // whether there are children
      if (found === code) return cursor
      while (nextAttribute(cursor));
    }
    throw malformedDwarf(cursor.position, `no abbreviation ${code}`)
  } finally {
    budget.bytes -= cursor.position - offset
  }
}

function nextAttribute(cursor: Cursor): { attribute: number; form: number } | null {
  const attribute = readUleb(cursor)
  const form = readUleb(cursor)
  if (form === implicitConst) readUleb(cursor)
  return attribute === 0 && form === 0 ? null : { attribute, form }
}

function readAttributes(cursor: Cursor, abbreviation: Cursor, sizes: UnitSizes, sections: DwarfSections) {
  const values = new Map<AttributeName, { form: number; value: FormValue }>()
  for (let next = nextAttribute(abbreviation); next; next = nextAttribute(abbreviation)) {
    const form = readFormCode(cursor, next.form)
    const wanted = attributeNames.get(next.attribute)
    if (wanted) values.set(wanted, { form, value: readForm(cursor, form, sizes, sections) })
    else skipForm(cursor, form, sizes)
  }
  const number = (name: AttributeName): number | null => {
    const value = values.get(name)?.value
    return typeof value === 'number' ? value : null
  }
  const base = number('stringOffsets') ?? 2 * sizes.offsetSize
  const text = (name: AttributeName) => readString(values.get(name)?.value ?? null, base, sizes, sections)
  const [low, high] = [number('low'), number('high')]
  const isLowKnown = values.get('low')?.form === addressForm
  // Since DWARF 4 the end may be given as a length.
  const isLength = values.get('high')?.form !== addressForm
  return {
    lineTable: number('lineTable'),
    name: text('name'),
    folder: text('folder'),
    language: number('language'),
    code: isLowKnown && low !== null && high !== null ? { low, high: isLength ? low + high : high } : null,
  }
}

const attributeNames = new Map(
  (Object.keys(attributes) as AttributeName[]).map((name) => [attributes[name], name]),
)

function readString(
  value: FormValue,
  base: number,
  { offsetSize }: UnitSizes,
  sections: DwarfSections,
): string | null {
  if (typeof value === 'string' || value === null) return value
  const { debug_str_offsets: offsets, debug_str: strings, isLittleEndian } = sections
  if (typeof value === 'number' || !offsets) return null
  const at = base + value.stringIndex * offsetSize
  if (at + offsetSize > offsets.length) return null
  return textAt(strings, readUnsigned(cursorAt(offsets, isLittleEndian, at), offsetSize))
}
