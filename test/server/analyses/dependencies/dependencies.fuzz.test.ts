import { expect, test } from 'vitest'
import {
  analyseDependencies,
  type DependenciesResult,
} from '../../../../server/analyses/dependencies/analyse-dependencies.ts'
import { packageSets } from '../../../../server/analyses/dependencies/package-sets.ts'
import { DomainError } from '../../../../server/errors.ts'
import { readFixture } from '../../../formats/opam/fixture.ts'
import { inputs, seedOf } from '../../../long.ts'
import { seeded } from '../../../formats/whole-record.ts'
import { bytesOf, switchText } from './switch-text.ts'

/** What must hold of any result, found out by following the edges one by one. */
function check(result: DependenciesResult): void {
  const { names, edges, parents } = result
  const sets = packageSets(result)
  const count = names.length
  for (const column of [result.versions, result.origins, result.sourceUrls, result.isDescribed])
    expect(column.length).toBe(count)
  expect(new Set(names).size).toBe(count)
  const edgeCount = sets.dependencies.reduce((sum, needed) => sum + needed.length, 0)
  expect(edgeCount).toBe(edges.from.length)

  const reach = (start: number, removed: number) => {
    const reached = new Set(start === removed ? [] : [start])
    for (const at of reached)
      edges.from.forEach((from, edge) => {
        const to = edges.to[edge] ?? -1
        if (from === at && to !== removed) reached.add(to)
      })
    return reached
  }
  const fromRoot = reach(0, -1)
  const ascending = (all: Iterable<number>) => [...all].toSorted((l, r) => l - r)
  for (const index of names.keys()) {
    const own = reach(index, -1)
    own.delete(index)
    expect(sets.findAllDependencies(index)).toEqual(ascending(own))
    expect(result.dependencyCounts[index]).toBe(own.size)
    const left = reach(0, index)
    const gone = [...fromRoot].filter((one) => !left.has(one) && one !== index)
    expect(sets.findOnlyBrought(index)).toEqual(fromRoot.has(index) ? ascending(gone) : [])
    const path = sets.findPath(index)
    expect(path !== null).toBe(fromRoot.has(index))
    path?.slice(1).forEach((one, at) => {
      expect(parents[one]).toBe(path[at])
      expect(sets.dependencies[path[at] ?? -1]).toContain(one)
    })
  }
  expect(ascending(result.dependantCounts).at(-1)).toBeLessThan(count)
}

test('300 random switches: sets, paths and dominated packages equal those of a plain search', () => {
  const random = seeded(seedOf(2_026_12))
  for (let run = 0; run < 300; run += 1) {
    const names = Array.from({ length: 1 + random(24) }, (_, index) => `p${index}`)
    const density = 1 + random(4)
    const packages = names.map((name): [string, string[]] => [
      name,
      Array.from({ length: random(density + 1) }, () => names[random(names.length)] ?? name),
    ])
    check(analyseDependencies(bytesOf(switchText(Object.fromEntries(packages)))))
  }
})

const pieces = [
  ...['"', '[', ']', '{', '}', '(', ')', '|', '&', '!', ' ', '\n', '"beacon"', '"lens"', '"lighthouse"'],
  ...[
    'depends: ',
    'depopts: ["seagull"]',
    'x-orb-dependencies: [["lighthouse" ["lens"]]]',
    '["a" ["b"]]',
    '1',
  ],
  ...['roots: []', 'installed: ["a.1"]', 'package "a" { depends: "dune" }'],
]

test('mutated switches give a graph or a reason', () => {
  const random = seeded(seedOf(2_026_13))
  const original = readFixture('lighthouse.opam-switch')
  const seen = { graphs: 0, refused: 0 }
  for (let run = 0; run < inputs(20_000); run += 1) {
    let text = original
    for (let left = 1 + random(3); left > 0; left -= 1) {
      const at = random(text.length + 1)
      const piece = pieces[random(pieces.length)] ?? ''
      text = text.slice(0, at) + piece + text.slice(at + (random(3) === 0 ? random(30) : 0))
    }
    try {
      const result = analyseDependencies(bytesOf(text))
      seen.graphs += 1
      if (run % 20 === 0) check(result)
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      seen.refused += 1
    }
  }
  expect(seen.graphs).toBeGreaterThan(inputs(2_000))
  expect(seen.refused).toBeGreaterThan(inputs(2_000))
})
