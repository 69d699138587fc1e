import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeExactly, showInvalidBytes } from '../../server/formats/exact-text.ts'
import { describeLineEnds } from '../../server/formats/line-ends.ts'

const shown = (...bytes: number[]) => showInvalidBytes(decodeExactly(Uint8Array.from(bytes)))

test.each<[name: string, bytes: number[], text: string]>([
  ['nothing', [], ''],
  ['ASCII and NUL', [0x61, 0x00, 0x62], 'a\0b'],
  ['a byte order mark stays', [0xef, 0xbb, 0xbf, 0x61], '\ufeffa'],
  ['Latin-1', [0x52, 0xe9, 0x6d, 0x69], 'R<E9>mi'],
  ['two, three and four bytes', [...Buffer.from('é€😀')], 'é€😀'],
  ['a character that is cut', [0xe2, 0x82], '<E2><82>'],
  ['a character that is cut by the next', [0xe2, 0x82, 0x61], '<E2><82>a'],
  ['continuation bytes alone', [0x80, 0xbf], '<80><BF>'],
  [
    'overlong forms',
    [0xc0, 0xaf, 0xe0, 0x80, 0xaf, 0xf0, 0x80, 0x80, 0xaf],
    '<C0><AF><E0><80><AF><F0><80><80><AF>',
  ],
  ['a half of a pair', [0xed, 0xa0, 0x80], '<ED><A0><80>'],
  ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80, 0xf5], '<F4><90><80><80><F5>'],
  ['a real replacement character', [...Buffer.from('\ufffd')], '\ufffd'],
])('bytes as text: %s', (_name, bytes, text) => {
  expect(shown(...bytes)).toBe(text)
})

/** Bytes of which many are parts of characters. */
const someBytes = fc
  .array(
    fc.oneof(fc.constantFrom(0x61, 0x80, 0xbf, 0xc3, 0xe9, 0xef, 0xbb, 0xed, 0xa0, 0xf0, 0x9f), fc.nat(255)),
    { maxLength: 12 },
  )
  .map((bytes) => Uint8Array.from(bytes))

test('different bytes are different texts, and valid UTF-8 is its text', () => {
  fc.assert(
    fc.property(someBytes, someBytes, (left, right) => {
      expect(decodeExactly(left) === decodeExactly(right)).toBe(Buffer.compare(left, right) === 0)
    }),
    { seed: 1, numRuns: 3_000 },
  )
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decodeExactly(Buffer.from(text))).toBe(text)
    }),
    { seed: 1, numRuns: 300 },
  )
})

test('whatever the bytes, they can be had back', () => {
  fc.assert(
    fc.property(someBytes, (bytes) => {
      const back = Buffer.concat(
        [...decodeExactly(bytes)].map((character) => {
          const code = character.codePointAt(0) ?? 0
          return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character)
        }),
      )
      expect([...back]).toEqual([...bytes])
    }),
    { seed: 2, numRuns: 3_000 },
  )
})

test.each<[left: string, right: string, words: string | null]>([
  ['a\nb\n', 'a\r\nb\r\n', 'LF → CR LF'],
  ['a\r\nb\n', 'a\nb\n', 'LF and CR LF → LF'],
  ['a\rb\r', 'a\nb\n', 'CR → LF'],
  ['a\n', 'a', 'LF → no line end'],
  ['a\nb\n', 'a\nb', 'the last line has a line end only on the left'],
  ['a\nb', 'a\nb\n', 'the last line has a line end only on the right'],
  ['a\r\nb\n', 'a\nb\r\n', 'LF and CR LF at other lines'],
  ['a\nb\n', 'a\nb\n', null],
  ['a\n', 'b\r\n', null],
  ['echo done', 'echo\rdone', null],
  ['a\n', 'a\n\n', null],
])('line ends of %j and %j: %j', (left, right, words) => {
  expect(describeLineEnds(left, right)).toBe(words)
})
