import { expect, test } from 'vitest'
import { parseOpam } from '../../../server/formats/opam/parser.ts'
import { printOpam } from '../../../server/formats/opam/printer.ts'
import { printPackage } from '../../../server/formats/opam/print-package.ts'
import { parseSwitchExport } from '../../../server/formats/opam/switch-export.ts'
import { printable, readFixture } from './fixture.ts'

function reprint(text: string): string {
  return printOpam(parseOpam(text))
}

test('lays out each element of the syntax as opam does', () => {
  expect(`${reprint(readFixture('syntax.opam'))}\n`).toBe(readFixture('syntax.printed.opam'))
})

test.each(['lighthouse.opam-switch', 'lighthouse-later.opam-switch', 'syntax.printed.opam'])(
  '%s, which is laid out so, comes out as it was',
  (name) => {
    expect(`${reprint(readFixture(name))}\n`).toBe(readFixture(name))
  },
)

test.each([
  ['a field of 77 columns stays on its line', `a: "${'x'.repeat(72)}"`, `a: "${'x'.repeat(72)}"`],
  ['a field of 78 does not', `a: "${'x'.repeat(73)}"`, `a:\n  "${'x'.repeat(73)}"`],
  ['columns are bytes', `a: "${'é'.repeat(37)}"`, `a:\n  "${'é'.repeat(37)}"`],
  ['a list that fits stays on its line', 'a: [ "b"\n"c" ]', 'a: ["b" "c"]'],
  ['a list of options does not', 'a: ["b" {c}]', 'a: [\n  "b" {c}\n]'],
  ['a list of lists does not', 'a: [["b"]]', 'a: [\n  ["b"]\n]'],
  ['empty lists are left out', 'a: []\nb: [[]]\nc { d: [] e: 1 }', 'c {\n  e: 1\n}'],
  ['an empty section', 'a {}', 'a {\n  \n}'],
])('layout: %s', (_name, text, expected) => {
  expect(reprint(text)).toBe(expected)
})

// What opam prints so that it reads otherwise: blanks that it loses, a line end, another operator.
test.each([
  ['blanks at the start of lines', String.raw`a: "\ b\nc"`, '"""\\\n\\ b\nc"""'],
  ['a tab at the start of lines', String.raw`a: "\tb\nc"`, '"""\\\n\\tb\nc"""'],
  ['a CR before a line end', String.raw`a: "b\r\nc"`, '"""\\\nb\\r\nc"""'],
  ['a negated comparison', 'a: ! = "1"', '! = "1"'],
])('prints so that it reads the same: %s', (_name, text, expected) => {
  expect(reprint(text)).toContain(expected)
  expect(printable(parseOpam(reprint(text)))).toEqual(printable(parseOpam(text)))
})

test.each([
  ['quotes at the end', String.raw`"\n\""`],
  ['two', String.raw`"\n\"\""`],
  ['three and more', String.raw`"\"\"\"\n\"\"\"\"\""`],
  ['backslashes', String.raw`"\\n\\\n\\"`],
  ['a line end at the start', String.raw`"\n  a"`],
  ['nothing but a line end', String.raw`"\n"`],
  ['control characters', String.raw`"\000\b\x7f\n"`],
])('strings in three quotes read as they were: %s', (_name, text) => {
  expect(printable(parseOpam(reprint(`a: ${text}`)))).toEqual(printable(parseOpam(`a: ${text}`)))
})

test('a package is printed by name and in the order of opam, whatever its own', () => {
  const { packages } = parseSwitchExport(`package "lens" {
    x-b: 1 x-a: 2 url { src: "u" } unknown: 3 depends: ["glass"] version: "4" opam-version: "2.0"
  }`)
  const section = packages.get('lens')
  expect(section && printPackage(section)).toBe(
    'opam-version: "2.0"\nname: "lens"\nversion: "4"\ndepends: ["glass"]\nurl {\n  src: "u"\n}\nunknown: 3\nx-a: 2\nx-b: 1\n',
  )
})
