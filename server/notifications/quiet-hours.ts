const dayMinutes = 1_440
const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** The minute of the day at which daily digests are due. */
const digestMinute = 8 * 60

/** Minutes of the day in `timeZone`, an IANA name; null: always. The end may be on the next day. */
export type QuietHours = { quietFrom: number | null; quietUntil: number | null; timeZone: string }

/** Whether `Intl` knows this time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Minutes since midnight in a time zone. */
export function minuteOfDay(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  }).formatToParts(at)
  const number = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  return number('hour') * 60 + number('minute')
}

export function isQuiet({ quietFrom, quietUntil, timeZone }: QuietHours, at: Date): boolean {
  if (quietFrom === null || quietUntil === null || quietFrom === quietUntil) return false
  const minute = minuteOfDay(at, timeZone)
  return quietFrom < quietUntil
    ? minute >= quietFrom && minute < quietUntil
    : minute >= quietFrom || minute < quietUntil
}

/** The last full hour. */
export const lastHour = (at: Date): Date => new Date(Math.floor(at.getTime() / hourMs) * hourMs)

/** When the last daily digest was due: at 8 o'clock in the time zone. On a day with a change of clocks it may be an hour off. */
export function lastDigestTime(at: Date, timeZone: string): Date {
  const passed = (minuteOfDay(at, timeZone) - digestMinute + dayMinutes) % dayMinutes
  return new Date(Math.floor(at.getTime() / minuteMs) * minuteMs - passed * minuteMs)
}
