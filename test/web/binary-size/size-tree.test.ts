import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describePath, findGroup, formatNodePath } from '../../../web/binary-size/node-path.ts'
import { searchSizes } from '../../../web/binary-size/size-search.ts'
import {
  isWithin,
  MalformedSizeTreeError,
  nodesOf,
  readSizeTree,
  type SizeColumns,
  type SizeKind,
  type SizeNode,
} from '../../../web/binary-size/size-tree.ts'
import { sampleColumns } from './sample-tree.ts'

type Row = [name: string, kind: SizeKind, parent: number, leftBytes: number, rightBytes?: number]

function columnsOf(rows: readonly Row[]): SizeColumns {
  return {
    names: rows.map(([name]) => name),
    kinds: rows.map(([, kind]) => kind),
    parents: rows.map(([, , parent]) => parent),
    leftSizesBytes: rows.map(([, , , left]) => left),
    rightSizesBytes: rows.map(([, , , left, right]) => right ?? left),
  }
}

const small: Row[] = [
  ['hello', 'FILE', -1, 1000],
  ['ocaml', 'PACKAGE', 0, 600],
  ['Stdlib', 'MODULE', 1, 500],
  ['List', 'MODULE', 2, 100],
  ['Array', 'MODULE', 2, 400],
  ['fmt', 'PACKAGE', 0, 150],
  ['Fmt', 'MODULE', 5, 150],
]

/** Each node as an indented line. */
function outline(root: SizeNode): string[] {
  return [...nodesOf(root)].map(
    ({ depth, name, kind, weight }) =>
      `${'  '.repeat(depth)}${kind === 'OWN' ? `(${name})` : name} ${weight}`,
  )
}

test('children are ordered by weight, and the rest of a group is a part of its own', () => {
  expect(outline(readSizeTree(columnsOf(small)))).toEqual([
    'hello 1000',
    '  ocaml 600',
    '    Stdlib 500',
    '      Array 400',
    '      List 100',
    '    (ocaml) 100',
    '  (hello) 250',
    '  fmt 150',
    '    Fmt 150',
  ])
})

test('by module the packages are gone, and their modules and own bytes stay', () => {
  expect(outline(readSizeTree(columnsOf(small), { grouping: 'module' }))).toEqual([
    'hello 1000',
    '  Stdlib 500',
    '    Array 400',
    '    List 100',
    '  (hello) 250',
    '  Fmt 150',
    '  (ocaml) 100',
  ])
})

test('a package in a package goes with it, and an empty one stays', () => {
  const rows: Row[] = [
    ['f', 'FILE', -1, 10],
    ['a', 'PACKAGE', 0, 7],
    ['b', 'PACKAGE', 1, 7],
    ['M', 'MODULE', 2, 7],
    ['lone', 'PACKAGE', 0, 3],
  ]
  expect(outline(readSizeTree(columnsOf(rows), { grouping: 'module' }))).toEqual([
    'f 10',
    '  M 7',
    '  lone 3',
  ])
})

test('weighed by change, a group is as heavy as its changes, whatever their signs', () => {
  const rows: Row[] = [
    ['f', 'FILE', -1, 100, 100],
    ['grew', 'MODULE', 0, 10, 40],
    ['shrank', 'MODULE', 0, 40, 10],
    ['same', 'MODULE', 0, 50, 50],
  ]
  expect(outline(readSizeTree(columnsOf(rows), { weighing: 'change' }))).toEqual([
    'f 60',
    '  grew 30',
    '  shrank 30',
    '  same 0',
  ])
})

test('with the explained parts alone, leftovers have no area, and C code does', () => {
  const rows: Row[] = [
    ['f', 'FILE', -1, 100],
    ['ocaml', 'PACKAGE', 0, 30],
    ['C code', 'OTHER', 0, 20],
    ['memcpy', 'FUNCTION', 2, 15],
    ['debug information', 'OTHER', 0, 40],
    ['.debug_line', 'SECTION', 4, 40],
    ['padding', 'OTHER', 0, 4],
  ]
  const root = readSizeTree(columnsOf(rows), { scope: 'explained' })
  expect(outline(root)).toEqual([
    'f 50',
    '  ocaml 30',
    '  C code 20',
    '    memcpy 15',
    '    (C code) 5',
    '  debug information 0',
    '    .debug_line 0',
    '  padding 0',
    '  (f) 0',
  ])
  expect([...nodesOf(root)].filter(({ isExplained }) => !isExplained).map(({ name }) => name)).toEqual([
    'debug information',
    '.debug_line',
    'padding',
    'f',
  ])
})

test('weighed by size, a part of two builds is as heavy as its larger side', () => {
  const rows: Row[] = [
    ['f', 'FILE', -1, 50, 50],
    ['went', 'MODULE', 0, 50, 0],
    ['came', 'MODULE', 0, 0, 50],
  ]
  expect(readSizeTree(columnsOf(rows)).weight).toBe(100)
})

