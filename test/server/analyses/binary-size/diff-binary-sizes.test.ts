import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { linkProgram, type ProgramSource } from '../../../../demo/ocaml-program.ts'
import {
  analyseBinarySize,
  type BinarySize,
} from '../../../../server/analyses/binary-size/analyse-binary-size.ts'
import {
  diffBinarySizes,
  mergeTrees,
  signedBytes,
  type SizeTreeDiff,
} from '../../../../server/analyses/binary-size/diff-binary-sizes.ts'
import type { SizeNodeKind, SizeTree } from '../../../../server/analyses/binary-size/size-tree.ts'

type Node = { name: string; kind: SizeNodeKind; own: number; children: Node[] }

/** The columns of a tree. */
function columnsOf(root: Node): SizeTree {
  const tree: SizeTree = { names: [], kinds: [], parents: [], sizes: [] }
  const add = ({ name, kind, own, children }: Node, parent: number): number => {
    const node = tree.names.push(name) - 1
    tree.kinds.push(kind)
    tree.parents.push(parent)
    tree.sizes.push(0)
    tree.sizes[node] = own + children.reduce((sum, child) => sum + add(child, node), 0)
    return tree.sizes[node]
  }
  add(root, -1)
  return tree
}

const leaf = (kind: SizeNodeKind, name: string, own: number): Node => ({ kind, name, own, children: [] })
const node = (kind: SizeNodeKind, name: string, ...children: Node[]): Node => ({
  kind,
  name,
  own: 0,
  children,
})

/** Rows of a merged tree: `path left → right`. */
function rowsOf({ names, parents, leftSizes, rightSizes }: SizeTreeDiff): string[] {
  const paths: string[] = []
  names.forEach((name, index) => {
    const parent = paths[parents[index] ?? -1]
    paths.push(parent === undefined || parent === '' ? (index === 0 ? '' : name) : `${parent}/${name}`)
  })
  return paths.map((path, index) => `${path} ${leftSizes[index]} → ${rightSizes[index]}`.trim())
}

const merge = (left: Node, right: Node, atLeast = 1) =>
  rowsOf(mergeTrees(columnsOf(left), columnsOf(right), atLeast))

test('nodes are matched by kind and name, from the root on', () => {
  const left = node('FILE', 'file', node('PACKAGE', 'a', leaf('DATA', 'data', 10)), leaf('OTHER', 'b', 5))
  const right = node('FILE', 'file', node('PACKAGE', 'a', leaf('DATA', 'data', 30)), leaf('PACKAGE', 'b', 7))
  expect(merge(left, right)).toEqual(['15 → 37', 'a 10 → 30', 'a/data 10 → 30', 'b 0 → 7', 'b 5 → 0'])
})

test('functions of a module are matched without their number', () => {
  const left = node(
    'FILE',
    'file',
    node(
      'CODE',
      'code',
      leaf('FUNCTION', 'map_12', 10),
      leaf('FUNCTION', 'fun_1_2', 4),
      leaf('FUNCTION', 'fun_3', 6),
    ),
  )
  const right = node(
    'FILE',
    'file',
    node('CODE', 'code', leaf('FUNCTION', 'map_19_23_code', 12), leaf('FUNCTION', 'fun_7', 5)),
  )
  expect(merge(left, right)).toEqual(['20 → 17', 'code 20 → 17', 'code/map 10 → 12', 'code/fun 10 → 5'])
})

test('functions of C keep theirs', () => {
  const file = (name: string) => node('FILE', 'file', node('MODULE', 'sha.c', leaf('FUNCTION', name, 8)))
  expect(merge(file('sha_256'), file('sha_512'))).toEqual([
    '8 → 8',
    'sha.c 8 → 8',
    'sha.c/sha_256 8 → 0',
    'sha.c/sha_512 0 → 8',
  ])
})

test('entries that either side may have folded are left out', () => {
  const left = node('FILE', 'file', leaf('PACKAGE', 'a', 9), leaf('PACKAGE', 'b', 20))
  const right = node('FILE', 'file', leaf('PACKAGE', 'a', 8), leaf('PACKAGE', 'b', 5))
  expect(merge(left, right, 10)).toEqual(['29 → 13', 'b 20 → 5'])
})

