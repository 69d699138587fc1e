import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffInputs, type InputContents } from '../../../server/diffs/diff-inputs.ts'
import { projectDir } from '../../app.ts'

const none: InputContents = { opamSwitch: null, environment: null, systemPackages: null, script: null }

const fixture = (name: string) => readFileSync(join(projectDir, 'test/formats/opam/fixtures', name))
const earlier = fixture('lighthouse.opam-switch')
const later = fixture('lighthouse-later.opam-switch')

const text = (content: string) => Buffer.from(content)

test('opam switches: versions, packages, opam files with their diff', () => {
  const { opam, missing } = diffInputs({ ...none, opamSwitch: earlier }, { ...none, opamSwitch: later })
  expect(missing).toEqual([])
  expect(opam).toMatchObject({
    onlyLeft: [{ name: 'metrics-influx', version: '0.5.0' }],
    onlyRight: [{ name: 'harbour', version: '1.0~rc1' }],
    versionChanged: [
      { name: 'dune', left: '3.9.1', right: '3.17.0', direction: 'upgrade' },
      { name: 'seagull', left: 'v0.16.0', right: 'v0.9.0', direction: 'downgrade' },
    ],
    fileChanged: [
      { name: 'beacon', version: '0.9', isEffective: true, diff: { removedCount: 1, addedCount: 1 } },
      { name: 'fogbank', isEffective: false },
      { name: 'lighthouse', isEffective: false },
    ],
    duniverse: { onlyLeft: [{ dir: 'door' }], onlyRight: [{ dir: 'railing' }] },
  })
})

test('environment, system packages and script', () => {
  const left = {
    ...none,
    environment: text('HOME=/a\nOLD=1\n'),
    systemPackages: text('gcc=12\npy39-foo-1.2\n'),
    script: text('make\n'),
  }
  const right = {
    ...none,
    environment: text('HOME=/b\n'),
    systemPackages: text('gcc=13\npy39-foo-1.3\n'),
    script: text('make\nmake test\n'),
  }
  expect(diffInputs(left, right)).toMatchObject({
    opam: null,
    environment: {
      onlyLeft: [{ name: 'OLD', value: '1' }],
      onlyRight: [],
      changed: [{ name: 'HOME', left: '/a', right: '/b' }],
    },
    systemPackages: {
      changed: [
        { name: 'gcc', left: '12', right: '13' },
        { name: 'py39-foo', left: '1.2', right: '1.3' },
      ],
    },
    script: { removedCount: 0, addedCount: 1 },
    missing: [],
  })
})

test('the same on both sides: every part is there, and empty', () => {
  const contents = {
    opamSwitch: earlier,
    environment: text('A=1'),
    systemPackages: text('a=1'),
    script: text('x'),
  }
  const diff = diffInputs(contents, contents)
  const nothing = { onlyLeft: [], onlyRight: [], changed: [] }
  expect(diff).toMatchObject({
    opam: { onlyLeft: [], onlyRight: [], versionChanged: [], fileChanged: [], duniverse: nothing },
    environment: nothing,
    systemPackages: nothing,
    script: { hunks: [] },
    missing: [],
  })
})

test.each([
  ['truncated', 'roots: ["a.1"', /^malformed opam file at line 1, column 13/],
  ['deeply nested', `a: ${'['.repeat(100_000)}`, /500/],
  ['a string without an end', `a: "${'x'.repeat(1_000_000)}`, /malformed opam file/],
  ['millions of values', `a: [${'x '.repeat(1_000_000)}]`, /250,000|250000/],
])('a switch that is no export (%s) is told, and the rest is compared', (_name, bad, reason) => {
  const good = { ...none, opamSwitch: earlier, environment: text('A=1') }
  const hostile = { ...good, opamSwitch: text(bad) }
  for (const [left, right, side] of [
    [hostile, good, 'left'],
    [good, hostile, 'right'],
  ] as const) {
    const { opam, environment, missing } = diffInputs(left, right)
    expect(opam).toBeNull()
    expect(environment).toEqual({ onlyLeft: [], onlyRight: [], changed: [] })
    expect(missing).toEqual([{ input: 'OPAM_SWITCH', side, reason: expect.stringMatching(reason) }])
  }
})

test('a switch without a readable duniverse names its side', () => {
  const twoRoots = text('roots: ["a.1" "b.1"]\ninstalled: ["a.1" "b.1"]')
  const { opam, missing } = diffInputs({ ...none, opamSwitch: twoRoots }, { ...none, opamSwitch: earlier })
  expect(opam?.duniverse).toBeNull()
  expect(opam?.onlyLeft).toEqual([
    { name: 'a', version: '1' },
    { name: 'b', version: '1' },
  ])
  expect(missing).toEqual([
    { input: 'DUNIVERSE', side: 'left', reason: 'not a single root package found in opam switch export' },
  ])
})

test('text diffs share one budget', () => {
  const section = (name: string, word: string) =>
    `package "${name}" {\n  build: [${Array.from({ length: 2_000 }, (_, n) => `["${word}" "${n}" "${'x'.repeat(100)}"]`).join('\n')}]\n}\n`
  const names = Array.from({ length: 10 }, (_, n) => `p${n}`)
  const all = (word: string) =>
    text(
      `installed: [${names.map((name) => `"${name}.1"`).join(' ')}]\n${names.map((name) => section(name, word)).join('')}`,
    )
  const { opam } = diffInputs({ ...none, opamSwitch: all('left') }, { ...none, opamSwitch: all('right') })
  const files = opam?.fileChanged ?? []
  expect(files.length).toBe(10)
  expect(files.every(({ diff }) => diff.addedCount >= 2_000)).toBe(true)
  expect(files.some(({ diff }) => diff.isCut)).toBe(true)
  expect(JSON.stringify(files).length).toBeLessThan(3_000_000)
})

test('5,000 mutated inputs are compared or reported as missing', () => {
  const mutated = (source: Buffer) =>
    fc
      .array(fc.tuple(fc.nat(source.length - 1), fc.constantFrom(...'"[]{}()\\\n.:&|!="x1\u0000\u00e9')), {
        maxLength: 8,
      })
      .map((edits) => {
        const characters = [...source.toString('latin1')]
        for (const [at, character] of edits) characters[at] = character
        return Buffer.from(characters.join(''))
      })
  fc.assert(
    fc.property(mutated(earlier), mutated(later), (left, right) => {
      const contents = (bytes: Buffer) => ({
        opamSwitch: bytes,
        environment: bytes,
        systemPackages: bytes,
        script: bytes,
      })
      const { opam, script, missing } = diffInputs(contents(left), contents(right))
      expect(opam === null).toBe(missing.some(({ input }) => input === 'OPAM_SWITCH'))
      expect(script).not.toBeNull()
    }),
    { seed: 7, numRuns: 5_000 },
  )
})
