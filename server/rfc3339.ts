const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(?:Z|([+-])(\d\d):(\d\d))$/i

/**
 * A point in time from a `date-time` of RFC 3339 section 5.6, to the millisecond; null when the text is none.
 * A leap second, `23:59:60` in UTC at the end of a month, is the first instant of the next day: dates of
 * JavaScript have no leap seconds.
 */
export function parseRfc3339(text: string): Date | null {
  const match = pattern.exec(text)
  if (!match) return null
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  const isInRange =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60 &&
    offsetHours <= 23 &&
    offsetMinutes <= 59
  if (!isInRange) return null
  const date = new Date(0)
  // The constructor takes years below 100 for those of the twentieth century.
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, Math.floor(Number(`0${match[7] ?? ''}`) * 1000))
  const offsetMs = (offsetHours * 60 + offsetMinutes) * 60_000 * (match[8] === '-' ? -1 : 1)
  const utc = new Date(date.getTime() - offsetMs)
  return second === 60 && !isStartOfMonth(utc) ? null : utc
}

function daysIn(year: number, month: number): number {
  const last = new Date(0)
  last.setUTCFullYear(year, month, 0)
  return last.getUTCDate()
}

/** Within the first second of a month. */
function isStartOfMonth(date: Date): boolean {
  return date.getUTCDate() === 1 && date.toISOString().slice(11, 19) === '00:00:00'
}
