import { expect, test } from 'vitest'
import { diffSwitches } from '../../../server/formats/opam/diff-switches.ts'
import { parseSwitchExport } from '../../../server/formats/opam/switch-export.ts'
import { readFixture } from './fixture.ts'

function diff(left: string, right: string) {
  return diffSwitches(parseSwitchExport(left), parseSwitchExport(right))
}

const earlier = readFixture('lighthouse.opam-switch')
const later = readFixture('lighthouse-later.opam-switch')

test('finds each kind of change', () => {
  const { changedSections, duniverse, ...packages } = diff(earlier, later)
  expect(packages).toEqual({
    onlyLeft: [{ name: 'metrics-influx', version: '0.5.0' }],
    onlyRight: [{ name: 'harbour', version: '1.0~rc1' }],
    changedVersions: [
      { name: 'dune', left: '3.9.1', right: '3.17.0', direction: 'upgrade' },
      { name: 'seagull', left: 'v0.16.0', right: 'v0.9.0', direction: 'downgrade' },
    ],
    withoutSection: [],
  })
  expect(
    changedSections.map(({ name, version, isEffectivelyEqual }) => [name, version, isEffectivelyEqual]),
  ).toEqual([
    ['beacon', '0.9', false],
    ['fogbank', '2', true],
    ['lighthouse', '1.2.0', true],
  ])
  expect(duniverse).toMatchObject({
    kind: 'compared',
    onlyLeft: [{ dir: 'door', url: 'git+https://lighthouse.example/door.git#0123456' }],
    onlyRight: [{ dir: 'railing', url: 'git+https://lighthouse.example/railing.git#89abcde' }],
    changed: [
      {
        dir: 'lamp',
        isSameContent: false,
        left: { url: 'https://lighthouse.example/lamp-1.tbz' },
        right: { url: 'https://lighthouse.example/lamp-2.tbz' },
        hashes: [
          { kind: 'md5', left: '4'.repeat(32), right: '5'.repeat(32) },
          { kind: 'sha256', left: null, right: '6'.repeat(64) },
        ],
      },
      { dir: 'stairs', isSameContent: false, hashes: [] },
    ],
  })
})

test('a changed section comes as two whole opam files', () => {
  const [beacon] = diff(earlier, later).changedSections
  const left = beacon?.left.split('\n') ?? []
  const right = beacon?.right.split('\n') ?? []
  expect(left.slice(0, 3)).toEqual(['opam-version: "2.0"', 'name: "beacon"', 'version: "0.9"'])
  expect(left.filter((line) => !right.includes(line))).toEqual(['  "ocaml" {>= "4.08.0"}'])
  expect(right.filter((line) => !left.includes(line))).toEqual(['  "ocaml" {>= "4.08.0" & < "6.0"}'])
})

test('a switch does not differ from itself', () => {
  expect(diff(earlier, earlier)).toEqual({
    onlyLeft: [],
    onlyRight: [],
    changedVersions: [],
    changedSections: [],
    withoutSection: [],
    duniverse: { kind: 'compared', onlyLeft: [], onlyRight: [], changed: [] },
  })
})

test('swapping sides swaps the diff', () => {
  const forth = diff(earlier, later)
  const back = diff(later, earlier)
  expect(back.onlyLeft).toEqual(forth.onlyRight)
  expect(back.changedVersions.map(({ direction }) => direction)).toEqual(['downgrade', 'upgrade'])
  expect(back.changedSections.map(({ left, right }) => [right, left])).toEqual(
    forth.changedSections.map(({ left, right }) => [left, right]),
  )
})

test('another spelling of a version is a change, but no upgrade', () => {
  expect(diff('installed: "a.1.0"', 'installed: "a.1.00"').changedVersions).toEqual([
    { name: 'a', left: '1.0', right: '1.00', direction: 'respelled' },
  ])
})

test('the layout and order of a section are no change', () => {
  const left = 'installed: "a.1" package "a" { version: "1" synopsis: "b" }'
  const right = 'installed: "a.1" package "a" {\n synopsis: "b"\n\n version: "1" # !\n}'
  expect(diff(left, right).changedSections).toEqual([])
})

