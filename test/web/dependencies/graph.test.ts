import { describe, expect, test } from 'vitest'
import { describeGraph, describePackage } from '../../../web/dependencies/describe-graph.ts'
import { counted } from '../../../web/ui/counted.ts'
import { radialLayout } from '../../../web/dependencies/radial-layout.ts'
import { shareLevel } from '../../../web/dependencies/share-level.ts'
import { packageAt, placeOf, type Place, rootPlace, walk } from '../../../web/dependencies/walk.ts'
import { graphOfPackages } from './graph.ts'

const graph = graphOfPackages({
  app: ['web', 'log', 'zip'],
  web: ['http', 'log'],
  http: ['parser', 'log'],
  parser: [],
  log: ['fmt'],
  zip: [],
  fmt: [],
  tool: ['fmt'],
})
const at = (name: string) => graph.names.indexOf(name)

test('the summary of a graph in words', () => {
  expect(describeGraph(graph)).toBe(
    '6 packages, 3 of them direct. Needed by most others: log (3), fmt (2). 1 more package in the switch is no part of it.',
  )
  expect(describeGraph(graphOfPackages({ a: ['b'], b: [] }))).toBe('1 package, 1 of them direct.')
  expect(describeGraph(graphOfPackages({ a: [] }))).toBe('0 packages, 0 of them direct.')
  expect(counted(1_234, 'package')).toBe('1,234 packages')
})

test.each([
  ['app', 'app 1, the root'],
  ['web', 'web 1, direct, needed by 1, only it brings 2 more'],
  ['log', 'log 1, direct, needed by 3, only it brings 1 more'],
  ['fmt', 'fmt 1, needed by 2'],
])('%s is told in a line', (name, line) => {
  expect(describePackage(graph, at(name))).toBe(line)
})

test('dominated packages and paths equal those of the analysis', () => {
  const namesOf = (indices: readonly number[]) => indices.map((index) => graph.names[index])
  expect(namesOf(graph.pathTo(at('parser')))).toEqual(['app', 'web', 'http', 'parser'])
  expect(namesOf(graph.broughtBy(at('web')))).toEqual(['http', 'parser'])
  expect(graph.isNeeded(at('tool'))).toBe(false)
  expect(graph.pathTo(at('tool'))).toEqual([at('tool')])
})

test.each([
  [0, 100, 0],
  [1, 100, 0],
  [2, 100, 1],
  [10, 100, 3],
  [100, 100, 5],
  [2, 2, 5],
  [1, 1, 0],
])('needed by %i where the most needed has %i: level %i', (count, most, level) => {
  expect(shareLevel(count, most)).toBe(level)
})

describe('arrow keys', () => {
  const layout = radialLayout(graph)
  /** Petals are in order of names: log, web, zip. In the fan of web: log, http, and parser further below. */
  const go = (from: Place, ...keys: string[]) =>
    keys.reduce<Place | null>((place, key) => place && walk(layout, place, key), from)
  const nameAt = (place: Place | null) => place && graph.names[packageAt(layout, place)]

  test.each([
    [['ArrowDown'], 'log'],
    [['ArrowDown', 'ArrowRight'], 'web'],
    [['ArrowDown', 'ArrowLeft'], 'zip'],
    [['ArrowDown', 'ArrowLeft', 'ArrowRight'], 'log'],
    [['ArrowDown', 'End'], 'zip'],
    [['ArrowDown', 'End', 'Home'], 'log'],
    [['ArrowDown', 'ArrowRight', 'ArrowDown'], 'log'],
    [['ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowRight'], 'http'],
    [['ArrowDown', 'ArrowRight', 'ArrowDown', 'End'], 'parser'],
    [['ArrowDown', 'ArrowRight', 'ArrowDown', 'End', 'Home'], 'log'],
    [['ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowUp'], 'web'],
    [['ArrowDown', 'ArrowUp'], 'app'],
    [['ArrowUp'], null],
    [['ArrowRight'], null],
    [['Home'], null],
    [['End'], null],
    [['x'], null],
    [['ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowDown'], null],
    [['ArrowDown', 'ArrowRight', 'ArrowDown', 'ArrowLeft'], null],
    [['ArrowDown', 'End', 'ArrowDown'], null],
  ])('from the root %j lead to %s', (keys, name) => {
    expect(nameAt(go(rootPlace, ...keys))).toBe(name)
  })

  test('a package is found where the way to it leads', () => {
    for (const name of ['app', 'log', 'web', 'http', 'parser', 'zip', 'fmt'])
      expect(nameAt(placeOf(layout, graph.pathTo(at(name))))).toBe(name)
    expect(placeOf(layout, graph.pathTo(at('tool')))).toBeNull()
  })
})
