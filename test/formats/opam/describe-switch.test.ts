import { expect, test } from 'vitest'
import { describeSwitch } from '../../../server/formats/opam/describe-switch.ts'
import { OpamLimitError, OpamSyntaxError } from '../../../server/formats/opam/opam-error.ts'
import { readFixture } from './fixture.ts'

const metrics = 'Unikernels (with metrics reported to Influx)'

test('describes by the root package', () => {
  expect(describeSwitch(readFixture('lighthouse.opam-switch'))).toEqual({
    section: metrics,
    synopsis: 'A light at the end of the network',
    description: 'Answers every request with light.\n\nIt has no "off" switch.',
  })
})

test.each([
  ['a package', 'roots: "a.1" package "a" {}', 'Packages'],
  [
    'a package that installs metrics-influx',
    'roots: "a.1" installed: ["metrics-influx.1"] package "a" {}',
    'Packages',
  ],
  ['a lock location', 'roots: "a.1" package "a" { x-mirage-opam-lock-location: "b" }', 'Unikernels'],
  ['a name', 'roots: "mirage-unikernel-a.1"', 'Unikernels'],
  ['a name that only contains it', 'roots: "a-mirage-unikernel-b.1"', 'Packages'],
  ['installed metrics', 'roots: "mirage-unikernel-a.1" installed: ["metrics-influx.1"]', metrics],
  [
    'monitoring that the root depends on',
    'roots: "mirage-unikernel-a.1" package "mirage-unikernel-a" { depends: ["b" ("c" | "mirage-monitoring" {>= "1"})] }',
    metrics,
  ],
  [
    'monitoring that another depends on',
    'roots: "mirage-unikernel-a.1" package "b" { depends: ["mirage-monitoring"] }',
    'Unikernels',
  ],
  [
    'monitoring in a filter',
    'roots: "mirage-unikernel-a.1" package "mirage-unikernel-a" { depends: ["b" {= "mirage-monitoring"}] }',
    'Unikernels',
  ],
])('section: %s', (_name, text, section) => {
  expect(describeSwitch(text)?.section).toBe(section)
})

test.each([
  ['no section', 'roots: "a.1"', null],
  ['no synopsis', 'roots: "a.1" package "a" {}', null],
  ['an empty one', 'roots: "a.1" package "a" { synopsis: " " }', null],
  ['blanks around it', 'roots: "a.1" package "a" { synopsis: " b " }', 'b'],
  ['no string', 'roots: "a.1" package "a" { synopsis: ["b"] }', null],
])('synopsis: %s', (_name, text, synopsis) => {
  expect(describeSwitch(text)).toEqual({ section: 'Packages', synopsis, description: null })
})

test('texts of absurd length are cut, between characters', () => {
  const text = (length: number) => `${'a'.repeat(length - 1)}🐫`
  const of = (synopsis: string, description: string) =>
    describeSwitch(`roots: "a.1" package "a" { synopsis: "${synopsis}" description: "${description}" }`)
  expect(of(text(499), text(19_999))).toMatchObject({ synopsis: text(499), description: text(19_999) })
  expect(of(text(500), text(20_000))).toMatchObject({
    synopsis: `${'a'.repeat(499)}…`,
    description: `${'a'.repeat(19_999)}…`,
  })
})

test.each([
  ['no roots', ''],
  ['two roots', 'roots: ["a.1" "b.1"]'],
])('nothing is known of: %s', (_name, text) => {
  expect(describeSwitch(text)).toBeNull()
})

test.each([
  ['no opam file', '<html>', OpamSyntaxError],
  ['a file beyond the limits', `roots: ${'['.repeat(1000)}`, OpamLimitError],
])('%s is refused', (_name, text, error) => {
  expect(() => describeSwitch(text)).toThrow(error)
})
