import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareVersions } from '../../../server/formats/opam/version.ts'

test.each([
  ['a candidate is before its release', '1.0~rc1', '1.0'],
  ['~ is before the end', '1.0~', '1.0'],
  ['~~ is before ~', '1.0~~', '1.0~'],
  ['~ after ~ counts', '1.0~~a', '1.0~'],
  ['candidates count up', '1.0~rc1', '1.0~rc2'],
  ['alpha is before beta', '1.0~alpha7', '1.0~beta1'],
  ['parts are numbers', 'v0.9', 'v0.16'],
  ['and not texts', '1.9', '1.10'],
  ['numbers of any length', '1.99999999999999999999', '1.100000000000000000000'],
  ['numbers that differ beyond 2^53', '9007199254740992', '9007199254740993'],
  ['a suffix is after its release', '1.0', '1.0+dune'],
  ['letters are before other characters', '1.0a', '1.0+'],
  ['capitals are before small letters', '1.0Z', '1.0a'],
  ['a further part', '1.0', '1.0.1'],
  ['a letter after a number', '4.14.0', '4.14.0a'],
  ['a number before a letter', '1', 'a'],
  ['no version', '', '1'],
  ['~ is before no version', '~', ''],
  ['a colon is no epoch', '2:1', '3'],
  ['a colon is after a dot', '1.1', '1:1'],
  ['words', 'base', 'dev'],
])('%s', (_name, older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0)
  expect(compareVersions(newer, older)).toBeGreaterThan(0)
})

test.each([
  ['1.0', '1.0'],
  ['1.00', '1.0'],
  ['1.007', '1.7'],
  ['0', ''],
  ['1.0a', '1.0a0'],
])('%s and %s have the same rank', (left, right) => {
  expect(compareVersions(left, right)).toBe(0)
  expect(compareVersions(right, left)).toBe(0)
})

const version = fc.string({ unit: fc.constantFrom(...'~~019aZ.+-:é'), maxLength: 6 })
const runs = { seed: 20_260_822, numRuns: 20_000 }

test('swapping sides swaps the order', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) || 0)
    }),
    runs,
  )
})

test('the order is transitive', () => {
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      const [oldest = '', middle = '', newest = ''] = [a, b, c].sort(compareVersions)
      expect(compareVersions(oldest, middle)).toBeLessThanOrEqual(0)
      expect(compareVersions(middle, newest)).toBeLessThanOrEqual(0)
      expect(compareVersions(oldest, newest)).toBeLessThanOrEqual(0)
    }),
    runs,
  )
})

test('versions of the same rank differ at most in leading zeros', () => {
  const withoutZeros = (text: string) =>
    text.replace(/(?<![0-9])0+(?=[0-9])/g, '').replace(/(?<![0-9])0$/, '')
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(compareVersions(a, b) === 0).toBe(withoutZeros(a) === withoutZeros(b))
    }),
    runs,
  )
})