test.each<[string, Row[]]>([
  ['no node', []],
  ['a root with a parent', [['f', 'FILE', 0, 1]]],
  ['two roots', [['f', 'FILE', -1, 1], ['g', 'FILE', -1, 1]]], // prettier-ignore
  ['a node that is its own parent', [['f', 'FILE', -1, 1], ['m', 'MODULE', 1, 1]]], // prettier-ignore
  ['a parent that comes later', [['f', 'FILE', -1, 1], ['m', 'MODULE', 2, 1], ['n', 'MODULE', 0, 1]]], // prettier-ignore
  ['a parent that is closed', [['f', 'FILE', -1, 9], ['m', 'MODULE', 0, 1], ['n', 'MODULE', 0, 1], ['o', 'CODE', 1, 1]]], // prettier-ignore
  ['a parent between two nodes', [['f', 'FILE', -1, 1], ['m', 'MODULE', 0.5, 1]]], // prettier-ignore
  ['parts larger than the whole', [['f', 'FILE', -1, 5], ['m', 'MODULE', 0, 6]]], // prettier-ignore
  ['parts larger on one side', [['f', 'FILE', -1, 5, 5], ['m', 'MODULE', 0, 4, 6]]], // prettier-ignore
  ['a negative size', [['f', 'FILE', -1, -1]]],
  ['no number as size', [['f', 'FILE', -1, NaN]]],
  ['an endless size', [['f', 'FILE', -1, Infinity]]],
  ['half a byte', [['f', 'FILE', -1, 0.5]]],
])('no tree: %s', (_name, rows) => {
  expect(() => readSizeTree(columnsOf(rows))).toThrow(MalformedSizeTreeError)
})

test('columns of different lengths are no tree', () => {
  expect(() => readSizeTree({ ...columnsOf(small), parents: [-1] })).toThrow(MalformedSizeTreeError)
})

test('more nodes than a browser bears are no tree', () => {
  const many = (value: number) => new Array<number>(200_001).fill(value)
  const columns = {
    names: many(0).map(String),
    kinds: [],
    parents: [],
    leftSizesBytes: [],
    rightSizesBytes: [],
  }
  expect(() => readSizeTree(columns)).toThrow('200001 nodes')
})

test('a chain of 100,000 groups is read without a deep stack', () => {
  const rows = Array.from({ length: 100_000 }, (_, i): Row => [`n${i}`, 'MODULE', i - 1, 1])
  expect([...nodesOf(readSizeTree(columnsOf(rows)))].at(-1)?.depth).toBe(99_999)
})

test('whatever the columns, there is a tree that adds up, or a refusal', () => {
  const size = fc.integer({ min: -1, max: 50 })
  const row = fc.tuple(
    fc.string({ maxLength: 3 }),
    fc.constantFrom<SizeKind>('PACKAGE', 'MODULE', 'CODE', 'FUNCTION'),
    fc.integer({ min: -1, max: 12 }),
    size,
    size,
  )
  const options = fc.record({
    weighing: fc.constantFrom('size' as const, 'change' as const),
    grouping: fc.constantFrom('package' as const, 'module' as const),
    scope: fc.constantFrom('all' as const, 'explained' as const),
  })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), options, (rows, how) => {
      let root
      try {
        root = readSizeTree(columnsOf(rows), how)
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedSizeTreeError)
        return
      }
      expectWhole(root)
    }),
    { seed: 19, numRuns: 5_000 },
  )
})

test.each([1, 2, 3])('a tree of 20,000 nodes adds up, grouped either way (seed %i)', (seed) => {
  const columns = sampleColumns(seed, 20_000)
  const byPackage = readSizeTree(columns)
  const byModule = readSizeTree(columns, { grouping: 'module' })
  for (const root of [byPackage, byModule]) expectWhole(root)
  expect(byModule.weight).toBe(byPackage.weight)
  expect([...nodesOf(byModule)].some(({ kind }) => kind === 'PACKAGE')).toBe(false)
})

/** Every group is the sum of its parts. */
function expectWhole(root: SizeNode): void {
  const sums = ['weight', 'leftBytes', 'rightBytes'] as const
  const off = [...nodesOf(root)].filter(
    (node) =>
      node.children.length > 0 &&
      sums.some((of) => node.children.reduce((total, child) => total + child[of], 0) !== node[of]),
  )
  expect(off).toEqual([])
}

test('every group is found again by its path, if no other has its name', () => {
  const root = readSizeTree(columnsOf(small))
  const stdlib = findGroup(root, 'ocaml/Stdlib')
  expect(stdlib.name).toBe('Stdlib')
  expect(formatNodePath(stdlib)).toBe('ocaml/Stdlib')
  expect(describePath(stdlib)).toBe('ocaml › Stdlib')
  expect(formatNodePath(root)).toBe('')
  expect(describePath(root)).toBe('hello')
  expect(isWithin(stdlib, findGroup(root, 'ocaml'))).toBe(true)
  expect(isWithin(stdlib, findGroup(root, 'fmt'))).toBe(false)
})

test.each([
  ['', 'hello'],
  ['nowhere', 'hello'],
  ['ocaml/nowhere/List', 'ocaml'],
  ['ocaml/Stdlib/List', 'Stdlib'],
])('the path %j leads to the group %s', (path, name) => {
  expect(findGroup(readSizeTree(columnsOf(small)), path).name).toBe(name)
})

test('slashes and tildes in names are no steps of a path', () => {
  const rows: Row[] = [
    ['f', 'FILE', -1, 1],
    ['a/b~1', 'MODULE', 0, 1],
    ['c', 'MODULE', 1, 1],
  ]
  const root = readSizeTree(columnsOf(rows))
  expect(findGroup(root, 'a~1b~01').name).toBe('a/b~1')
  expect(findGroup(root, formatNodePath(findGroup(root, 'a~1b~01'))).name).toBe('a/b~1')
})

test('a search ignores case, and counts bytes in nested matches once', () => {
  const matches = searchSizes(readSizeTree(columnsOf(small)), ' A ')
  expect(matches?.tops.map(({ name }) => name)).toEqual(['ocaml'])
  expect(matches?.ids.size).toBe(2)
  expect(matches?.rightBytes).toBe(600)
  // List and Stdlib are within a match, though they are none.
  expect(matches?.within.size).toBe(5)
})

test('the file itself is no match, and a blank search is none', () => {
  const root = readSizeTree(columnsOf(small))
  expect(searchSizes(root, 'hello')?.tops).toEqual([])
  expect(searchSizes(root, '  ')).toBeNull()
})
