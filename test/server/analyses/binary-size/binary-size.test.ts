import { expect, test } from 'vitest'
import type { ElfSymbol } from '../../../../demo/elf-symbols.ts'
import { placeSections, writeElf, type ElfSection } from '../../../../demo/elf-writer.ts'
import { linkProgram, type ProgramSource } from '../../../../demo/ocaml-program.ts'
import { analyseBinarySize } from '../../../../server/analyses/binary-size/analyse-binary-size.ts'
import { foldTree } from '../../../../server/analyses/binary-size/fold.ts'
import { moduleSizes, packageSizes } from '../../../../server/analyses/binary-size/largest.ts'
import { sizeGroups } from '../../../../server/analyses/binary-size/size-groups.ts'
import { findSection, parseElf } from '../../../../server/formats/elf.ts'
import { fixtures, readFixture } from '../../../formats/dwarf/dwarf-sections.ts'
import { checkSizes, ownSizes, pathsOf, sizeAt } from './size-trees.ts'

const base = 0x401000

type Placed = Omit<ElfSymbol, 'kind'>

/** A program of so many bytes of code and data, with symbols of either. */
function programWith(
  symbols: readonly Placed[],
  { kind = 'function', codeBytes = 0x400 }: { kind?: ElfSymbol['kind']; codeBytes?: number } = {},
): Uint8Array {
  const sections: ElfSection[] = [
    { name: '.text', kind: 'code', alignment: 16, content: new Uint8Array(codeBytes) },
    { name: '.data', kind: 'data', alignment: 16, content: new Uint8Array(0x100) },
    { name: '.bss', kind: 'zeroes', alignment: 16, content: 0x1000 },
  ]
  const typed = symbols.map((symbol): ElfSymbol => ({
    ...symbol,
    kind: symbol.sizeBytes > 0 ? kind : 'label',
  }))
  return writeElf(placeSections(sections, base), { symbols: typed, osAbi: 0, entry: base })
}

const inCode = (name: string, offset: number, sizeBytes: number): Placed => ({
  name,
  section: '.text',
  offset,
  sizeBytes,
})
const inData = (name: string, offset: number, sizeBytes: number): Placed => ({
  ...inCode(name, offset, sizeBytes),
  section: '.data',
})

/** Nodes that symbols tell of, with their bytes. */
function explained(file: Uint8Array): Record<string, number | undefined> {
  const result = analyseBinarySize(file)
  checkSizes(result)
  const { sizes } = result.tree
  const isRest = (path: string) => /^(debug information|loaded without|headers|padding|after|$)/.test(path)
  return Object.fromEntries(
    pathsOf(result.tree).flatMap((path, node) => (isRest(path) ? [] : [[path, sizes[node]]])),
  )
}

test.each(fixtures)('%s: packages, files, functions', (name) => {
  const sizes = explained(readFixture(name))
  expect(sizes).toMatchObject({
    'twice/src/main.c': 36,
    'twice/src/main.c/entry': 32,
    'twice/src/main.c/add': 4,
    'twice/src/twice.c': 19,
    'twice/src/twice.c/twice': 15,
    'twice/src/twice.c/cold': 4,
    'C code': 4,
    'C code/counter': 4,
  })
  // The assembler was told no size.
  const { 'twice/src/start.S/_start': start } = sizes
  expect(sizes['twice']).toBe(36 + 19 + (start ?? 0))
  expect(start).toBeGreaterThan(8)
})

const source: ProgramSource = {
  compiler: '5.2.1',
  units: [
    { name: 'Dns', codeKiB: 4, origin: 'dns.10.0.0', directory: 'dns.10.0.0/src' },
    { name: 'Dns__Packet', codeKiB: 40, origin: 'dns.10.0.0', directory: 'dns.10.0.0/src' },
    { name: 'Dune__exe__Main', codeKiB: 4, origin: 'main.1', directory: 'main' },
  ],
  stubs: [{ directory: 'cstruct/src', file: 'cstruct_stubs.c', functions: ['caml_cstruct_blit', 'copy'] }],
  runsOn: { kind: 'solo5', target: 'hvt', devices: [] },
  texts: [],
}

