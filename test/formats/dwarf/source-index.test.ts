import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { DwarfSections } from '../../../server/formats/dwarf/forms.ts'
import { readSourceIndex } from '../../../server/formats/dwarf/source-index.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { assemble, dwarfOf, fixtures, readFixture } from './dwarf-sections.ts'

const folder = '/home/user/.opam/4.14/.opam-switch/build/twice.1.0'

describe.each(fixtures)('%s', (name) => {
  const index = readSourceIndex(dwarfOf(readFixture(name)))
  const sourceAt = (address: number) => index.sources[index.find(address)] ?? null

  test('knows the source of each function', () => {
    // As `readelf -s` has them: add, entry, twice, cold, _start.
    for (const [address, path] of [
      [0x4000e8, 'src/main.c'],
      [0x4000ec, 'src/main.c'],
      [0x40010b, 'src/main.c'],
      [0x40010c, 'src/twice.c'],
      [0x40011b, 'src/twice.c'],
      [0x40011f, 'src/start.S'],
    ] as const) {
      expect(sourceAt(address), address.toString(16)).toEqual({ path, folder })
    }
    expect(index.problem).toBeNull()
  })

  test('knows no source outside of the code', () => {
    expect([0, 0x4000e7, 0x40013c, 2 ** 53].map(sourceAt)).toEqual([null, null, null, null])
  })
})

test.each([
  ['dwarf4', null],
  ['dwarf5', folder],
])('%s without .debug_info has the names of the line tables', (name, compiledIn) => {
  const { debug_info: _info, ...sections } = dwarfOf(readFixture(name))
  const { sources } = readSourceIndex(sections)
  expect(sources.map((source) => source.path)).toEqual(['src/main.c', 'src/twice.c', 'src/start.S'])
  expect(sources[0]?.folder).toBe(compiledIn)
})

test('without .debug_line nothing is known', () => {
  expect(readSourceIndex({ isLittleEndian: true }).find(0x400000)).toBe(-1)
})

