import { expect, test } from 'vitest'
import { analyseDependencies } from '../../../../server/analyses/dependencies/analyse-dependencies.ts'
import { packageSets } from '../../../../server/analyses/dependencies/package-sets.ts'
import { readFixture } from '../../../formats/opam/fixture.ts'
import { bytesOf, switchText } from './switch-text.ts'

test('the dependencies of a switch', () => {
  expect(analyseDependencies(bytesOf(readFixture('lighthouse.opam-switch')))).toMatchSnapshot()
})

const analyse = (packages: Record<string, readonly string[]>, more?: string) => {
  const result = analyseDependencies(bytesOf(switchText(packages, more)))
  const sets = packageSets(result)
  const namesOf = (indices: readonly number[] | null) => indices?.map((index) => result.names[index]) ?? null
  const about = (name: string) => {
    const index = result.names.indexOf(name)
    return {
      path: namesOf(sets.findPath(index)),
      brings: namesOf(sets.findOnlyBrought(index)),
      needs: namesOf(sets.dependencies[index] ?? []),
      needsInAll: namesOf(sets.findAllDependencies(index)),
      neededBy: namesOf(sets.dependants[index] ?? []),
      counts: [result.dependencyCounts[index], result.dependantCounts[index]],
    }
  }
  return { result, about }
}

test('a package has its shortest path, its dominated packages, and its dependents', () => {
  const { about } = analyse({
    app: ['web', 'log'],
    web: ['http', 'log'],
    http: ['parser', 'log'],
    parser: [],
    log: ['fmt'],
    fmt: [],
  })
  expect(about('http')).toEqual({
    path: ['app', 'web', 'http'],
    brings: ['parser'],
    needs: ['log', 'parser'],
    needsInAll: ['fmt', 'log', 'parser'],
    neededBy: ['web'],
    counts: [3, 2],
  })
  expect(about('log')).toMatchObject({
    path: ['app', 'log'],
    brings: ['fmt'],
    neededBy: ['app', 'http', 'web'],
  })
  expect(about('app')).toMatchObject({
    path: ['app'],
    brings: ['fmt', 'http', 'log', 'parser', 'web'],
    counts: [5, 0],
  })
})

test('cycles end, and nothing in them counts itself', () => {
  const { about } = analyse({ a: ['b'], b: ['c'], c: ['b', 'a', 'c'] })
  expect(about('b')).toEqual({
    path: ['a', 'b'],
    brings: ['c'],
    needs: ['c'],
    needsInAll: ['a', 'c'],
    neededBy: ['a', 'c'],
    counts: [2, 2],
  })
})

test('packages that the root does not need are listed without a path', () => {
  const { about } = analyse({ a: ['b'], b: [], tool: ['b'] })
  expect(about('tool')).toMatchObject({ path: null, brings: [], needs: ['b'], counts: [1, 0] })
  expect(about('b')).toMatchObject({ path: ['a', 'b'], neededBy: ['a', 'tool'] })
})

test('of a formula each installed package counts, whatever its filter', () => {
  const { result } = analyse(
    { root: ['x'], x: [], y: [], z: [] },
    'depends: ["x" {>= "1" & (build | with-test)} | ("y" & !"gone") "z" {os = "linux"} "root"] depopts: ["q" "x"]',
  )
  expect(result.names).toEqual(['root', 'x', 'y', 'z'])
  expect(result.edges).toEqual({ from: [0, 0, 0], to: [1, 2, 3] })
})

test('names are in the order of opam, which ignores case', () => {
  const { result } = analyse({ r: [], 'Lib-b': [], 'lib-a': [], 'lib-B': [], 'lib-b': [] })
  expect(result.names).toEqual(['r', 'lib-a', 'Lib-b', 'lib-B', 'lib-b'])
})

const vendored =
  'x-opam-monorepo-duniverse-dirs: [["https://x.example/v-1.tbz" "v"] ["git+https://x.example/w" "w"]]'

