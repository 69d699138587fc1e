import { expect, test } from 'vitest'
import { hasCorpus, corpusPath } from '../../corpus.ts'
import { seeded } from '../../formats/whole-record.ts'
import type { PackageGraph } from '../../../web/dependencies/package-graph.ts'
import { type Point, radialLayout } from '../../../web/dependencies/radial-layout.ts'
import { graphOfFile, graphOfPackages } from './graph.ts'

const distance = (l: Point, r: Point) => Math.hypot(l.x - r.x, l.y - r.y)

/** What must hold of every picture. */
function check(graph: PackageGraph): void {
  const layout = radialLayout(graph)
  const discs = layout.petals.map(({ x, y, radius }) => ({ x, y, radius }))
  const dots = layout.petals.flatMap((petal) => petal.dots.map(({ x, y }) => ({ x, y, radius: 4.5 })))
  const all = [{ x: 0, y: 0, radius: layout.rootRadius }, ...discs, ...dots]

  const drawn = new Set([
    0,
    ...layout.petals.flatMap(({ index, dots }) => [index, ...dots.map((dot) => dot.index)]),
  ])
  const needed = graph.names.map((_, index) => index).filter((index) => index === 0 || graph.isNeeded(index))
  expect([...drawn].toSorted((l, r) => l - r)).toEqual(needed)

  for (const petal of layout.petals) {
    const own = petal.dots.filter(({ isDeeper }) => !isDeeper).map(({ index }) => index)
    expect(own.toSorted((l, r) => l - r)).toEqual(graph.dependencies[petal.index])
    for (const { index } of petal.dots.filter(({ isDeeper }) => isDeeper))
      expect(graph.pathTo(index)[1]).toBe(petal.index)
  }

  // Nothing lies on something else: of each pair of dots, the nearest are a gap apart.
  all.forEach((one, at) => {
    for (const other of all.slice(at + 1))
      if (distance(one, other) < one.radius + other.radius)
        throw new Error(`${JSON.stringify(one)} lies on ${JSON.stringify(other)}`)
  })

  for (const bounds of [layout.bounds, layout.boundsOfDots])
    for (const { x, y, radius } of all) {
      expect(x - radius).toBeGreaterThanOrEqual(bounds.x)
      expect(y - radius).toBeGreaterThanOrEqual(bounds.y)
      expect(x + radius).toBeLessThanOrEqual(bounds.x + bounds.width)
      expect(y + radius).toBeLessThanOrEqual(bounds.y + bounds.height)
    }
}

test('a root alone, one dependency, and a cycle', () => {
  check(graphOfPackages({ root: [] }))
  check(graphOfPackages({ root: ['a'], a: [] }))
  check(graphOfPackages({ root: ['a'], a: ['b'], b: ['c', 'root'], c: ['a'] }))
})

test('200 random switches: each needed package is drawn, none upon another', () => {
  const random = seeded(2_026_14)
  for (let run = 0; run < 200; run += 1) {
    const names = Array.from({ length: 1 + random(60) }, (_, index) => `p${index}`)
    const most = 1 + random(12)
    check(
      graphOfPackages(
        Object.fromEntries(
          names.map((name) => [
            name,
            Array.from({ length: random(most) }, () => names[random(names.length)] ?? name),
          ]),
        ),
      ),
    )
  }
})

test('a thousand direct dependencies are laid out', () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `p${index}`)
  check(graphOfPackages({ root: names, ...Object.fromEntries(names.map((name) => [name, []])) }))
})

test
  .skipIf(!hasCorpus)
  .each(['solo5/202312', 'caldav/202206', 'unipi/202608', 'irmin-cli/202312', 'octez/202412'])(
  'the packages of %s do not lie on each other',
  (name) => check(graphOfFile(corpusPath('switches', name, 'opam-switch'))),
)

test('the most shared packages are nearest to the direct dependency, the deepest ones farthest', () => {
  const { petals } = radialLayout(
    graphOfPackages({
      root: ['a', 'b'],
      a: ['rare', 'ocaml'],
      b: ['ocaml'],
      rare: ['deep'],
      ocaml: [],
      deep: [],
    }),
  )
  const graph = graphOfPackages({ root: [], deep: [], ocaml: [], rare: [] })
  expect(graph.names).toEqual(['root', 'deep', 'ocaml', 'rare'])
  expect(petals[0]?.dots.map(({ isDeeper }) => isDeeper)).toEqual([false, false, true])
  const [first, second, last] = petals[0]?.dots ?? []
  const toMiddle = (point: Point | undefined) => Math.round(distance(point ?? { x: 0, y: 0 }, { x: 0, y: 0 }))
  expect(toMiddle(first)).toBeLessThanOrEqual(toMiddle(second))
  expect(toMiddle(second)).toBeLessThanOrEqual(toMiddle(last))
})

test('names start beyond their fans and are cut when long', () => {
  const long = `mirage-${'x'.repeat(60)}`
  const { petals, bounds, boundsOfDots } = radialLayout(
    graphOfPackages({ root: [long], [long]: ['a'], a: [] }),
  )
  expect(petals[0]?.label.text).toMatch(/^mirage-x{24}…$/)
  const [dot] = petals[0]?.dots ?? []
  expect(Math.hypot(petals[0]?.label.x ?? 0, petals[0]?.label.y ?? 0)).toBeGreaterThan(
    Math.hypot(dot?.x ?? 0, dot?.y ?? 0),
  )
  expect(bounds.height).toBeGreaterThan(boundsOfDots.height)
})
