import { intlFormatDistance } from 'date-fns/intlFormatDistance'

const exact = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

/** The exact instant: `23 Nov 2026, 08:12:45 UTC`. */
export function formatUtc(instant: string): string {
  return `${exact.format(new Date(instant))} UTC`
}

const minuteMs = 60_000

/** How long ago: `just now`, `3 hours ago`; `in 2 minutes` for a time ahead of this machine's clock. */
export function formatRelative(instant: string, now: number): string {
  const then = new Date(instant).getTime()
  if (Math.abs(now - then) < minuteMs) return 'just now'
  return intlFormatDistance(then, now, { locale: 'en', numeric: 'always' })
}