test('directories of the duniverse are dependencies of the root', () => {
  const { result, about } = analyse({ root: ['x'], x: [], w: [] }, vendored)
  expect(about('root').needs).toEqual(['v', 'w', 'x'])
  const at = result.names.indexOf('v')
  expect([result.origins[at], result.versions[at], result.isDescribed[at]]).toEqual(['VENDORED', null, false])
  expect(result.sourceUrls[result.names.indexOf('w')]).toBe('git+https://x.example/w')
})

test("the root's own map of dependencies takes the place of all opam files", () => {
  const { result, about } = analyse(
    { root: ['x', 'tool'], x: ['tool'], tool: [] },
    `${vendored} x-orb-dependencies: [["root" ["v" "x"]] ["v" ["v-lwt" "x"]] ["v-lwt" "v"] ["x" []]]`,
  )
  expect(about('root').needs).toEqual(['v', 'x'])
  expect(about('v')).toMatchObject({ needs: ['v-lwt', 'x'], brings: ['v-lwt'], neededBy: ['root', 'v-lwt'] })
  expect(about('tool')).toMatchObject({ path: null, neededBy: [] })
  expect(Object.fromEntries(result.names.map((name, index) => [name, result.origins[index]]))).toEqual({
    root: 'INSTALLED',
    tool: 'INSTALLED',
    x: 'INSTALLED',
    v: 'VENDORED',
    'v-lwt': 'NAMED',
  })
})

test.each([
  ['nothing', '', '0 root packages: a graph has exactly one root'],
  ['two roots', 'roots: ["a.1" "b.1"] installed: ["a.1" "b.1"]', '2 root packages'],
  [
    'no opam file',
    'roots: "a.1" installed: "a.1"',
    'no opam file of the root package a: exported without --full?',
  ],
  ['a text cut short', 'roots: "a.1', 'malformed opam file'],
  ['a list of packages that is none', 'roots: [1]', 'roots is no list of packages'],
  ['a map that is none', switchText({ a: [] }, 'x-orb-dependencies: "b"'), 'x-orb-dependencies: not a list'],
  [
    'an entry without a name',
    switchText({ a: [] }, 'x-orb-dependencies: [[]]'),
    'entry 1 is no [name [name…]]',
  ],
  ['an entry of more', switchText({ a: [] }, 'x-orb-dependencies: [["a" []] ["b" [] []]]'), 'entry 2 is no'],
  ['needing a number', switchText({ a: [] }, 'x-orb-dependencies: [["a" ["b" 1]]]'), 'entry 1 is no'],
  [
    'a duniverse that is none',
    switchText({ a: [] }, 'x-opam-monorepo-duniverse-dirs: [1]'),
    'entry 1 is no [url dir [hash…]]',
  ],
  [
    'a long name',
    switchText({ a: [], ['b'.repeat(256)]: [] }),
    'a package name of 256 characters: at most 255',
  ],
  [
    'many packages',
    switchText(Object.fromEntries(Array.from({ length: 5_001 }, (_, index) => [`p${index}`, []]))),
    '5001 packages: at most 5000 are read',
  ],
  [
    'many dependencies',
    switchText(
      Object.fromEntries(
        Array.from({ length: 400 }, (_, index) => [
          `p${index}`,
          Array.from({ length: 400 }, (_, other) => `p${other}`),
        ]),
      ),
    ),
    'too many dependencies: at most 100000 are read',
  ],
])('%s has no graph: the reason is told', (_name, text, message) => {
  expect(() => analyseDependencies(bytesOf(text))).toThrow(message)
})

test('5,000 packages of 20 dependencies each take seconds, not minutes', () => {
  const count = 5_000
  const text = switchText(
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `p${index}`,
        Array.from({ length: 20 }, (_, other) => `p${(index * 7 + other * other * 31 + 1) % count}`),
      ]),
    ),
  )
  const before = process.cpuUsage()
  const { edges, dependencyCounts } = analyseDependencies(bytesOf(text))
  const { user, system } = process.cpuUsage(before)
  expect(edges.from.length).toBeGreaterThan(90_000)
  expect(dependencyCounts[0]).toBe(count - 1)
  expect((user + system) / 1e6).toBeLessThan(40)
})
