import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rankByName } from '../../../server/search/rank.ts'
import { matchOf, readTerm, type SearchTerm } from '../../../server/search/read-term.ts'

const hex = 'add8da60'.repeat(8)
const nothing = { sha256: null, uuid: null, digits: null, uuidStart: null, days: null }
const uuid = 'e2e00000-0000-4000-8000-000000000001'
const day = (text: string) => new Date(`${text}T00:00:00Z`)

test.each<[string, Partial<SearchTerm>]>([
  ['', { words: [] }],
  ['  ', { words: [] }],
  ['dns', { words: ['dns'] }],
  ['DNS-Primary.hvt dns', { words: ['dns', 'primary', 'hvt'] }],
  ['Größe α_β', { words: ['größe', 'α', 'β'] }],
  ['%_\\"*', { words: [] }],
  ['a b c d e f g h i j', { words: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }],
  [hex, { sha256: hex, words: [hex] }],
  [hex.toUpperCase(), { sha256: hex, words: [hex] }],
  [`sha256:${hex}`, { sha256: hex, words: ['sha256', hex] }],
  [`${hex}  dns.hvt`, { sha256: hex, words: [hex, 'dns', 'hvt'] }],
  [`\\${hex} *dns.hvt`, { sha256: hex, words: [hex, 'dns', 'hvt'] }],
  [`SHA256 (dns.hvt) = ${hex}`, { sha256: hex, words: ['sha256', 'dns', 'hvt', hex] }],
  [hex.replace(/(.{16})(?=.)/g, '$1 '), { sha256: hex, words: ['add8da60add8da60'] }],
  ['ADD8DA60', { digits: 'add8da60', uuidStart: 'add8da60', words: ['add8da60'] }],
  ['add8d', { words: ['add8d'] }],
  ['facade', { digits: 'facade', words: ['facade'] }],
  [
    uuid.toUpperCase(),
    { uuid, uuidStart: uuid, words: ['e2e00000', '0000', '4000', '8000', '000000000001'] },
  ],
  ['e2e00000-00', { uuidStart: 'e2e00000-00', words: ['e2e00000', '00'] }],
  ['e2e00000-0000-4', { uuidStart: 'e2e00000-0000-4', words: ['e2e00000', '0000', '4'] }],
  ['2026-11-23', { days: { since: day('2026-11-23'), until: day('2026-11-24') }, words: [] }],
  ['dns 2026-12', { days: { since: day('2026-12-01'), until: day('2027-01-01') }, words: ['dns'] }],
  ['2026-02-30', { words: ['2026', '02', '30'] }],
  ['v2026-11-23', { words: ['v2026', '11', '23'] }],
])('the search %j', (input, parts) => {
  const { text: _text, ...term } = readTerm(input)
  expect(term).toEqual({ ...nothing, ...parts })
})

test('any text is read, and gives words that both databases take', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const term = readTerm(text)
      expect(term.words.length).toBeLessThanOrEqual(8)
      expect(matchOf(term) ?? 'a*').toMatch(/^[\p{L}\p{N}]+\*(?: [\p{L}\p{N}]+\*)*$/u)
    }),
    { seed: 17, numRuns: 50 },
  )
})

test('the name itself comes first, then names that begin so, words that begin so, and parts of words', () => {
  const names = ['openssl', 'ssl-client', 'conf-ssl', 'ssl', 'zlib']
  expect(rankByName(names, readTerm('SSL'), (name) => name)).toEqual([
    'ssl',
    'ssl-client',
    'conf-ssl',
    'openssl',
    'zlib',
  ])
})
