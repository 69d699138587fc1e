/** Periods for which the builds of a job are aggregated, in UTC. Weeks begin on Monday. */
export type PeriodUnit = 'DAY' | 'WEEK' | 'MONTH'

export type Period = {
  unit: PeriodUnit
  startsAt: Date
  /** Exclusive. */
  endsAt: Date
}

const dayMs = 86_400_000
const weekMs = 7 * dayMs
/** Offset of weeks: 1 January 1970 was a Thursday. */
const firstMondayMs = -3 * dayMs

/** The day, the week and the month of an instant. */
export function periodsOf(at: Date): Period[] {
  const atMs = at.getTime()
  const fixed = (unit: PeriodUnit, lengthMs: number, originMs: number): Period => {
    const startMs = originMs + Math.floor((atMs - originMs) / lengthMs) * lengthMs
    return { unit, startsAt: new Date(startMs), endsAt: new Date(startMs + lengthMs) }
  }
  // Not Date.UTC, which converts the year 26 to 1926.
  const startsAt = new Date(at)
  startsAt.setUTCDate(1)
  startsAt.setUTCHours(0, 0, 0, 0)
  const endsAt = new Date(startsAt)
  endsAt.setUTCMonth(endsAt.getUTCMonth() + 1)
  return [fixed('DAY', dayMs, 0), fixed('WEEK', weekMs, firstMondayMs), { unit: 'MONTH', startsAt, endsAt }]
}
