import { describe, expect, test } from 'vitest'
import {
  opamCommand,
  opamDependency,
  opamFiltered,
  opamList,
  opamRaw,
  opamString,
  opamStrings,
  printOpamFields,
  type OpamValue,
} from '../../demo/opam-printer.ts'
import { closureOf, dependenciesOf, packagesAt } from '../../demo/package-universe.ts'
import { textOf, demoBuilds } from './demo-builds.ts'

const long = 'x'.repeat(80)

test.each<[string, OpamValue, string]>([
  ['a string with quotes', opamString('say "a\\b"'), 'f: "say \\"a\\\\b\\""\n'],
  ['text of several lines', opamString('one\ntwo'), 'f: """\\\none\ntwo"""\n'],
  ['a long string', opamString(long), `f:\n  "${long}"\n`],
  ['a list of one', opamStrings(['a']), 'f: "a"\n'],
  ['a list that fits', opamStrings(['a', 'b']), 'f: ["a" "b"]\n'],
  ['a list that does not fit', opamStrings([long, 'b']), `f: [\n  "${long}"\n  "b"\n]\n`],
  [
    'a dependency with a filter',
    opamList([opamDependency('ocaml {>= "4.08"}')]),
    'f: [\n  "ocaml" {>= "4.08"}\n]\n',
  ],
  [
    'commands',
    opamList([opamFiltered(opamCommand('"dune" "subst"'), 'dev'), opamCommand('make "-j" jobs')]),
    'f: [\n  ["dune" "subst"] {dev}\n  [make "-j" jobs]\n]\n',
  ],
  ['source text that is laid out', opamRaw('[\n  a\n]'), 'f: [\n  a\n]\n'],
])('prints %s', (_name, value, expected) => {
  expect(printOpamFields([{ name: 'f', value }])).toBe(expected)
})

describe('the package universe', () => {
  const universe = packagesAt(180, null)

  test('has 100 packages and more, whose dependencies are packages too', () => {
    expect(universe.size).toBeGreaterThan(100)
    for (const entry of universe.values())
      for (const name of dependenciesOf(entry, universe)) expect(universe.has(name)).toBe(true)
  })

  test('has dependencies before the packages that need them', () => {
    const order = closureOf(['tls-lwt'], universe).map(({ name }) => name)
    expect(order.indexOf('mirage-crypto')).toBeLessThan(order.indexOf('x509'))
    expect(order.at(-1)).toBe('tls-lwt')
  })

  test.each([
    ['OCaml 5.2 at first', 180, null, '5.2.1'],
    ['OCaml 5.3 since its release', 40, null, '5.3.0'],
    ['the compiler that a job pins', 40, '4.14.2', '4.14.2'],
  ])('has %s', (_name, daysAgo, pinned, version) => {
    expect(packagesAt(daysAgo, pinned).get('ocaml-base-compiler')?.version).toBe(version)
  })
})

describe('the switches', () => {
  const switches = demoBuilds()
    .filter(({ files }) => files.has('opam-switch'))
    .map((build) => ({ job: build.job, text: textOf(build, 'opam-switch') }))

  test('have one root, and a section for every installed package', () => {
    for (const { job, text } of switches) {
      expect(text).toMatch(
        new RegExp(`^opam-version: "2.0"\\nroots: \\["${job}\\.[\\d.]+"\\]\\ninstalled: \\[\\n`),
      )
      const installed = [
        ...(/^installed: \[\n(.*?)\n\]/ms.exec(text)?.[1] ?? '').matchAll(/"([^".]+)\./g),
      ].map((match) => match[1])
      const sections = [...text.matchAll(/^package "([^"]+)" \{$/gm)].map((match) => match[1])
      expect(sections).toEqual(installed)
      expect(sections.length).toBeGreaterThanOrEqual(40)
    }
  })

  test('balance their brackets outside of strings', () => {
    for (const { text } of switches) {
      const bare = text.replaceAll(/"""[^]*?"""|"(?:[^"\\]|\\.)*"/g, '')
      for (const [open, close] of ['[]', '{}', '()'])
        expect(bare.split(open ?? '').length).toBe(bare.split(close ?? '').length)
    }
  })

  test('of unikernels carry what mirage and orb add', () => {
    for (const { job, text } of switches) {
      const isUnikernel = ['dns-primary', 'tls-gateway', 'static-site'].includes(job)
      for (const field of [
        'x-mirage-opam-lock-location',
        'x-opam-monorepo-duniverse-dirs',
        'x-orb-dependencies',
      ]) {
        expect(text.includes(`\n  ${field}: `)).toBe(isUnikernel)
      }
    }
  })

  test('only tls-gateway reports metrics by mirage-monitoring', () => {
    const reporting = switches.filter(({ text }) => text.includes('"mirage-monitoring" {?monorepo}'))
    expect(new Set(reporting.map(({ job }) => job))).toEqual(new Set(['tls-gateway']))
  })
})