test('the union has no more nodes than one tree may have', () => {
  const many = (prefix: string) =>
    columnsOf(
      node(
        'FILE',
        'file',
        ...Array.from({ length: 19_000 }, (_, i) => leaf('OBJECT', `${prefix}${i}`, 1 + (i % 500))),
      ),
    )
  const tree = mergeTrees(many('a'), many('b'), 1)
  expect(tree.names.length).toBeLessThanOrEqual(20_000)
  expect(tree.names.length).toBeGreaterThan(19_000)
  expect(
    Math.min(...tree.leftSizes.map((size, index) => Math.max(size, tree.rightSizes[index] ?? 0))),
  ).toBeGreaterThan(200)
})

const treesOf = (depth: number): fc.Arbitrary<Node> =>
  fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'f_1', 'f_2'),
    kind: fc.constantFrom<SizeNodeKind[]>('PACKAGE', 'MODULE', 'CODE', 'FUNCTION'),
    own: fc.nat(9),
    children: depth === 0 ? fc.constant<Node[]>([]) : fc.array(treesOf(depth - 1), { maxLength: 3 }),
  })
const anyTree = treesOf(4)

test('the bytes of both sides are all there, in a tree of the same form', () => {
  fc.assert(
    fc.property(anyTree, anyTree, (left, right) => {
      const [one, other] = [columnsOf(left), columnsOf(right)]
      const { names, parents, leftSizes, rightSizes } = mergeTrees(one, other, 0)
      expect([leftSizes[0], rightSizes[0]]).toEqual([one.sizes[0], other.sizes[0]])
      expect(parents.every((parent, index) => parent < index)).toBe(true)
      for (const sizes of [leftSizes, rightSizes]) {
        const own = [...sizes]
        for (let index = 1; index < names.length; index++) own[parents[index] ?? 0]! -= sizes[index]!
        expect(own.every((bytes) => bytes >= 0)).toBe(true)
      }
      // Turned around it is the same.
      const turned = mergeTrees(other, one, 0)
      expect([turned.leftSizes, turned.rightSizes]).toEqual([rightSizes, leftSizes])
    }),
    { seed: 4, numRuns: 1_000 },
  )
})

test.each([
  [0, '±0 B'],
  [512, '+512 B'],
  [-1023, '−1023 B'],
  [14_234, '+13.9 KiB'],
  [-5 * 1024 ** 2, '−5.0 MiB'],
  [3 * 1024 ** 4, '+3.0 TiB'],
])('%i bytes are %s', (bytes, words) => {
  expect(signedBytes(bytes)).toBe(words)
})

describe('a program and its next version', () => {
  const unit = (name: string, version: string, codeKiB: number) => ({
    name,
    codeKiB,
    origin: `${name} ${version}`,
    directory: `${name.toLowerCase()}.${version}/src`,
  })
  const source = (...units: ProgramSource['units']): ProgramSource => ({
    compiler: '5.2.1',
    units,
    stubs: [],
    runsOn: { kind: 'solo5', target: 'hvt', devices: [] },
    texts: [],
  })
  const sizeOf = (...units: ProgramSource['units']): BinarySize =>
    analyseBinarySize(linkProgram(source(...units)).debug)
  const left = sizeOf(unit('Dns', '1', 40), unit('Lru', '1', 10))
  const right = sizeOf(unit('Dns', '2', 80), unit('Lru', '1', 10), unit('Tls', '1', 200))
  const diff = diffBinarySizes(left, right)

  test('unchanged entries are left out', () => {
    expect(diff.packages.map(({ name }) => name)).toEqual(['tls', 'dns'])
    expect(diff.modules.map(({ name }) => name)).toEqual(['Tls', 'Dns'])
  })

  test('the summary names the largest changes', () => {
    expect(diff.summary).toMatch(
      /^\+[\d.]+ KiB: \+[\d.]+ KiB in tls, \+[\d.]+ KiB in debug [a-z ]+, \+[\d.]+ KiB in dns/,
    )
  })

  test('against itself there is nothing to tell', () => {
    const same = diffBinarySizes(left, left)
    expect([same.summary, same.packages, same.modules]).toEqual(['nothing changed its size', [], []])
    expect(same.tree.leftSizes).toEqual(same.tree.rightSizes)
  })
})
