import { expect, test } from 'vitest'
import { OpamSyntaxError } from '../../../server/formats/opam/opam-error.ts'
import { findRoot, parseSwitchExport } from '../../../server/formats/opam/switch-export.ts'
import { readFixture } from './fixture.ts'

test('reads roots, installed packages and sections', () => {
  const it = parseSwitchExport(readFixture('lighthouse.opam-switch'))
  expect(it.roots).toEqual([{ name: 'lighthouse', version: '1.2.0' }])
  expect(it.installed.map(({ name, version }) => `${name} ${version}`)).toEqual([
    'beacon 0.9',
    'dune 3.9.1',
    'fogbank 2',
    'lighthouse 1.2.0',
    'metrics-influx 0.5.0',
    'ocaml 5.1.1',
    'seagull v0.16.0',
  ])
  expect([...it.packages.keys()]).toEqual(['beacon', 'fogbank', 'lighthouse', 'seagull'])
  expect(findRoot(it)).toEqual({ root: it.roots[0], section: it.packages.get('lighthouse') })
})

test('an empty file is a switch without packages', () => {
  expect(parseSwitchExport('')).toEqual({
    roots: [],
    installed: [],
    pinned: [],
    compiler: [],
    packages: new Map(),
  })
})

test.each([
  ['one package without brackets', 'roots: "a.1"', [{ name: 'a', version: '1' }]],
  ['a version with dots', 'roots: ["a.1.0.0"]', [{ name: 'a', version: '1.0.0' }]],
  ['an empty list', 'roots: []', []],
  ['a list given twice: the last', 'roots: ["a.1"] roots: ["b.2"]', [{ name: 'b', version: '2' }]],
])('reads lists: %s', (_name, text, roots) => {
  expect(parseSwitchExport(text).roots).toEqual(roots)
})

test('reads pinned packages and the compiler', () => {
  const it = parseSwitchExport('compiler: ["ocaml.5.1.1"]\npinned: "a.dev"')
  expect(it.pinned).toEqual([{ name: 'a', version: 'dev' }])
  expect(it.compiler).toEqual([{ name: 'ocaml', version: '5.1.1' }])
})

test('options of pinned packages are ignored, as opam does', () => {
  const pinned = (list: string) => parseSwitchExport(`pinned: ${list}`).pinned
  const zone = { name: 'zone', version: '1.0' }
  expect(pinned('["zone.1.0" {"git" "https://example.org/z.git"} "a.2"]')).toEqual([
    zone,
    { name: 'a', version: '2' },
  ])
  expect(pinned('"zone.1.0" {"path" "/z"}')).toEqual([zone])
  expect(() => parseSwitchExport('roots: ["zone.1.0" {"git"}]')).toThrow('roots is no list of packages')
})

test.each([
  ['two roots', 'roots: ["a.1" "b.2"]'],
  ['no root', 'installed: ["a.1"]'],
])('has no single root: %s', (_name, text) => {
  expect(findRoot(parseSwitchExport(text))).toBeNull()
})

test('a root may lack its section', () => {
  expect(findRoot(parseSwitchExport('roots: "a.1"'))).toEqual({
    root: { name: 'a', version: '1' },
    section: null,
  })
})

test.each([
  ['an integer', 'opam-version: "2.0"\nroots: [1]', 2, 'roots is no list of packages'],
  ['a name without a version', 'installed: ["a.1" "b"]', 1, 'installed has "b", which is no name.version'],
  ['a version without a name', 'installed: ".1"', 1, 'installed has ".1", which is no name.version'],
  ['an empty version', '\npinned: "a."', 2, 'pinned has "a.", which is no name.version'],
])('rejects in lists: %s', (_name, text, line, reason) => {
  expect(() => parseSwitchExport(text)).toThrow(expect.objectContaining({ line, column: 0, reason }) as Error)
  expect(() => parseSwitchExport(text)).toThrow(OpamSyntaxError)
})