test.each(['5.2.1', '4.14.2'])('a program of OCaml %s: packages, modules, runtime', (compiler) => {
  const { debug, stripped } = linkProgram({ ...source, compiler })
  const result = analyseBinarySize(debug)
  checkSizes(result)
  const { tree } = result
  const paths = pathsOf(tree)
  const kindOf = (path: string) => tree.kinds[paths.indexOf(path)]
  expect(kindOf('dns')).toBe('PACKAGE')
  expect(kindOf('dns/Dns/Packet')).toBe('MODULE')
  expect(kindOf('dns/Dns/Packet/code')).toBe('CODE')
  expect(kindOf('dns/Dns/Packet/data')).toBe('DATA')
  expect(kindOf('dns/Dns/Packet/frametable')).toBe('DATA')
  expect(kindOf('ocaml/Stdlib/List')).toBe('MODULE')
  expect(kindOf('main/Dune__exe/Main')).toBe('MODULE')
  expect(kindOf('cstruct/src/cstruct_stubs.c/copy')).toBe('FUNCTION')
  expect(kindOf('cstruct/src/cstruct_stubs.c/caml_cstruct_blit')).toBe('FUNCTION')
  expect(kindOf('OCaml runtime')).toBe('RUNTIME')
  expect(kindOf('OCaml runtime/memory.c/caml_modify')).toBe('FUNCTION')
  expect(kindOf('OCaml runtime/startup/code')).toBe('CODE')
  // Functions are named as in the source, without what the symbol says of the module.
  const functions = paths.filter((path) => path.startsWith('dns/Dns/Packet/code/'))
  expect(functions.length).toBeGreaterThan(10)
  expect(functions.every((path) => /\/[a-z_0-9]+$/.test(path))).toBe(true)
  expect(result.zeroFilledBytes).toBeGreaterThan(0)
  expect(result.hasSymbols).toBe(true)

  const bare = analyseBinarySize(stripped)
  checkSizes(bare)
  expect([bare.hasSymbols, bare.explainedBytes]).toEqual([false, 0])
  expect(bare.reason).toBe('it has no symbols: it was stripped of them')
  expect(sizeAt(bare.tree, 'loaded without a symbol/.text')).toBeGreaterThan(10_000)
})

test('functions outside of the marks of their unit are attributed by their names', () => {
  // As with -function-sections, where the marks enclose nothing.
  const file = programWith([
    inCode('camlFoo__Bar.code_begin', 0, 0),
    inCode('camlFoo__Bar.code_end', 0, 0),
    inCode('camlFoo__Bar.map_1', 0x10, 32),
    inCode('camlFoo__Bar__iter_2', 0x40, 16),
    inData('camlFoo__Bar.frametable', 0, 64),
    inData('camlFoo__Bar', 64, 24),
    inCode('camlStdlib__List.map_1', 0x100, 8),
  ])
  expect(explained(file)).toEqual({
    Foo: 136,
    'Foo/Bar': 136,
    'Foo/Bar/code': 48,
    'Foo/Bar/code/map_1': 32,
    'Foo/Bar/code/iter_2': 16,
    'Foo/Bar/frametable': 64,
    'Foo/Bar/data': 24,
    ocaml: 8,
    'ocaml/Stdlib': 8,
    'ocaml/Stdlib/List': 8,
    'ocaml/Stdlib/List/code': 8,
    'ocaml/Stdlib/List/code/map_1': 8,
  })
})

test('symbols between the marks belong to the unit, whatever their names', () => {
  const file = programWith([
    inCode('camlA__code_begin', 0, 0),
    inCode('camlA__f_1', 0, 10),
    inCode('camlB__g_1', 16, 10),
    inCode('memcpy', 32, 10),
    inCode('camlA__code_end', 48, 0),
    inData('camlA__data_begin', 8, 0),
    inData('camlA__1', 8, 8),
    inData('camlA', 16, 40),
    inData('camlA__data_end', 72, 0),
  ])
  expect(explained(file)).toEqual({
    A: 112,
    'A/code': 48,
    'A/code/f_1': 10,
    'A/code/camlB__g_1': 10,
    'A/code/memcpy': 10,
    'A/data': 64,
  })
})

