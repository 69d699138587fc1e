/** Days in UTC, `2026-11-23`, of which a list shows the builds; empty: no limit. */
export type Days = { since: string; until: string }

const dayMs = 24 * 60 * 60 * 1000

/** Milliseconds since 1970 of a day's beginning; NaN for what is no day, such as the 30th of February. */
function midnightMs(day: string): number {
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) return NaN
  const ms = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(day) ? ms : NaN
}

/** The API has no years of five digits. */
const endMs = Date.UTC(10_000, 0, 1)

/** The days that an address names: `?since=2026-11-23&until=2026-11-30`; what is no day counts as none. */
export function readDays(search: URLSearchParams): Days {
  const read = (name: string) => {
    const day = search.get(name) ?? ''
    return Number.isNaN(midnightMs(day)) ? '' : day
  }
  return { since: read('since'), until: read('until') }
}

/** The days as arguments of lists of builds. The last day counts in full: the builds before the next one. */
export function toInstants({ since, until }: Days): { since: string | null; until: string | null } {
  const instant = (ms: number) => (ms < endMs ? new Date(ms).toISOString() : null)
  return { since: instant(midnightMs(since)), until: instant(midnightMs(until) + dayMs) }
}
