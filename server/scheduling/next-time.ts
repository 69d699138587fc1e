import { Cron } from 'croner'
import type { Definition } from './definition.ts'
import { InvalidScheduleError } from './errors.ts'

const hourMs = 3_600_000
const periodMs = { HOURLY: hourMs, DAILY: 24 * hourMs, WEEKLY: 7 * 24 * hourMs }

type Timing = Pick<Definition, 'period' | 'cron' | 'timeZone'>

/** The first run after a schedule was added, or has another period. null: none by itself. */
export function firstTime(timing: Timing, now: Date): Date | null {
  if (timing.period === 'NEVER') return null
  if (timing.period === 'CRON') return nextOfCron(timing, now)
  return new Date(now.getTime() + periodMs[timing.period])
}

/**
 * The first time after `now`, where `dueAt` was one. A period is counted from `dueAt`, so that times do not drift, and times that
 * have passed meanwhile are left out. null: none by itself.
 */
export function nextTime(timing: Timing, dueAt: Date, now: Date): Date | null {
  if (timing.period === 'NEVER') return null
  if (timing.period === 'CRON') return nextOfCron(timing, now)
  const step = periodMs[timing.period]
  const passed = Math.max(0, Math.floor((now.getTime() - dueAt.getTime()) / step))
  return new Date(dueAt.getTime() + (passed + 1) * step)
}

/** Milliseconds between the next two times; null: it is never queued by itself. */
export function intervalMs(timing: Timing, now: Date): number | null {
  if (timing.period === 'NEVER') return null
  if (timing.period !== 'CRON') return periodMs[timing.period]
  const first = nextOfCron(timing, now)
  const second = first && nextOfCron(timing, first)
  return second && second.getTime() - first.getTime()
}

/** Throws InvalidScheduleError: the period needs an expression and has none, or the other way round; or it never comes. */
export function checkTiming(timing: Timing, now: Date): void {
  if (timing.period !== 'CRON') {
    if (timing.cron !== null)
      throw new InvalidScheduleError('a cron expression needs the period CRON: leave one of them out')
    return
  }
  if (nextOfCron(timing, now) === null)
    throw new InvalidScheduleError(`the cron expression ${JSON.stringify(timing.cron)} has no next time`)
}

/**
 * Where clocks go forward, a time that is left out comes at the hour that follows; where they go back, a time of a day comes
 * once. Throws InvalidScheduleError.
 */
function nextOfCron({ cron, timeZone }: Timing, now: Date): Date | null {
  if (cron === null) throw new InvalidScheduleError('the period CRON needs a cron expression')
  try {
    return new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true }).nextRun(now)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new InvalidScheduleError(
      `the cron expression ${JSON.stringify(cron)} in the time zone ${JSON.stringify(timeZone)} cannot be used: ${reason}`,
    )
  }
}
