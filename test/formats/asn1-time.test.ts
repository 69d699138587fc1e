import { expect, test } from 'vitest'
import { formatGeneralizedTime, parseGeneralizedTime, parseUtcTime } from '../../server/formats/asn1-time.ts'

const place = { format: 'test', what: 'the time', offset: 7 }

test.each([
  ['seconds', '20260314150926Z', '2026-03-14T15:09:26.000Z'],
  ['no seconds', '202603141509Z', '2026-03-14T15:09:00.000Z'],
  ['no minutes', '2026031415Z', '2026-03-14T15:00:00.000Z'],
  ['no zone, which is UTC', '20260314150926', '2026-03-14T15:09:26.000Z'],
  ['a tenth as a fraction, not as a number of milliseconds', '20260314150926.5Z', '2026-03-14T15:09:26.500Z'],
  ['milliseconds', '20260314150926.007Z', '2026-03-14T15:09:26.007Z'],
  ['digits beyond milliseconds, cut', '20260314150926.9999999Z', '2026-03-14T15:09:26.999Z'],
  ['a fraction without a zone', '20260314150926.25', '2026-03-14T15:09:26.250Z'],
  ['an offset to the east', '20260314150926+0130', '2026-03-14T13:39:26.000Z'],
  ['an offset to the west, over midnight', '20260314235926-0500', '2026-03-15T04:59:26.000Z'],
  ['a leap second', '20261231235960Z', '2027-01-01T00:00:00.000Z'],
  ['29 February of a leap year', '20240229000000Z', '2024-02-29T00:00:00.000Z'],
  ['the first year', '00000101000000Z', '0000-01-01T00:00:00.000Z'],
  ['a year below 100', '00500101000000Z', '0050-01-01T00:00:00.000Z'],
  ['the last second', '99991231235959Z', '9999-12-31T23:59:59.000Z'],
])('GeneralizedTime takes %s', (_name, value, expected) => {
  expect(parseGeneralizedTime(value, place).toISOString()).toBe(expected)
})

const generalizedForm = 'the time is not of the form YYYYMMDDhh[mm[ss[.fff]]][Z]'
test.each([
  ['a comma fraction', '20260314150926,5Z', generalizedForm],
  ['a fraction of a minute', '202603141509.5Z', generalizedForm],
  ['a point without digits', '20260314150926.Z', generalizedForm],
  ['a date alone', '20260314Z', generalizedForm],
  ['a year alone', '2026', generalizedForm],
  ['nothing', '', generalizedForm],
  ['what follows the zone', '20260314150926Zabc', generalizedForm],
  ['a line break at the end', '20260314150926Z\n', generalizedForm],
  ['an offset of hours alone', '20260314150926+01', generalizedForm],
  ['both a zone and an offset', '20260314150926Z+0100', generalizedForm],
  ['digits of another script', '٢٠٢٦٠٣١٤١٥٠٩٢٦Z', generalizedForm],
  ['month 13', '20261314150926Z', 'the time has month 13'],
  ['month 0', '20260014150926Z', 'the time has month 00'],
  ['30 February', '20260230150926Z', 'the time has day 30 in month 2'],
  ['29 February of a common year', '20250229150926Z', 'the time has day 29 in month 2'],
  ['day 32', '20260132150926Z', 'the time has day 32'],
  ['hour 24', '20260314240000Z', 'the time has hour 24'],
  ['minute 60', '20260314156000Z', 'the time has minute 60'],
  ['second 61', '20260314150961Z', 'the time has second 61'],
  ['an offset of a day', '20260314150926+2400', 'the time has offsetHours 24'],
  ['a leap second after the last year', '99991231235960Z', 'the time lies outside of the years 0 to 9999'],
  ['an offset before the first year', '00000101000000+0100', 'the time lies outside of the years 0 to 9999'],
])('GeneralizedTime refuses %s', (_name, value, reason) => {
  expect(() => parseGeneralizedTime(value, place)).toThrow(expect.objectContaining({ offset: 7, reason }))
})

test.each([
  ['seconds', '260314150926Z', '2026-03-14T15:09:26.000Z'],
  ['no seconds', '2603141509Z', '2026-03-14T15:09:00.000Z'],
  ['an offset', '260314150926-0500', '2026-03-14T20:09:26.000Z'],
  ['49, which is 2049', '490314150926Z', '2049-03-14T15:09:26.000Z'],
  ['50, which is 1950', '500314150926Z', '1950-03-14T15:09:26.000Z'],
])('UTCTime takes %s', (_name, value, expected) => {
  expect(parseUtcTime(value, place).toISOString()).toBe(expected)
})

const utcForm = 'the time is not of the form YYMMDDhhmm[ss]Z'
test.each([
  ['no zone', '260314150926', utcForm],
  ['no minutes', '26031415Z', utcForm],
  ['a fraction', '260314150926.5Z', utcForm],
  ['what follows the zone', '260314150926Zxx', utcForm],
  ['month 13', '261314150926Z', 'the time has month 13'],
])('UTCTime refuses %s', (_name, value, reason) => {
  expect(() => parseUtcTime(value, place)).toThrow(expect.objectContaining({ offset: 7, reason }))
})

test.each([
  ['whole seconds without a fraction', '2026-03-14T15:09:26.000Z', '20260314150926Z'],
  ['milliseconds in three digits', '2026-03-14T15:09:26.120Z', '20260314150926.120Z'],
  ['a year in four digits', '0007-01-02T03:04:05.000Z', '00070102030405Z'],
])('formatGeneralizedTime writes %s', (_name, iso, expected) => {
  expect(formatGeneralizedTime(new Date(iso))).toBe(expected)
})

test('formatGeneralizedTime refuses a year of five digits', () => {
  expect(() => formatGeneralizedTime(new Date('+010000-01-01T00:00:00.000Z'))).toThrow(RangeError)
})
