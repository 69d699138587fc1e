import {
  malformedDwarf,
  readText,
  readUleb,
  readUnsigned,
  skip,
  skipText,
  textAt,
  type Cursor,
} from './cursor.ts'

/** Sections by name without the dot. Sections that the file lacks are absent. */
export type DwarfSections = {
  isLittleEndian: boolean
  debug_line?: Uint8Array
  debug_line_str?: Uint8Array
  debug_info?: Uint8Array
  debug_abbrev?: Uint8Array
  debug_str?: Uint8Array
  debug_str_offsets?: Uint8Array
}

/** Sizes that the forms of a unit depend on. */
export type UnitSizes = { version: number; offsetSize: 4 | 8; addressSize: number }

/** A text, a number, or an index into `.debug_str_offsets`. Null for other values. */
export type FormValue = string | number | { stringIndex: number } | null

/**
 * The value of an attribute, or of an entry of a line table, in one of the forms that DWARF 2 to 5
 * and GNU's extensions define. Blocks and signatures are skipped. Source: DWARF 5, 7.5.6.
 */
export function readForm(cursor: Cursor, form: number, sizes: UnitSizes, sections: DwarfSections): FormValue {
  switch (form) {
    case 0x01: // addr
      return readUnsigned(cursor, sizes.addressSize)
    case 0x0b: // data1
    case 0x0c: // flag
    case 0x11: // ref1
      return readUnsigned(cursor, 1)
    case 0x05: // data2
    case 0x12: // ref2
      return readUnsigned(cursor, 2)
    case 0x06: // data4
    case 0x13: // ref4
    case 0x1c: // ref_sup4
      return readUnsigned(cursor, 4)
    case 0x07: // data8
    case 0x14: // ref8
    case 0x20: // ref_sig8
    case 0x24: // ref_sup8
      return readUnsigned(cursor, 8)
    case 0x08: // string
      return readText(cursor)
    case 0x0e: // strp
      return textAt(sections.debug_str, readUnsigned(cursor, sizes.offsetSize))
    case 0x1f: // line_strp
      return textAt(sections.debug_line_str, readUnsigned(cursor, sizes.offsetSize))
    case 0x17: // sec_offset
    case 0x1d: // strp_sup
    case 0x1f20: // GNU_ref_alt
    case 0x1f21: // GNU_strp_alt
      return readUnsigned(cursor, sizes.offsetSize)
    case 0x10: // ref_addr: an address in DWARF 2
      return readUnsigned(cursor, sizes.version < 3 ? sizes.addressSize : sizes.offsetSize)
    case 0x0d: // sdata
    case 0x0f: // udata
    case 0x15: // ref_udata
    case 0x1b: // addrx
    case 0x22: // loclistx
    case 0x23: // rnglistx
    case 0x1f01: // GNU_addr_index
      return readUleb(cursor)
    case 0x1a: // strx
    case 0x1f02: // GNU_str_index
      return { stringIndex: readUleb(cursor) }
    case 0x25: // strx1 to strx4
    case 0x26:
    case 0x27:
    case 0x28:
      return { stringIndex: readUnsigned(cursor, form - 0x24) }
    case 0x29: // addrx1 to addrx4
    case 0x2a:
    case 0x2b:
    case 0x2c:
      return readUnsigned(cursor, form - 0x28)
    case 0x19: // flag_present
    case 0x21: // implicit_const: the value is in the abbreviation
      return null
    case 0x0a: // block1
      skip(cursor, readUnsigned(cursor, 1))
      return null
    case 0x03: // block2
      skip(cursor, readUnsigned(cursor, 2))
      return null
    case 0x04: // block4
      skip(cursor, readUnsigned(cursor, 4))
      return null
    case 0x09: // block
    case 0x18: // exprloc
      skip(cursor, readUleb(cursor))
      return null
    case 0x1e: // data16
      skip(cursor, 16)
      return null
    default:
      throw malformedDwarf(cursor.position, `unknown form 0x${form.toString(16)}`)
  }
}

/** Skip a value. */
export function skipForm(cursor: Cursor, form: number, sizes: UnitSizes): void {
  if (form === 0x08) skipText(cursor)
  // Without sections no text is decoded.
  else readForm(cursor, form, sizes, { isLittleEndian: cursor.isLittleEndian })
}

/** DW_FORM_indirect: the form stands before the value. Each step takes a byte at least. */
export function readFormCode(cursor: Cursor, form: number): number {
  let direct = form
  while (direct === 0x16) direct = readUleb(cursor)
  return direct
}