test.each<[string, Placed[], Record<string, number>]>([
  [
    'two names of the same bytes',
    [inCode('_IO_open', 0, 10), inCode('open', 0, 10), inCode('__open', 0, 10)],
    { 'C code': 10, 'C code/open': 10 },
  ],
  [
    'functions that overlap',
    [inCode('a', 0, 20), inCode('b', 10, 20)],
    { 'C code': 30, 'C code/a': 10, 'C code/b': 20 },
  ],
  ['one that reaches beyond its section', [inCode('a', 0x3f0, 5_000)], { 'C code': 16, 'C code/a': 16 }],
  ['one that begins beyond its section', [inCode('a', 0x400, 5)], {}],
  ['one in memory alone', [{ name: 'a', section: '.bss', offset: 0, sizeBytes: 64 }], {}],
  ['functions of the same name', [inCode('a', 0, 5), inCode('a', 8, 6)], { 'C code': 11, 'C code/a': 11 }],
  ['marks the wrong way round', [inCode('camlA__code_end', 0, 0), inCode('camlA__code_begin', 8, 0)], {}],
  ['a mark without the other', [inCode('camlA__code_begin', 0, 0)], {}],
  ['marks in two sections', [inCode('camlA__code_begin', 0, 0), inData('camlA__code_end', 8, 0)], {}],
  [
    'marks around the code of others',
    [
      inCode('camlA__code_begin', 0, 0),
      inCode('camlB__code_begin', 16, 0),
      inCode('camlB__code_end', 32, 0),
      inCode('camlA__code_end', 64, 0),
    ],
    { A: 48, 'A/code': 48, B: 16, 'B/code': 16 },
  ],
])('%s', (_name, symbols, expected) => {
  expect(explained(programWith(symbols))).toEqual(expected)
})

test('data and code are distinguished', () => {
  const { tree } = analyseBinarySize(programWith([inData('table', 0, 64)], { kind: 'object' }))
  expect(tree.kinds[pathsOf(tree).indexOf('C code/table')]).toBe('OBJECT')
})

test('of more entries than a picture takes, the small ones are folded', () => {
  const count = 60_000
  const symbols = Array.from({ length: count }, (_, index) =>
    inCode(`f${index}`, index * 16, index % 4 === 0 ? 16 : 4),
  )
  const result = analyseBinarySize(programWith(symbols, { codeBytes: count * 16 }))
  checkSizes(result)
  expect(result.foldedBelowBytes).toBeGreaterThan(1)
  const { tree } = result
  const kept = tree.kinds.filter((kind) => kind === 'FUNCTION').length
  expect(kept + result.foldedCount).toBe(count)
  expect(kept).toBe(15_000)
  // Their bytes are where they were, in the group.
  const group = pathsOf(tree).indexOf('C code')
  expect(tree.sizes[group]).toBe(15_000 * 16 + 45_000 * 4)
  expect(ownSizes(tree)[group]).toBe(result.foldedBytes)
})

test('of endlessly many modules and long names, there is an end', () => {
  const count = 60_000
  const symbols = Array.from({ length: count }, (_, index) =>
    inCode(`camlM${index}${'__Aa'.repeat(index % 50)}.f_1`, index * 4, 4),
  )
  const result = analyseBinarySize(programWith(symbols, { codeBytes: count * 4 }))
  checkSizes(result)
  expect(JSON.stringify(result).length).toBeLessThan(4_000_000)
})

const fixture = readFixture('dwarf5')
const changed = (offset: number, ...bytes: number[]) => {
  const copy = Uint8Array.from(fixture)
  copy.set(bytes, offset)
  return copy
}

