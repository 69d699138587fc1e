import { expect, test } from 'vitest'
import { sizeData } from '../../../web/binary-size/size-data.ts'
import { foundRows, openRows } from '../../../web/binary-size/size-rows.ts'
import { describeScale } from '../../../web/binary-size/size-scale.ts'
import { searchSizes } from '../../../web/binary-size/size-search.ts'
import { nodesOf, readSizeTree, type SizeNode } from '../../../web/binary-size/size-tree.ts'
import {
  describeMatches,
  formatShare,
  noteOfChange,
  wordsOfChange,
  wordsOfSize,
} from '../../../web/binary-size/size-words.ts'
import {
  colourByChange,
  colourByPart,
  formatOklch,
  parseSrgb,
  type Tokens,
} from '../../../web/binary-size/treemap-colours.ts'
import { layoutTreemap } from '../../../web/binary-size/treemap-layout.ts'
import { groupToOpen, walk, walkItems } from '../../../web/binary-size/treemap-walk.ts'
import { sampleColumns } from './sample-tree.ts'

const tree = readSizeTree(sampleColumns(7, 3_000))

/** Two builds: `Grew` +30, `New` +20, `Gone` −40, `Same`. */
const changed = readSizeTree(
  {
    names: ['f', 'a', 'Grew', 'New', 'b', 'Gone', 'Same', '.debug_line'],
    kinds: ['FILE', 'PACKAGE', 'MODULE', 'MODULE', 'PACKAGE', 'MODULE', 'MODULE', 'SECTION'],
    parents: [-1, 0, 1, 1, 0, 4, 4, 0],
    leftSizesBytes: [170, 10, 10, 0, 110, 40, 70, 50],
    rightSizesBytes: [180, 60, 40, 20, 70, 0, 70, 50],
  },
  { weighing: 'change' },
)
const nodeOf = (root: SizeNode, name: string) => {
  const node = [...nodesOf(root)].find((it) => it.name === name)
  if (!node) throw new Error(`no node ${name}`)
  return node
}

test.each([
  [0, 100, '0 %'],
  [0, 0, '0 %'],
  [1, 10_000, '< 0.1 %'],
  [5, 10_000, '0.1 %'],
  [225, 1_000, '22.5 %'],
  [99_999, 100_000, '99.9 %'],
  [100, 100, '100 %'],
])('the share of %i in %i is %s', (bytes, whole, share) => {
  expect(formatShare(bytes, whole)).toBe(share)
})

test.each([
  ['Grew', '+30 B', '10 B → 40 B', '+30 bytes'],
  ['New', 'new, +20 B', '∅ → 20 B', '+20 bytes'],
  ['Gone', 'gone, −40 B', '40 B → ∅', '−40 bytes'],
  ['Same', 'unchanged', '70 B → 70 B', '±0 bytes'],
])('the change of %s is told with its sign', (name, ...facts) => {
  const node = nodeOf(changed, name)
  expect(wordsOfChange(node).facts).toEqual(facts)
  expect(noteOfChange(node)).toBe(facts[0])
})

test('the description of a part has its path, its size, its share, and the exact bytes', () => {
  expect(wordsOfSize(changed, nodeOf(changed, 'Grew'))).toEqual({
    path: 'a › Grew',
    kind: 'module',
    facts: ['40 B', '22.2 % of the file', '40 bytes'],
  })
})

test.each([
  ['nothing', 'Nothing matches.'],
  ['grew', '1 part matches: 10 B → 40 B, +30 B'],
  ['e', '5 parts match: 170 B → 180 B, +10 B'],
])('the search for %s is summed up', (text, words) => {
  const matches = searchSizes(changed, text)
  expect(matches && describeMatches(matches, changed)).toBe(words)
})

