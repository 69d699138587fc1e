import { expect, test } from 'vitest'
import { extendLineRange, formatLineRange, parseLineRange } from '../../web/console/line-range.ts'
import { rankOfSection } from '../../web/home/sections.ts'
import { readPage, readPageNumber, withParameters } from '../../web/paging/page.ts'
import { paths } from '../../web/paths.ts'

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

test.each([
  ['', 1],
  ['page=3', 1],
  ['after=abc&page=3', 3],
  ['before=abc', null],
  ['after=abc&page=x', null],
])('the number of the page that %j names', (query, number) => {
  expect(readPageNumber(new URLSearchParams(query))).toBe(number)
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

test('sections with unikernels come first, and jobs without a section last', () => {
  const sections = ['Uncategorized', 'Packages', 'Unikernels (with metrics reported to Influx)', 'Unikernels']
  expect(sections.map(rankOfSection)).toEqual([2, 1, 0, 0])
})
