import { expect, test } from 'vitest'
import { formatByteSize, formatExactBytes } from '../../web/ui/byte-size.ts'
import { formatDuration } from '../../web/ui/duration.ts'
import { formatRelative, formatUpcoming, formatUtc } from '../../web/ui/time.ts'

test.each([
  [0, '0 B'],
  [1, '1 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [13_926, '13.6 KiB'],
  [102_400, '100 KiB'],
  [1_047_000, '1022 KiB'],
  [1_048_200, '1.0 MiB'],
  [4_404_019, '4.2 MiB'],
  [5 * 1024 ** 3, '5.0 GiB'],
  [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
])('%i bytes are read as %s', (bytes, text) => {
  expect(formatByteSize(bytes)).toBe(text)
})

test('an exact size has its digits grouped, and one byte is no plural', () => {
  expect(formatExactBytes(4_404_019)).toBe('4,404,019 bytes')
  expect(formatExactBytes(1)).toBe('1 byte')
})

test.each([
  [0, '0.00 s'],
  [350, '0.35 s'],
  [9_994, '9.99 s'],
  [9_996, '10.0 s'],
  [42_300, '42.3 s'],
  [59_940, '59.9 s'],
  [59_960, '1m 00s'],
  [422_000, '7m 02s'],
  [3_599_600, '1h 00m 00s'],
  [4_022_000, '1h 07m 02s'],
  [273_000_000, '3d 03h 50m'],
  [-3_000, '−3.00 s'],
])('%i ms are read as %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('an exact time is in UTC, whatever zone it was written in', () => {
  expect(formatUtc('2026-11-23T09:12:45.678+01:00')).toBe('2026-11-23 08:12:45Z')
  expect(formatUtc('2026-01-01T00:00:00Z')).toBe('2026-01-01 00:00:00Z')
})

test.each([
  ['2026-11-23T12:00:30Z', 'just now'],
  ['2026-11-23T11:59:01Z', 'just now'],
  ['2026-11-23T11:59:00Z', '1 minute ago'],
  ['2026-11-23T11:01:00Z', '59 minutes ago'],
  ['2026-11-22T23:59:00Z', '12 hours ago'],
  ['2026-11-21T12:00:00Z', '2 days ago'],
  ['2026-10-01T12:00:00Z', '53 days ago'],
  ['2026-08-01T12:00:00Z', '3 months ago'],
  ['2023-11-01T12:00:00Z', '3 years ago'],
  ['2026-11-23T12:02:00Z', 'in 2 minutes'],
])('at noon of 23 November 2026, %s is %s', (instant, text) => {
  expect(formatRelative(instant, Date.UTC(2026, 10, 23, 12))).toBe(text)
})

test.each([
  ['2026-11-23T11:00:00Z', 'now'],
  ['2026-11-23T12:00:00Z', 'now'],
  ['2026-11-23T12:00:30Z', 'in less than a minute'],
  ['2026-11-23T12:01:00Z', 'in 1 minute'],
  ['2026-11-24T12:00:00Z', 'in 24 hours'],
])('at noon of 23 November 2026, what is planned for %s comes %s', (instant, text) => {
  expect(formatUpcoming(instant, Date.UTC(2026, 10, 23, 12))).toBe(text)
})
