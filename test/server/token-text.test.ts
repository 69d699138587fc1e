import { expect, test } from 'vitest'
import { isTokenText, looksLikeToken, makeTokenText, prefixOf } from '../../server/users/token-text.ts'

test('a new token has its form, and no two are alike', () => {
  const texts = Array.from({ length: 200 }, makeTokenText)
  expect(new Set(texts).size).toBe(200)
  for (const text of texts) {
    expect(text).toMatch(/^bhub_[0-9A-Za-z]{38}$/)
    expect(isTokenText(text)).toBe(true)
    expect(text.startsWith(prefixOf(text))).toBe(true)
  }
})

test('the check digits are the CRC-32 of what is before them, in base 62', () => {
  // Python: zlib.crc32(b'bhub_' + b'0' * 32)
  expect(isTokenText(`bhub_${'0'.repeat(32)}2WazYu`)).toBe(true)
})

test.each([
  ['one character is another', (text: string) => text.replace(/.$/, (end) => (end === 'a' ? 'b' : 'a'))],
  ['one is missing', (text: string) => text.slice(0, -1)],
  ['one too many', (text: string) => `${text}0`],
  ['another marker', (text: string) => text.replace('bhub_', 'BHUB_')],
  ['a space', (text: string) => ` ${text}`],
])('a text is no token: %s', (_what, change) => {
  expect(isTokenText(change(makeTokenText()))).toBe(false)
})

test('what looks like a token is none when it is mistyped', () => {
  expect(looksLikeToken('bhub_x')).toBe(true)
  expect(isTokenText('bhub_x')).toBe(false)
  expect(looksLikeToken('hub_')).toBe(false)
})
