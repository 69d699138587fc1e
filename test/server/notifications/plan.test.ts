import fc from 'fast-check'
import { expect, test } from 'vitest'
import { failureSentence } from '../../../server/analyses/failure/failure-words.ts'
import { firstErrorLine, groupByCauses, mainCause } from '../../../server/notifications/cause.ts'
import { isQuiet, isTimeZone, lastDigestTime } from '../../../server/notifications/quiet-hours.ts'

test.each([
  ['22:00 to 07:00, in the night', 1_320, 420, 'UTC', '2026-11-02T23:00:00Z', true],
  ['the first minute', 1_320, 420, 'UTC', '2026-11-02T22:00:00Z', true],
  ['the minute after the last', 1_320, 420, 'UTC', '2026-11-03T07:00:00Z', false],
  ['by day', 1_320, 420, 'UTC', '2026-11-02T12:00:00Z', false],
  ['09:00 to 17:00, within', 540, 1_020, 'UTC', '2026-11-02T12:00:00Z', true],
  ['another time zone', 1_320, 420, 'Asia/Kolkata', '2026-11-02T17:00:00Z', true],
  ['in summer', 1_320, 420, 'Europe/Berlin', '2026-07-01T20:30:00Z', true],
  ['in winter', 1_320, 420, 'Europe/Berlin', '2026-12-01T20:30:00Z', false],
  ['none', null, null, 'UTC', '2026-11-02T23:00:00Z', false],
  ['empty ones', 60, 60, 'UTC', '2026-11-02T01:00:00Z', false],
])('quiet hours: %s', (_name, quietFrom, quietUntil, timeZone, at, expected) => {
  expect(isQuiet({ quietFrom, quietUntil, timeZone }, new Date(at))).toBe(expected)
})

test.each([
  ['UTC', '2026-11-02T12:34:56Z', '2026-11-02T08:00:00.000Z'],
  ['UTC', '2026-11-02T07:59:59Z', '2026-11-01T08:00:00.000Z'],
  ['America/New_York', '2026-11-03T14:00:00Z', '2026-11-03T13:00:00.000Z'],
])('in %s at %s the last daily digest was due at %s', (timeZone, at, expected) => {
  expect(lastDigestTime(new Date(at), timeZone).toISOString()).toBe(expected)
})

test('time zones are those that Intl knows', () => {
  expect(['UTC', 'Europe/Berlin', '', 'Mars/Olympus'].map(isTimeZone)).toEqual([true, true, false, false])
})

test.each([
  ['Error: Unbound value foo', 'Error: Unbound value foo'],
  ['File "/tmp/build-1234567/src/dns.ml", line 12', 'File "…/dns.ml", line 12'],
  ['  segfault at 0x7ffdeadbeef pid 123456  ', 'segfault at # pid #'],
  ['   ', null],
])('the error line %j is recognized as %j', (line, expected) => {
  expect(firstErrorLine({ firstLine: 7, lines: ['before', line], matchedLine: 8 })).toBe(expected)
})

test('an excerpt without its line is known by its last one', () => {
  expect(firstErrorLine({ firstLine: 7, lines: ['one', 'two'], matchedLine: 2 })).toBe('two')
  expect(firstErrorLine({ firstLine: 7, lines: [], matchedLine: null })).toBeNull()
  expect(firstErrorLine(null)).toBeNull()
})

test('a cause in common, also by others between, makes one group, and each item is in one', () => {
  const causes = fc.array(fc.integer({ min: 0, max: 12 }).map(String), { maxLength: 2 })
  fc.assert(
    fc.property(fc.array(causes, { maxLength: 30 }), (each) => {
      const items = each.map((own, id) => ({ id, own }))
      const groups = groupByCauses(items, ({ own }) => own)
      expect(groups.flatMap((group) => group.items.map(({ id }) => id)).sort((a, b) => a - b)).toEqual(
        items.map(({ id }) => id),
      )
      const seen = groups.flatMap((group) => group.causes)
      expect(new Set(seen).size).toBe(seen.length)
    }),
    { seed: 49 },
  )
})

test('the cause that most have names a group, a package before a failure', () => {
  expect(mainCause([])).toBeNull()
  expect(mainCause([['failure X'], ['package dns 1 → 2', 'failure X'], ['package dns 1 → 2']])).toBe(
    'package dns 1 → 2',
  )
  expect(mainCause([['package a'], ['failure X'], ['failure X']])).toBe('failure X')
})

test('a mail says in words why a build failed', () => {
  expect(failureSentence({ class: 'COMPILE_ERROR', because: 'gcc reports an error' })).toBe(
    'compile error because gcc reports an error',
  )
  expect(failureSentence({ class: 'UNKNOWN', because: 'make stopped' })).toBe('failed because make stopped')
  expect(failureSentence({ class: 'TIMEOUT', because: null })).toBe('timeout')
  expect(failureSentence({ class: 'UNKNOWN', because: null })).toBeNull()
})
