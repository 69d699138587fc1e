import { expect, test } from 'vitest'
import { extendLineRange, formatLineRange, parseLineRange } from '../../web/console/line-range.ts'
import { groupBySection } from '../../web/home/sections.ts'
import { readPage, withParameters } from '../../web/paging/page.ts'
import { paths } from '../../web/paths.ts'
import { countHashDigits, parseSearchTerm } from '../../web/search/term.ts'

test.each([
  ['#L10', { first: 10, last: 10 }],
  ['#L10-L20', { first: 10, last: 20 }],
  ['#L20-L10', { first: 10, last: 20 }],
  ['#L10-20', { first: 10, last: 20 }],
  ['#L0', null],
  ['#L', null],
  ['#L10-', null],
  ['#L1e3', null],
  ['#L99999999999', null],
  ['#console', null],
  ['', null],
])('the lines that %j marks', (hash, range) => {
  expect(parseLineRange(hash)).toEqual(range)
})

test('a range is written as it is read', () => {
  for (const hash of ['#L10', '#L10-L20'])
    expect(formatLineRange(parseLineRange(hash) ?? { first: 0, last: 0 })).toBe(hash)
})

test('a range extends from the marked line, in either direction', () => {
  expect(extendLineRange(null, 5)).toEqual({ first: 5, last: 5 })
  expect(extendLineRange({ first: 5, last: 5 }, 9)).toEqual({ first: 5, last: 9 })
  expect(extendLineRange({ first: 5, last: 9 }, 2)).toEqual({ first: 2, last: 9 })
  expect(extendLineRange({ first: 5, last: 9 }, 7)).toEqual({ first: 5, last: 7 })
})

test.each([
  ['', { first: 20 }],
  ['after=abc', { first: 20, after: 'abc' }],
  ['before=abc', { last: 20, before: 'abc' }],
  ['after=&before=', { first: 20 }],
])('the page that %j names', (query, variables) => {
  expect(readPage(new URLSearchParams(query), 20)).toEqual(variables)
})

test('changed parameters leave the others alone, and empty ones go', () => {
  const search = new URLSearchParams('platform=debian-12&after=abc')
  expect(withParameters(search, { after: null, status: 'failed' })).toBe('?platform=debian-12&status=failed')
  expect(withParameters(search, { after: null, platform: '' })).toBe('')
  expect(search.toString()).toBe('platform=debian-12&after=abc')
})

test('names are percent-encoded, slashes in artifact paths are not', () => {
  expect(paths.job('a b?#%')).toBe('/job/a%20b%3F%23%25')
  expect(paths.artifact('hello', 'u', 'bin/a b#c')).toBe('/job/hello/build/u/f/bin/a%20b%23c')
  expect(paths.search('a&b')).toBe('/search?q=a%26b')
})

const hash = 'A40C3F9D12E7'.padEnd(64, '0')

test.each([
  ['  ', { kind: 'nothing' }],
  [` ${hash} `, { kind: 'sha256', sha256: hash.toLowerCase() }],
  [`sha256:${hash}`, { kind: 'sha256', sha256: hash.toLowerCase() }],
  [`SHA256 = ${hash}`, { kind: 'text', text: `SHA256 = ${hash}` }],
  [hash.slice(1), { kind: 'text', text: hash.slice(1) }],
  ['E2E00000-0000-4000-8000-000000000001', { kind: 'uuid', uuid: 'e2e00000-0000-4000-8000-000000000001' }],
  ['dns', { kind: 'text', text: 'dns' }],
])('the search %j', (input, term) => {
  expect(parseSearchTerm(input)).toEqual(term)
})

test.each([
  ['a40c3f9d12e70000', 16],
  ['deadbeef', null],
  ['abcdefabcdefabcdef', null],
  ['dns-primary-git-2', null],
])('%j looks like a part of a hash: %j', (text, digits) => {
  expect(countHashDigits(text)).toBe(digits)
})

test('unikernels come first, jobs without a section last, and jobs keep their order', () => {
  const jobs = [
    'Packages',
    'Uncategorized',
    'Unikernels',
    'Packages',
    'Unikernels (with metrics reported to Influx)',
  ].map((section, id) => ({ section, id }))
  expect(groupBySection(jobs).map(([section, members]) => [section, members.map(({ id }) => id)])).toEqual([
    ['Unikernels', [2]],
    ['Unikernels (with metrics reported to Influx)', [4]],
    ['Packages', [0, 3]],
    ['Uncategorized', [1]],
  ])
})
