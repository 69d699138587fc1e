import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cachedMeasure, fitLabel } from '../../../web/binary-size/fit-label.ts'
import { isWithin, readSizeTree, type SizeNode } from '../../../web/binary-size/size-tree.ts'
import { boxAt, layoutTreemap, type Box } from '../../../web/binary-size/treemap-layout.ts'
import { transitionOf } from '../../../web/binary-size/treemap-transition.ts'
import { sampleColumns } from './sample-tree.ts'

const tree = readSizeTree(sampleColumns(7, 20_000))
const area = ({ x0, y0, x1, y1 }: Pick<Box, 'x0' | 'y0' | 'x1' | 'y1'>) => (x1 - x0) * (y1 - y0)
const heaviestGroup = (node: SizeNode) => node.children.find(({ children }) => children.length > 0) ?? node

const seeds = fc.integer({ min: 1, max: 1_000 })
const sides = fc.integer({ min: 1, max: 1_400 })

test('parts lie within their group and do not overlap', () => {
  fc.assert(
    fc.property(seeds, sides, sides, (seed, width, height) => {
      const { boxes } = layoutTreemap(readSizeTree(sampleColumns(seed, 400)), width, height)
      const byNode = new Map(boxes.map((box) => [box.node, box]))
      const areaOfParts = new Map<SizeNode, number>()
      for (const box of boxes) {
        const { node, x0, y0, x1, y1 } = box
        if (!node.parent) continue
        const group = byNode.get(node.parent)
        if (!group) throw new Error('a part is drawn without its group')
        expect(Math.min(x0 - group.x0, y0 - group.y0, group.x1 - x1, group.y1 - y1)).toBeGreaterThan(-1e-6)
        areaOfParts.set(node.parent, (areaOfParts.get(node.parent) ?? 0) + area(box))
      }
      for (const [node, parts] of areaOfParts) {
        const group = byNode.get(node)
        expect(parts).toBeLessThan((group ? area(group) : 0) + 1e-3)
      }
    }),
    { seed: 19, numRuns: 100 },
  )
})

test('the boxes of a group are those up to its end', () => {
  const { boxes } = layoutTreemap(tree, 900, 600)
  const off = boxes.filter(({ node, end }, index) => {
    const [last, next] = [boxes[end - 1], boxes[end]]
    return end <= index || !last || !isWithin(last.node, node) || (next && isWithin(next.node, node))
  })
  expect(off).toEqual([])
})

test('the parts of the view are as large as they are heavy', () => {
  const { boxes, width, height } = layoutTreemap(tree, 1200, 600)
  const parts = boxes.filter(({ node }) => node.parent === tree)
  expect(parts.length).toBeGreaterThan(20)
  for (const box of parts) {
    expect(area(box) / (width * height)).toBeCloseTo(box.node.weight / tree.weight, 6)
  }
})

test('nothing is laid out that is too small to be seen', () => {
  const { boxes } = layoutTreemap(tree, 300, 200)
  expect(boxes.length).toBeLessThan(6_000)
  for (const { x0, y0, x1, y1 } of boxes) expect(Math.min(x1 - x0, y1 - y0)).toBeGreaterThanOrEqual(0.75)
})

test.each([
  ['no room', 0, 0],
  ['no height', 300, 0],
  ['a negative width, as of a box that is not there yet', -4, 100],
])('%s gives the view alone', (_name, width, height) => {
  expect(layoutTreemap(tree, width, height).boxes.map(({ node }) => node)).toEqual([tree])
})

test('a tree without bytes is one rectangle', () => {
  const empty = readSizeTree({
    names: ['f', 'm'],
    kinds: ['FILE', 'MODULE'],
    parents: [-1, 0],
    leftSizesBytes: [0, 0],
    rightSizesBytes: [0, 0],
  })
  expect(layoutTreemap(empty, 100, 100).boxes).toHaveLength(1)
})

test('a chain of 20,000 groups is laid out as deep as it is seen', () => {
  const count = 20_000
  const chain = readSizeTree({
    names: new Array<string>(count).fill('m'),
    kinds: new Array<'MODULE'>(count).fill('MODULE'),
    parents: Array.from({ length: count }, (_, i) => i - 1),
    leftSizesBytes: new Array<number>(count).fill(9),
    rightSizesBytes: new Array<number>(count).fill(9),
  })
  expect(layoutTreemap(chain, 4000, 4000).boxes.length).toBeLessThan(60)
})

test('the box at a point is the innermost one there', () => {
  const layout = layoutTreemap(tree, 800, 500)
  fc.assert(
    fc.property(fc.double({ min: 0, max: 799.9, noNaN: true }), fc.integer({ min: 0, max: 499 }), (x, y) => {
      const found = boxAt(layout, x, y)
      const holding = layout.boxes.filter(({ x0, y0, x1, y1 }) => x >= x0 && x < x1 && y >= y0 && y < y1)
      expect(found?.node.depth).toBe(Math.max(...holding.map(({ node }) => node.depth)))
      for (const { node } of holding) expect(found && isWithin(found.node, node)).toBe(true)
    }),
    { seed: 19, numRuns: 300 },
  )
  expect(boxAt(layout, 800, 10)).toBeNull()
  expect(boxAt(layout, -1, 10)).toBeNull()
})