test('an arrow leads to the sibling, the part, the group, and nowhere beyond them', () => {
  const layout = layoutTreemap(tree, 1000, 600)
  const [first, second] = walkItems(layout, null).map(({ box }) => box.node)
  const group = tree.children.find(({ children }) => children.length > 1)
  if (!first || !second || !group) throw new Error('too few parts')
  expect(walk(layout, first, 'ArrowDown')).toBe(second)
  expect(walk(layout, second, 'ArrowUp')).toBe(first)
  expect(walk(layout, first, 'ArrowUp')).toBeNull()
  expect(walk(layout, first, 'ArrowLeft')).toBeNull()
  expect(walk(layout, second, 'Home')).toBe(first)
  expect(walk(layout, first, 'a')).toBeNull()
  const inner = walk(layout, group, 'ArrowRight')
  expect(inner?.parent).toBe(group)
  expect(inner && walk(layout, inner, 'ArrowLeft')).toBe(group)
  expect(walk(layout, first, 'End')?.parent).toBe(tree)
})

test('the list of rectangles holds the parts of the view and of the groups on the way', () => {
  const layout = layoutTreemap(tree, 1000, 600)
  const group = tree.children.find(({ children }) => children.length > 1)
  const inner = group && walk(layout, group, 'ArrowRight')
  if (!group || !inner) throw new Error('too few parts')
  const items = walkItems(layout, inner)
  expect(new Set(items.map(({ box }) => box.node.parent))).toEqual(new Set([tree, group]))
  const at = items.findIndex(({ box }) => box.node === group)
  expect(items[at]?.isOpen).toBe(true)
  expect(items[at + 1]).toMatchObject({ level: 2, position: 1, box: { node: inner } })
  expect(items.find(({ box }) => box.node.kind === 'SECTION')?.isOpen).toBeNull()
})

test('a thousand siblings are not all in the list', () => {
  const many = readSizeTree({
    names: Array.from({ length: 1_001 }, (_, i) => `n${i}`),
    kinds: new Array<'DATA'>(1_001).fill('DATA'),
    parents: Array.from({ length: 1_001 }, (_, i) => (i === 0 ? -1 : 0)),
    leftSizesBytes: Array.from({ length: 1_001 }, (_, i) => (i === 0 ? 1_000 : 1)),
    rightSizesBytes: Array.from({ length: 1_001 }, (_, i) => (i === 0 ? 1_000 : 1)),
  })
  expect(walkItems(layoutTreemap(many, 1000, 1000), null)).toHaveLength(300)
})

test('a click opens a group by its head, and anything else one level at a time', () => {
  const layout = layoutTreemap(tree, 1000, 600)
  const boxOf = (wanted: (node: SizeNode) => boolean) => {
    const box = layout.boxes.find(({ node }) => wanted(node))
    if (!box) throw new Error('no such box')
    return box
  }
  const leaf = boxOf(({ kind }) => kind === 'FUNCTION')
  expect(groupToOpen(layout, leaf)?.parent).toBe(tree)
  const module = boxOf(({ kind, children }) => kind === 'MODULE' && children.length > 0)
  expect(groupToOpen(layout, module)).toBe(module.node)
  expect(
    groupToOpen(
      layout,
      boxOf(({ kind }) => kind === 'SECTION'),
    ),
  ).toBeNull()
  expect(
    groupToOpen(
      layout,
      boxOf((node) => node === tree),
    ),
  ).toBeNull()
})

test('rows of the table unfold where they are open, each level sorted', () => {
  const b = nodeOf(changed, 'b')
  const named = (sort: Parameters<typeof openRows>[2]) =>
    openRows(changed, new Set([b.id]), sort).map(({ node, level }) => `${'  '.repeat(level - 1)}${node.name}`)
  expect(named({ by: 'change', isDescending: true })).toEqual(['a', '.debug_line', 'b', '  Same', '  Gone'])
  expect(named({ by: 'name', isDescending: false })).toEqual(['.debug_line', 'a', 'b', '  Gone', '  Same'])
  expect(named({ by: 'left', isDescending: true })).toEqual(['b', '  Same', '  Gone', '.debug_line', 'a'])
  const matches = searchSizes(changed, 'e')
  const found = matches ? foundRows(matches, { by: 'right', isDescending: true }) : []
  expect(found.map(({ node }) => node.name)).toEqual(['Same', '.debug_line', 'Grew', 'New', 'Gone'])
})

