import { expect, test } from 'vitest'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import {
  dotRadius,
  growthStep,
  namesWithRoom,
  type PlacedName,
} from '../../../web/dependencies/names-with-room.ts'
import { radialLayout } from '../../../web/dependencies/radial-layout.ts'
import { placesOf } from '../../../web/dependencies/walk.ts'
import { graphOfFile, graphOfPackages } from './graph.ts'

/** 40 packages that all of the direct ones need. */
const shared = Array.from({ length: 40 }, (_, index) => `shared-package-${index}`)
const crowded = graphOfPackages({
  root: ['left', 'middle', 'right'],
  ...Object.fromEntries(['left', 'middle', 'right'].map((name) => [name, shared])),
  ...Object.fromEntries(shared.map((name) => [name, []])),
})
const layout = radialLayout(crowded)
const dotCount = layout.petals.reduce((sum, { dots }) => sum + dots.length, 0)

/** Of names as wide as they are taken for, where distances have grown. */
function expectApart(names: readonly PlacedName[], growth: number): void {
  const boxes = names.map(({ x, y, dx, dy, anchor, text }) => {
    const width = text.length * 6.6
    const left = x * growth + dx - { start: 0, middle: width / 2, end: width }[anchor]
    return { left, right: left + width, middle: y * growth + dy }
  })
  boxes.forEach((one, at) => {
    for (const other of boxes.slice(at + 1))
      if (
        one.left < other.right - 0.1 &&
        other.left < one.right - 0.1 &&
        Math.abs(one.middle - other.middle) < 13.9
      )
        throw new Error(`${JSON.stringify(one)} covers ${JSON.stringify(other)}`)
  })
}

test('the closer, the more names; at the closest nearly all of them', () => {
  const counts = [1, 2, 3, 4, 6].map((growth) => namesWithRoom(layout, crowded.names, growth, true).length)
  expect(counts).toEqual(counts.toSorted((l, r) => l - r))
  expect(counts[0]).toBeLessThan(dotCount / 3)
  expect(counts.at(-1)).toBeGreaterThan(dotCount * 0.9)
})

test.each([1, 2, 3.5, 6])('grown by %d, no name covers another or a node', (growth) => {
  const names = namesWithRoom(layout, crowded.names, growth, true)
  expectApart(names, growth)
  for (const { x, y, dx, dy } of names)
    for (const dot of layout.petals.flatMap(({ dots }) => dots)) {
      const [left, top] = [(dot.x - x) * growth - dx, (dot.y - y) * growth - dy]
      expect(Math.hypot(left, top)).toBeGreaterThan(dotRadius(dot) * Math.sqrt(growth))
    }
})

test('direct dependencies have names of their own where those around the circle are missing or far', () => {
  const directOnes = (growth: number, withLabels: boolean) =>
    namesWithRoom(layout, crowded.names, growth, withLabels).filter(({ dot }) => dot < 0)
  expect(directOnes(1, true)).toEqual([])
  expect(directOnes(1, false).map(({ text }) => text)).toEqual(['left', 'middle', 'right'])
  expect(directOnes(6, true).map(({ text }) => text)).toEqual(['left', 'middle', 'right'])
})

test('the search for room uses steps, and each step is valid up to the next one', () => {
  expect([1, 1.1, 1.2, 2, 2.3, 2.4].map(growthStep)).toEqual([1, 1, 2 ** 0.25, 2, 2, 2 ** 1.25])
})

test('a package is in all fans that have it, first in that on the way to it', () => {
  const index = crowded.names.indexOf('shared-package-7')
  const places = placesOf(layout, crowded.pathTo(index))
  expect(places[0]?.petal).toBe(0)
  expect(new Set(places.map(({ petal }) => petal))).toEqual(new Set([0, 1, 2]))
  expect(placesOf(layout, [0])[0]).toEqual({ petal: -1, dot: -1 })
})

test.skipIf(!hasCorpus)('of a real switch with hundreds of packages most have names at the closest', () => {
  const graph = graphOfFile(corpusPath('switches', 'octez/202412', 'opam-switch'))
  const real = radialLayout(graph)
  const all = real.petals.reduce((sum, { dots }) => sum + dots.length, 0)
  const names = namesWithRoom(real, graph.names, 6, true)
  expectApart(names, 6)
  expect(names.filter(({ dot }) => dot >= 0).length).toBeGreaterThan(all * 0.6)
})