test.each([
  ['nothing', new Uint8Array(), 'it is no ELF file but empty'],
  ['a Debian package', Buffer.from('!<arch>\ndebian-binary'), 'it is no ELF file but a Debian package'],
  ['a header cut short', fixture.subarray(0, 40), 'malformed ELF at byte 40: '],
  ['32 bits', changed(4, 1), 'it is an ELF file of 32 bits'],
  ['a byte order of its own', changed(5, 3), 'malformed ELF at byte 5: '],
  ['section headers beyond the end', changed(40, 0xff, 0xff, 0xff), 'malformed ELF at byte 40: '],
])('of %s there is nothing to tell, and why', (_name, file, reason) => {
  const { tree, ...facts } = analyseBinarySize(file)
  expect(facts).toMatchObject({
    fileSizeBytes: file.length,
    explainedBytes: 0,
    otherBytes: file.length,
    isElf: false,
  })
  expect(facts.reason).toContain(reason)
  expect(tree).toEqual({ names: ['file'], kinds: ['FILE'], parents: [-1], sizes: [file.length] })
})

test('symbols that are not well formed leave the sections', () => {
  const symbols = findSection(parseElf(fixture), '.symtab')
  // The size of an entry.
  const result = analyseBinarySize(changed((symbols?.headerOffset ?? 0) + 56, 23))
  checkSizes(result)
  expect(result.reason).toContain('malformed ELF at byte')
  expect(result.isElf).toBe(true)
  expect(sizeAt(result.tree, 'loaded without a symbol/.text')).toBeGreaterThan(60)
})

test('bytes appended to a program are counted', () => {
  const result = analyseBinarySize(Buffer.concat([fixture, Buffer.alloc(1_000)]))
  checkSizes(result)
  expect(sizeAt(result.tree, 'after the last section')).toBe(1_000)
})

test('debug sections that are not well formed cost the names of sources, not the sizes', () => {
  const { debug } = linkProgram(source)
  const lines = findSection(parseElf(debug), '.debug_line')
  const broken = Uint8Array.from(debug)
  broken.fill(0x80, lines?.offset, (lines?.offset ?? 0) + 64)
  const result = analyseBinarySize(broken)
  checkSizes(result)
  expect(result.reason).toContain('malformed DWARF')
  expect(result.explainedBytes).toBe(analyseBinarySize(debug).explainedBytes)
})

test.each([
  ['few', 100],
  ['more than a picture takes', 30_000],
])('code and data of a source file add up, of %s functions', (_name, count) => {
  const groups = sizeGroups()
  const module = groups.within(groups.within(0, 'PACKAGE', 'lib'), 'MODULE', 'src/a.c')
  const unit = groups.within(groups.within(0, 'PACKAGE', 'ocaml'), 'MODULE', 'Stdlib')
  const code = groups.within(unit, 'CODE', 'code')
  groups.own[groups.within(unit, 'DATA', 'data')] = 3
  // A function of four bytes, a variable of two, and a function of OCaml of five.
  const leaves = {
    count: 3 * count,
    groups: Uint32Array.from({ length: 3 * count }, (_, i) => (i % 3 === 2 ? code : module)),
    bytes: Uint32Array.from({ length: 3 * count }, (_, i) => [4, 2, 5][i % 3] ?? 0),
    symbols: new Uint32Array(3 * count),
  }
  const { tree, foldedCount } = foldTree(
    groups,
    leaves,
    (leaf) => `entry${leaf}`,
    (leaf) => (leaf % 3 === 1 ? 'OBJECT' : 'FUNCTION'),
  )
  expect(foldedCount > 0).toBe(3 * count > 20_000)
  const entry = { sizeBytes: 6 * count, codeBytes: 4 * count, dataBytes: 2 * count }
  const ocaml = { sizeBytes: 5 * count + 3, codeBytes: 5 * count, dataBytes: 3 }
  expect(moduleSizes(tree)).toMatchObject([
    { name: 'src/a.c', ...entry },
    { name: 'Stdlib', ...ocaml },
  ])
  expect(packageSizes(tree)).toMatchObject([
    { name: 'lib', ...entry },
    { name: 'ocaml', ...ocaml },
  ])
})
