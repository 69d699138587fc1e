import { expect, test } from 'vitest'
import { readDays, toInstants } from '../../web/ui/day-filter.ts'

test.each([
  ['', { since: '', until: '' }],
  ['since=2026-11-01&until=2026-11-30', { since: '2026-11-01', until: '2026-11-30' }],
  ['since=2026-02-30', { since: '', until: '' }],
  ['since=2026-1-1', { since: '', until: '' }],
  ['since=yesterday&until=', { since: '', until: '' }],
])('the days that %j names', (query, days) => {
  expect(readDays(new URLSearchParams(query))).toEqual(days)
})

test('the last day counts in full, also at the end of a month', () => {
  expect(toInstants({ since: '2026-11-30', until: '2026-11-30' })).toEqual({
    since: '2026-11-30T00:00:00.000Z',
    until: '2026-12-01T00:00:00.000Z',
  })
  expect(toInstants({ since: '', until: '9999-12-31' })).toEqual({ since: null, until: null })
  expect(toInstants({ since: '', until: '' })).toEqual({ since: null, until: null })
})