test.each(['in', 'out'])('zooming %s starts at the one layout and ends at the other', (direction) => {
  const outer = layoutTreemap(tree, 800, 500)
  const inner = layoutTreemap(heaviestGroup(tree), 800, 500)
  const [from, to] = direction === 'in' ? [outer, inner] : [inner, outer]
  const { moves, placesAt } = transitionOf(from, to)
  const expectAt = (t: number, boxes: readonly Box[], drawn: (fate: string) => boolean) => {
    const places = placesAt(t)
    const shown = moves.flatMap((move, i) =>
      drawn(move.fate) ? [{ id: move.box.node.id, place: [...places.slice(4 * i, 4 * i + 4)] }] : [],
    )
    const wanted = boxes.map(({ node, x0, y0, x1, y1 }) => ({ id: node.id, place: [x0, y0, x1, y1] }))
    const byId = new Map(shown.map(({ id, place }) => [id, place]))
    expect(shown).toHaveLength(wanted.length)
    const off = wanted.filter(({ id, place }) =>
      place.some((value, i) => !(Math.abs((byId.get(id)?.[i] ?? NaN) - value) < 0.01)),
    )
    expect(off).toEqual([])
  }
  expectAt(0, from.boxes, (fate) => fate !== 'comes')
  expectAt(1, to.boxes, (fate) => fate !== 'goes')
})

test('the moves of a group are those up to its end', () => {
  const { moves } = transitionOf(layoutTreemap(tree, 800, 500), layoutTreemap(heaviestGroup(tree), 800, 500))
  const off = moves.filter(({ box, fate, end }, index) => {
    const inside = moves.filter(
      (move, at) =>
        at >= index && (move.fate === 'goes') === (fate === 'goes') && isWithin(move.box.node, box.node),
    )
    return end - index !== inside.length
  })
  expect(off).toEqual([])
})

test('a group that is entered fills the picture, and its neighbours leave it', () => {
  const group = heaviestGroup(tree)
  const { moves, placesAt } = transitionOf(layoutTreemap(tree, 800, 500), layoutTreemap(group, 800, 500))
  const places = placesAt(1)
  moves.forEach(({ box, fate }, i) => {
    if (fate !== 'goes' || isWithin(box.node, group) || isWithin(group, box.node)) return
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = places.slice(4 * i, 4 * i + 4)
    expect(x1 <= 0.01 || y1 <= 0.01 || x0 >= 799.99 || y0 >= 499.99).toBe(true)
  })
})

test('between two views that share nothing, everything still has a finite place', () => {
  const groups = tree.children.filter(({ children }) => children.length > 0)
  const [one, other] = [groups[0] ?? tree, groups.at(-1) ?? tree]
  const { placesAt } = transitionOf(layoutTreemap(one, 640, 400), layoutTreemap(other, 640, 400))
  expect(placesAt(0.5).every(Number.isFinite)).toBe(true)
})

const eightEach = (text: string) => 8 * [...text].length

test.each([
  ['all that fits', 'Stdlib', 48, 'Stdlib'],
  ['a cut in the middle', 'Mirage_crypto_ec', 64, 'Mira…_ec'],
  ['the shortest label that says something', 'Mirage_crypto', 48, 'Mir…to'],
  ['none for less', 'Mirage_crypto', 47, null],
  ['a short name is never cut to less', 'ab', 15, null],
  ['no width', 'Stdlib', 0, null],
  ['letters of two code units stay whole', '𝔸𝔹𝔻𝔼𝔽𝔾𝕀', 48, '𝔸𝔹𝔻…𝔾𝕀'],
])('a label: %s', (_name, text, width, expected) => {
  expect(fitLabel(text, width, eightEach)).toBe(expected)
})

test('a label never is wider than its room', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 600 }), fc.integer({ min: -5, max: 400 }), (text, width) => {
      const label = fitLabel(text, width, eightEach)
      if (label !== null && label !== text) expect(eightEach(label)).toBeLessThanOrEqual(width)
      if (label === text) expect(eightEach(text)).toBeLessThanOrEqual(Math.max(0, width))
    }),
    { seed: 19 },
  )
})

test('a text is measured once, and the memory of it is bounded', () => {
  const measured: string[] = []
  const measure = cachedMeasure((text) => measured.push(text), 2)
  for (const text of ['a', 'a', 'b', 'c', 'c', 'a']) measure(text)
  expect(measured).toEqual(['a', 'b', 'c', 'a'])
})
