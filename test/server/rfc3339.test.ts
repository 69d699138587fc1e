import { expect, test } from 'vitest'
import { parseRfc3339 } from '../../server/rfc3339.ts'

test.each([
  ['2026-11-23T08:12:00Z', '2026-11-23T08:12:00.000Z'],
  ['2026-11-23t08:12:00.1239z', '2026-11-23T08:12:00.123Z'],
  ['2026-11-23T08:12:00+05:30', '2026-11-23T02:42:00.000Z'],
  ['2026-01-01T00:00:00-23:59', '2026-01-01T23:59:00.000Z'],
  ['2024-02-29T00:00:00-00:00', '2024-02-29T00:00:00.000Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
  ['1990-12-31T15:59:60.5-08:00', '1991-01-01T00:00:00.500Z'],
])('%s is %s', (text, instant) => {
  expect(parseRfc3339(text)?.toISOString()).toBe(instant)
})

test.each([
  ['an hour of 24', '2026-10-01T24:00:00Z'],
  ['a minute of 60', '2026-10-01T23:60:00Z'],
  ['a second of 61', '2016-12-31T23:59:61Z'],
  ['a leap second within a month', '2026-10-15T23:59:60Z'],
  ['a leap second at noon', '2016-12-31T12:00:60Z'],
  ['a month of 13', '2026-13-01T00:00:00Z'],
  ['a month of 0', '2026-00-01T00:00:00Z'],
  ['30 February', '2026-02-30T00:00:00Z'],
  ['29 February of a common year', '2026-02-29T00:00:00Z'],
  ['a day of 0', '2026-01-00T00:00:00Z'],
  ['an offset of 24 hours', '2026-01-01T00:00:00+24:00'],
  ['an offset of 60 minutes', '2026-01-01T00:00:00+00:60'],
  ['no offset', '2026-01-01T00:00:00'],
  ['no time', '2026-01-01'],
  ['a space', '2026-01-01 00:00:00Z'],
  ['a fraction without digits', '2026-01-01T00:00:00.Z'],
  ['text behind', '2026-01-01T00:00:00Z '],
])('%s is no date-time', (_name, text) => {
  expect(parseRfc3339(text)).toBeNull()
})
