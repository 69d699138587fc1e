/** The exact instant, to the second: `2026-11-23 08:12:45Z`. */
export function formatUtc(instant: string): string {
  return new Date(instant)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z')
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** Each unit's length, and from which distance on it is used. Months and years are mean ones. */
const units = [
  { name: 'year', lengthMs: 365.25 * dayMs, fromMs: 2 * 365.25 * dayMs },
  { name: 'month', lengthMs: 30.44 * dayMs, fromMs: 60 * dayMs },
  { name: 'day', lengthMs: dayMs, fromMs: 2 * dayMs },
  { name: 'hour', lengthMs: hourMs, fromMs: hourMs },
  { name: 'minute', lengthMs: minuteMs, fromMs: minuteMs },
] as const

const relative = new Intl.RelativeTimeFormat('en')

/**
 * How long ago, in whole units: `just now`, `3 hours ago`, `5 days ago`; `in 2 minutes` for a time ahead of
 * this machine's clock. `now`: milliseconds since 1970. It counts hours, not midnights, and needs no time zone.
 */
export function formatRelative(instant: string, now: number): string {
  const distanceMs = new Date(instant).getTime() - now
  const unit = units.find(({ fromMs }) => Math.abs(distanceMs) >= fromMs)
  return unit ? relative.format(Math.trunc(distanceMs / unit.lengthMs), unit.name) : 'just now'
}

/** When something planned comes: `in 2 minutes`, `in less than a minute`; `now` once its time has passed. */
export function formatUpcoming(instant: string, now: number): string {
  const aheadMs = new Date(instant).getTime() - now
  if (aheadMs <= 0) return 'now'
  return aheadMs < minuteMs ? 'in less than a minute' : formatRelative(instant, now)
}

/** `3 hours`, `1 day`: how far two instants are apart, in whole units; `a moment` below a minute. */
export function formatDistance(from: string, to: string): string {
  const distanceMs = Math.abs(new Date(to).getTime() - new Date(from).getTime())
  const unit = units.find(({ fromMs }) => distanceMs >= fromMs)
  if (!unit) return 'a moment'
  const count = Math.trunc(distanceMs / unit.lengthMs)
  return `${count} ${unit.name}${count === 1 ? '' : 's'}`
}

/** The day in UTC: `2026-11-23`. */
export function formatDay(instant: string): string {
  return new Date(instant).toISOString().slice(0, 10)
}