function hasReadelf(): boolean {
  try {
    execFileSync('readelf', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** Ranges and names of units as binutils reads them from .debug_aranges and .debug_info, not from .debug_line. */
function rangesByReadelf(path: string): { name: string; start: number; end: number }[] {
  const run = (dump: string) =>
    execFileSync('readelf', ['-W', `--debug-dump=${dump}`, '--dwarf-depth=1', path], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 2 ** 28,
    })
  const names = new Map<number, string>()
  for (const unit of run('info').split('Compilation Unit @ offset ').slice(1)) {
    const name = /DW_AT_name +: (?:\(.*?\): )?(.*)/.exec(unit)?.[1]
    if (name) names.set(Number.parseInt(unit.replace(/^(?!0x)/, '0x')), name.trim())
  }
  return run('aranges')
    .split(/Offset into .debug_info: +/)
    .slice(1)
    .flatMap((set) => {
      const offset = Number.parseInt(set.replace(/^(?!0x)/, '0x'))
      return [...set.matchAll(/^ +([0-9a-f]{16}) ([0-9a-f]{16})/gm)].flatMap(
        ([, address = '', length = '']) => {
          const [start, size] = [Number.parseInt(address, 16), Number.parseInt(length, 16)]
          return size > 0 ? [{ name: names.get(offset) ?? '', start, end: start + size }] : []
        },
      )
    })
}

describe.skipIf(!hasCorpus || !hasReadelf())('real programs', () => {
  test.each(['arith.debug', 'echod.debug', 'echod-static.debug', 'zonecheck.debug'])(
    '%s agrees with what readelf says of .debug_aranges',
    (name) => {
      const path = corpusPath('elf', name)
      const index = readSourceIndex(dwarfOf(readFileSync(path)))
      const ranges = rangesByReadelf(path)
      expect(ranges.length).toBeGreaterThan(20)
      const nameAt = (address: number) => index.sources[index.find(address)]?.path ?? null
      // What precedes the first line of a piece may be unknown, but is nobody else's.
      const wrong = ranges.filter(
        ({ name, start, end }) => nameAt(end - 1) !== name || ![name, null].includes(nameAt(start)),
      )
      expect(wrong).toEqual([])
    },
  )
})

type Order = { isLittleEndian: boolean; is64Bit: boolean }

/** A unit of DWARF 4 about code from 0x1000 to 0x1010. `change` may spoil it. */
function lineUnit(
  order: Order,
  change: Partial<{ version: number; tables: number[]; program: number[] }> = {},
) {
  const part = () => assemble(order.isLittleEndian)
  const offset = (value: number) => (order.is64Bit ? part().u64(value).bytes : part().u32(value).bytes)
  const tables =
    change.tables ?? part().text('lib').u8(0).text('a.c').u8(1, 0, 0).text('b.c').u8(0, 0, 0).u8(0).bytes
  const header = part().u8(1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1).add(tables).bytes
  const program = change.program ?? part().u8(0, 9, 2).u64(0x1000).u8(1, 2, 0x10, 0, 1, 1).bytes
  const rest = part()
    .u16(change.version ?? 4)
    .add(offset(header.length))
    .add(header)
    .add(program).bytes
  return part()
    .add(order.is64Bit ? part().u32(0xffffffff).bytes : [])
    .add(offset(rest.length))
    .add(rest).bytes
}

const little: Order = { isLittleEndian: true, is64Bit: false }

function indexOf(lines: readonly number[], { isLittleEndian } = little, more: Partial<DwarfSections> = {}) {
  return readSourceIndex({ isLittleEndian, debug_line: Uint8Array.from(lines), ...more })
}

test.each([
  ['little endian', little],
  ['big endian', { isLittleEndian: false, is64Bit: false }],
  ['little endian, 64-bit offsets', { isLittleEndian: true, is64Bit: true }],
  ['big endian, 64-bit offsets', { isLittleEndian: false, is64Bit: true }],
])('reads a unit: %s', (_name, order) => {
  const index = indexOf(lineUnit(order), order)
  expect(index.problem).toBeNull()
  expect(index.sources).toEqual([{ path: 'lib/a.c', folder: null }])
  expect([0xfff, 0x1000, 0x100f, 0x1010].map(index.find)).toEqual([-1, 0, 0, -1])
})

const bytesOf = () => assemble(true)
const setAddress = (address: number) => bytesOf().u8(0, 9, 2).u64(address).bytes
const end = [0, 1, 1]

test.each([
  ['special opcodes', [...setAddress(0x1000), 1, 13 + 14 * 3 + 5, ...end], 0x1000, 0x1003],
  ['constant advance', [...setAddress(0x1000), 1, 8, ...end], 0x1000, 0x1000 + 17],
  ['fixed advance', [...setAddress(0x1000), 1, 9, 0x34, 0x12, ...end], 0x1000, 0x2234],
  ['an address of 4 bytes', [0, 5, 2, 0, 0x10, 0, 0, 1, 2, 4, ...end], 0x1000, 0x1004],
  ['an unknown extended opcode', [...setAddress(0x1000), 1, 0, 3, 0x80, 9, 9, 2, 4, ...end], 0x1000, 0x1004],
  [
    'opcodes with operands',
    [...setAddress(0x1000), 1, 3, 0x7f, 4, 2, 5, 9, 12, 1, 2, 4, ...end],
    0x1000,
    0x1004,
  ],
])('a program with %s', (_name, program, low, high) => {
  const index = indexOf(lineUnit(little, { program }))
  expect(index.problem).toBeNull()
  expect([low - 1, low, high - 1, high].map(index.find)).toEqual([-1, 0, 0, -1])
})

const long = Array.from({ length: 11 }, () => 0x80)

test.each([
  ['a length beyond the section', [0xff, 0, 0, 0, 4, 0], 'byte 0: length 255 exceeds the section'],
  ['a reserved length', [0xf0, 0xff, 0xff, 0xff], 'byte 0: reserved length'],
  ['a length cut short', [1, 0], 'byte 0: 4 bytes reach beyond the end'],
  ['a unit too short for its version', [1, 0, 0, 0, 4], 'byte 4: 2 bytes reach beyond the end'],
  ['version 6', lineUnit(little, { version: 6 }), 'byte 4: version 6 is unknown'],
  ['version 1', lineUnit(little, { version: 1 }), 'byte 4: version 1 is unknown'],
  ['folders without end', lineUnit(little, { tables: [0x61, 0x62] }), 'byte 28: text without end'],
  ['files without end', lineUnit(little, { tables: [0, 0x61] }), 'byte 29: text without end'],
  [
    'an extended opcode of no bytes',
    lineUnit(little, { program: [0, 0] }),
    'byte 50: extended opcode of 0 bytes',
  ],
  [
    'an extended opcode beyond the end',
    lineUnit(little, { program: [0, 9, 2] }),
    'byte 50: extended opcode of 9 bytes',
  ],
  ['an address of 3 bytes', lineUnit(little, { program: [0, 4, 2, 0, 0, 0] }), 'byte 50: address of 3 bytes'],
  ['an endless number', lineUnit(little, { program: [2, ...long] }), 'byte 59: LEB128 number without end'],
  ['a number cut short', lineUnit(little, { program: [2, 0x80] }), 'byte 50: LEB128 number without end'],
  ['a fixed advance cut short', lineUnit(little, { program: [9, 1] }), 'byte 49: advance without operand'],
])('tells of %s, at its offset', (_name, lines, problem) => {
  expect(indexOf(lines).problem).toBe(`malformed DWARF at ${problem}`)
})

test('a unit that is not well formed hides no other', () => {
  const index = indexOf([...lineUnit(little, { version: 9 }), ...lineUnit(little)])
  expect(index.find(0x1000)).toBe(0)
  expect(index.problem).toContain('version 9')
})

/** Tables of DWARF 5: folders, then files, each with their format. */
function version5(tables: number[]): number[] {
  const header = [1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, ...tables]
  const rest = bytesOf().u16(5).u8(8, 0).u32(header.length).add(header).bytes
  return bytesOf().u32(rest.length).add(rest).bytes
}

test.each([
  ['folders without content', version5([0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0])],
  ['files of a form without bytes', version5([1, 1, 8, 0, 1, 1, 0x19, 0xff, 0xff, 0xff, 0x7f])],
  ['an unknown form', version5([1, 1, 8, 1, 0x61, 0, 1, 1, 0x7e, 1, 0])],
  ['an endless indirect form', version5([1, 1, 0x16, 1, ...Array.from({ length: 300 }, () => 0x16)])],
  ['texts that are nowhere', version5([1, 1, 0x1f, 1, 9, 9, 9, 9, 1, 1, 0x1f, 1, 9, 9, 9, 9])],
])('DWARF 5: %s names no source', (_name, lines) => {
  expect(indexOf(lines).sources).toEqual([])
})

test('texts are cut, not copied at any length', () => {
  const name = 'x'.repeat(5_000)
  const index = indexOf(lineUnit(little, { tables: bytesOf().u8(0).text(name).u8(0, 0, 0, 0).bytes }))
  expect(index.sources[0]?.path).toBe('x'.repeat(1_024))
})

/** A unit of DWARF 4 with name and language, whose lines are those of `lineUnit`. */
function unitOf(name: string, language: number): Partial<DwarfSections> {
  const abbreviations = [1, 0x11, 0, 0x03, 0x08, 0x13, 0x05, 0x10, 0x17, 0, 0, 0]
  const rest = bytesOf().u16(4).u32(0).u8(8, 1).text(name).u16(language).u32(0).bytes
  return {
    debug_abbrev: Uint8Array.from(abbreviations),
    debug_info: Uint8Array.from(bytesOf().u32(rest.length).add(rest).bytes),
  }
}

test.each([
  ['C', 0x0c, 'src/a.c', { path: 'src/a.c', folder: null }],
  ['C++', 0x21, 'src/a.cc', { path: 'src/a.cc', folder: null }],
  ['Rust', 0x1c, 'src/main.rs/@/main.7dcbfb-cgu.0', { path: 'src/main.rs', folder: null, language: 'Rust' }],
  ['Go', 0x16, 'main', { path: 'main', folder: null, language: 'Go' }],
])('a unit of %s', (_name, language, name, source) => {
  expect(indexOf(lineUnit(little), little, unitOf(name, language)).sources).toEqual([source])
})

test('a unit that names no file has the files of its lines', () => {
  const tables = bytesOf().text('lib').u8(0).text('a.c').u8(1, 0, 0).text('/b.c').u8(1, 0, 0).u8(0).bytes
  // Two rows of the first file, the second of them with the other one inlined, then the other's own.
  const program = [...setAddress(0x1000), 1, 4, 2, 1, 2, 4, 4, 1, 1, 2, 4, 4, 2, 1, 2, 8, ...end]
  const index = indexOf(lineUnit(little, { tables, program }), little, unitOf('<artificial>', 0x0c))
  expect(index.problem).toBeNull()
  expect(index.sources.map(({ path }) => path)).toEqual(['lib/a.c', '/b.c'])
  const pathAt = (address: number) => index.sources[index.find(address)]?.path ?? null
  expect([0x1000, 0x1003, 0x1004, 0x1008, 0x100f, 0x1010].map(pathAt)).toEqual([
    'lib/a.c',
    'lib/a.c',
    'lib/a.c',
    '/b.c',
    '/b.c',
    null,
  ])
})

test('lines at addresses that are no code of the program are dropped', () => {
  const at = (address: number) => lineUnit(little, { program: [...setAddress(address), 1, 2, 0x10, ...end] })
  const lines = [0, 2 ** 32 - 1, 0x1ff8, 0x1000].flatMap(at)
  const isCode = (low: number, high: number) => low >= 0x1000 && high <= 0x2000
  const { find } = readSourceIndex({ isLittleEndian: true, debug_line: Uint8Array.from(lines) }, isCode)
  expect([0, 8, 2 ** 32 - 1, 0x1ff8, 0x1fff, 0x1000].map(find)).toEqual([-1, -1, -1, -1, -1, 0])
})
