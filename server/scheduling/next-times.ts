import type { Definition } from './definition.ts'
import { checkTiming, firstTime, nextTime } from './next-time.ts'

/** The next `count` times at which such a schedule would be queued; none if never. Throws InvalidScheduleError. */
export function nextTimes(
  timing: Pick<Definition, 'period' | 'cron' | 'timeZone'>,
  now: Date,
  count: number,
): Date[] {
  checkTiming(timing, now)
  const times: Date[] = []
  let next = firstTime(timing, now)
  while (next !== null && times.length < count) {
    times.push(next)
    next = nextTime(timing, next, next)
  }
  return times
}