test('a section that only one side has is told apart from a change', () => {
  const withSection = 'installed: ["a.1" "b.1"] package "a" { version: "1" }'
  const { changedSections, withoutSection } = diff(withSection, 'installed: ["a.1" "b.1"]')
  expect(changedSections).toEqual([])
  expect(withoutSection).toEqual([{ name: 'a', version: '1', side: 'right' }])
})

const dirs = (value: string) => `roots: "a.1" package "a" { x-opam-monorepo-duniverse-dirs: ${value} }`
const md5 = '0123456789abcdef0123456789ABCDEF'

test.each([
  ['no field on both sides', 'roots: "a.1" package "a" {}', 'roots: "a.1" package "a" {}', []],
  ['equal hashes of another URL', dirs(`[["u" "d" ["md5=${md5}"]]]`), dirs(`[["v" "d" ["md5=${md5}"]]]`), []],
  [
    'hashes in another case or without a kind',
    dirs(`[["u" "d" ["md5=${md5}"]]]`),
    dirs(`[["u" "d" ["${md5.toLowerCase()}"]]]`),
    [],
  ],
  ['no hashes, the same URL', dirs('[["u" "d"]]'), dirs('[["u" "d" []]]'), []],
  ['no hashes, another URL', dirs('[["u" "d"]]'), dirs('[["v" "d"]]'), ['d']],
  ['hashes on one side', dirs('[["u" "d"]]'), dirs(`[["u" "d" ["md5=${md5}"]]]`), ['d']],
])('duniverse: %s', (_name, left, right, changed) => {
  const { duniverse } = diff(left, right)
  expect(duniverse.kind === 'compared' && duniverse.changed.map(({ dir }) => dir)).toEqual(changed)
})

test('a folder with more hashes of the same content is listed, and told apart', () => {
  const sha256 = '0'.repeat(64)
  const right = dirs(`[["u" "d" ["sha256=${sha256}" "md5=${md5}"]]]`)
  const { duniverse } = diff(dirs(`[["u" "d" ["md5=${md5}"]]]`), right)
  expect(duniverse).toMatchObject({
    changed: [{ dir: 'd', isSameContent: true, hashes: [{ kind: 'sha256', left: null, right: sha256 }] }],
  })
})

test.each([
  ['no root', '', 'not a single root package found in opam switch export'],
  ['two roots', 'roots: ["a.1" "b.1"]', 'not a single root package found in opam switch export'],
  ['no section of the root', 'roots: "a.1"', "opam switch export doesn't contain the main package"],
  ['no list', dirs('"u"'), 'x-opam-monorepo-duniverse-dirs: not a list'],
  ['no folder', dirs('[["u" "d"] ["u"]]'), 'x-opam-monorepo-duniverse-dirs: entry 2 is no [url dir [hash…]]'],
  ['too much', dirs('[["u" "d" [] []]]'), 'x-opam-monorepo-duniverse-dirs: entry 1 is no [url dir [hash…]]'],
  [
    'no list of hashes',
    dirs('[["u" "d" "md5=1"]]'),
    'x-opam-monorepo-duniverse-dirs: the hashes of "d" are no list',
  ],
  [
    'a hash too short',
    dirs('[["u" "d" ["md5=1"]]]'),
    'x-opam-monorepo-duniverse-dirs: "d" has a hash that is neither MD5, SHA-256 nor SHA-512',
  ],
])('the duniverse is unavailable, with the reason: %s', (_name, text, reason) => {
  const whole = 'roots: "a.1" package "a" {}'
  const [left, right] = [
    { side: 'left', reason },
    { side: 'right', reason },
  ]
  expect(diff(text, whole).duniverse).toEqual({ kind: 'unavailable', reasons: [left] })
  expect(diff(whole, text).duniverse).toEqual({ kind: 'unavailable', reasons: [right] })
  expect(diff(text, text).duniverse).toEqual({ kind: 'unavailable', reasons: [left, right] })
})
