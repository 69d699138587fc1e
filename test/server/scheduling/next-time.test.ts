import { expect, test } from 'vitest'
import { InvalidScheduleError } from '../../../server/scheduling/errors.ts'
import { checkTiming, firstTime, nextTime } from '../../../server/scheduling/next-time.ts'

const at = (text: string) => new Date(text)
const timing = (period: 'HOURLY' | 'DAILY' | 'WEEKLY' | 'NEVER') => ({ period, cron: null, timeZone: 'UTC' })
const cron = (expression: string, timeZone = 'UTC') => ({
  ...{ period: 'CRON' as const, cron: expression, timeZone },
})

test('the first time is one period after a schedule was added', () => {
  const now = at('2026-11-30T10:00:00.123Z')
  expect(firstTime(timing('HOURLY'), now)).toEqual(at('2026-11-30T11:00:00.123Z'))
  expect(firstTime(timing('DAILY'), now)).toEqual(at('2026-12-01T10:00:00.123Z'))
  expect(firstTime(timing('WEEKLY'), now)).toEqual(at('2026-12-07T10:00:00.123Z'))
  expect(firstTime(timing('NEVER'), now)).toBeNull()
})

test('times do not drift: a timer that is late changes no later time', () => {
  let due = at('2026-01-01T00:00:00Z')
  for (let hour = 1; hour <= 1_000; hour++)
    due = nextTime(timing('HOURLY'), due, new Date(due.getTime() + 59_999)) ?? due
  expect(due).toEqual(new Date(at('2026-01-01T00:00:00Z').getTime() + 1_000 * 3_600_000))
})

test('times that have passed are left out', () => {
  const due = at('2026-01-01T06:00:00Z')
  expect(nextTime(timing('DAILY'), due, at('2026-01-09T05:59:59Z'))).toEqual(at('2026-01-09T06:00:00Z'))
  expect(nextTime(timing('DAILY'), due, at('2026-01-09T06:00:00Z'))).toEqual(at('2026-01-10T06:00:00Z'))
  expect(nextTime(timing('DAILY'), due, due)).toEqual(at('2026-01-02T06:00:00Z'))
  expect(nextTime(timing('NEVER'), due, due)).toBeNull()
})

test('a cron expression is read in its time zone', () => {
  const now = at('2026-06-01T12:00:00Z')
  expect(firstTime(cron('30 4 * * *', 'Europe/Berlin'), now)).toEqual(at('2026-06-02T02:30:00Z'))
  expect(firstTime(cron('30 4 * * MON'), now)).toEqual(at('2026-06-08T04:30:00Z'))
  expect(nextTime(cron('*/15 * * * *'), now, at('2026-06-01T12:07:00Z'))).toEqual(at('2026-06-01T12:15:00Z'))
})

test('where clocks go forward, a time that is left out comes once; where they go back, too', () => {
  const daily = cron('30 2 * * *', 'Europe/Berlin')
  // 02:30 does not exist on 29 March 2026.
  const [spring, next] = twice(daily, at('2026-03-28T12:00:00Z'))
  expect(spring).toEqual(at('2026-03-29T01:00:00Z'))
  expect(next).toEqual(at('2026-03-30T00:30:00Z'))
  // 02:30 comes twice on 25 October 2026.
  const [autumn, after] = twice(daily, at('2026-10-24T12:00:00Z'))
  expect(autumn).toEqual(at('2026-10-25T00:30:00Z'))
  expect(after).toEqual(at('2026-10-26T01:30:00Z'))
})

function twice(daily: ReturnType<typeof cron>, from: Date) {
  const first = nextTime(daily, from, from)
  return [first, first && nextTime(daily, first, first)]
}

test.each([
  ['no expression', { period: 'CRON' as const, cron: null, timeZone: 'UTC' }, 'needs a cron expression'],
  ['an expression without its period', { ...timing('DAILY'), cron: '0 4 * * *' }, 'needs the period CRON'],
  ['words', cron('whenever'), 'cannot be used'],
  ['a field too many', cron('0 0 4 * * *'), 'cannot be used'],
  ['an hour that is none', cron('0 25 * * *'), 'cannot be used'],
  ['a time zone that is none', cron('0 4 * * *', 'Mars/Olympus'), 'cannot be used'],
  ['a day that never comes', cron('0 4 30 2 *'), 'has no next time'],
])('%s is refused', (_what, bad, message) => {
  const check = () => checkTiming(bad, at('2026-01-01T00:00:00Z'))
  expect(check).toThrow(InvalidScheduleError)
  expect(check).toThrow(message)
})