test('the own bytes of all rows of the data add up to the file', () => {
  const { rows } = sizeData(tree, false)
  expect(rows.reduce((sum, { ownBytes }) => sum + Number(ownBytes), 0)).toBe(tree.rightBytes)
  expect(rows[0]).toEqual({
    path: '',
    name: 'unikernel.hvt',
    kind: 'FILE',
    sizeBytes: tree.rightBytes,
    ownBytes: 4096,
  })
  expect(sizeData(changed, true).rows).toContainEqual({
    path: 'b/Gone',
    name: 'Gone',
    kind: 'MODULE',
    leftBytes: 40,
    rightBytes: 0,
    changeBytes: -40,
  })
})

const grey = { l: 0.9, c: 0.01, h: 250 }
const tokens: Tokens = {
  hues: Array.from({ length: 8 }, (_, i) => ({ l: 0.86, c: 0.06, h: 45 * i })),
  other: grey,
  unexplained: grey,
  unchanged: grey,
  frame: grey,
  grew: { l: 0.83, c: 0.1, h: 60 },
  shrank: { l: 0.83, c: 0.07, h: 230 },
  isDark: false,
}

test.each([
  ['#ffffff', 1, 0, null],
  ['#000000', 0, 0, null],
  ['#ff0000', 0.628, 0.2577, 29.23],
  ['#00ff00', 0.8664, 0.2948, 142.5],
  ['#0000ff', 0.452, 0.3132, 264.05],
])('the sRGB colour %s has its lightness, chroma and hue', (hex, l, c, h) => {
  const colour = parseSrgb(hex)
  expect(colour.l).toBeCloseTo(l, 3)
  expect(colour.c).toBeCloseTo(c, 3)
  if (h !== null) expect(colour.h).toBeCloseTo(h, 1)
})

test('another notation of colours is refused', () => {
  expect(() => parseSrgb('rgb(0, 0, 0)')).toThrow('rgb(0, 0, 0)')
})

test('every part has a colour, and only unexplained parts are hatched', () => {
  const colours = colourByPart(tree, tokens)
  const fills = [...nodesOf(tree)].map((node) => ({ node, fill: colours(node) }))
  expect(fills.filter(({ fill }) => !/^oklch\([\d.]+ [\d.]+ -?[\d.]+\)$/.test(fill.colour))).toEqual([])
  const hatched = fills.filter(({ fill }) => fill.isHatched).map(({ node }) => node.name)
  expect(hatched).toEqual(expect.arrayContaining(['.debug_info', '.debug_line']))
  expect(hatched).toHaveLength(3)
})

test('the colour of a change shows its direction, and its strength the share of the part', () => {
  const colours = colourByChange(tokens)
  const of = (name: string) => {
    const [l, c, h] = (colours(nodeOf(changed, name)).colour.match(/[\d.]+/g) ?? []).map(Number)
    return { l, c, h }
  }
  expect(of('Grew').h).toBe(60)
  expect(of('Gone').h).toBe(230)
  expect(of('Grew').c).toBeLessThan(of('New').c ?? 0)
  expect(colours(nodeOf(changed, 'New')).colour).toBe(formatOklch(tokens.grew))
  expect(colours(nodeOf(changed, 'Same')).colour).toBe(formatOklch(grey))
})

const facts = {
  fileSizeBytes: 3_588_432,
  explainedBytes: 2_331_099,
  debugBytes: 936_299,
  loadedWithoutSymbolBytes: 313_832,
  otherBytes: 7_202,
  foldedBytes: 0,
  foldedCount: 0,
}

test('the scale begins with the explained bytes, and leaves out empty steps', () => {
  expect(describeScale(facts)).toBe(
    '3.4 MiB: 2.2 MiB explained, 306 KiB loaded without a symbol, 914 KiB for debuggers, 7.0 KiB headers and padding',
  )
  expect(describeScale({ ...facts, debugBytes: 0, foldedBytes: 2_048, foldedCount: 1_234 })).toMatch(
    /^3\.4 MiB: .*; 1,234 small parts \(2\.0 KiB\) are not drawn one by one$/,
  )
})
