import { expect, test } from 'vitest'
import { formatInteger, parseInteger } from '../../server/formats/asn1-integer.ts'

const place = { format: 'test', what: 'the number', offset: 7 }
const hex = (octets: string) => Buffer.from(octets, 'hex')

test.each([
  ['00', 0n],
  ['7f', 127n],
  ['0080', 128n],
  ['ff', -1n],
  ['80', -128n],
  ['ff7f', -129n],
  ['7fffffffffff', 2n ** 47n - 1n],
  ['800000000000', -(2n ** 47n)],
  ['00800000000000', 2n ** 47n],
  ['ff7fffffffffff', -(2n ** 47n) - 1n],
  ['3fffffffffffffff', 2n ** 62n - 1n],
  ['c000000000000000', -(2n ** 62n)],
])('octets %s are %s, both ways', (octets, value) => {
  expect(parseInteger(hex(octets), place)).toBe(value)
  expect(formatInteger(value)).toEqual(hex(octets))
})

test.each([
  ['no octets', '', 'is an INTEGER without content'],
  ['a redundant 00', '0001', 'is an INTEGER with redundant leading bits'],
  ['a redundant ff', 'ff80', 'is an INTEGER with redundant leading bits'],
  ['2^62', '4000000000000000', 'does not fit 63 bits'],
  ['−2^62 − 1', 'bfffffffffffffff', 'does not fit 63 bits'],
  ['nine octets', '010000000000000000', 'does not fit 63 bits'],
])('parseInteger refuses %s', (_name, octets, reason) => {
  expect(() => parseInteger(hex(octets), place)).toThrow(
    expect.objectContaining({ offset: 7, reason: `the number ${reason}` }),
  )
})

test('formatInteger refuses what 63 bits do not hold', () => {
  expect(() => formatInteger(2n ** 62n)).toThrow(RangeError)
  expect(() => formatInteger(-(2n ** 62n) - 1n)).toThrow(RangeError)
})
