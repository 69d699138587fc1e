export const verdicts = ['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED', 'NO_OUTPUT'] as const

/** What the picker narrows its list by; `null`, or no date, does not. Dates are days in UTC: `2026-11-23`. */
export type PickerFilter = {
  platform: string | null
  verdict: (typeof verdicts)[number] | null
  since: string
  until: string
}

export const noPickerFilter: PickerFilter = { platform: null, verdict: null, since: '', until: '' }

const dayMs = 24 * 60 * 60 * 1000

/** The filter as arguments of `Job.builds`. The last day counts in full: the builds before the next one. */
export function toBuildArguments({ platform, verdict, since, until }: PickerFilter) {
  const midnightMs = (day: string) => Date.parse(`${day}T00:00:00Z`)
  const instant = (ms: number) => (Number.isNaN(ms) ? null : new Date(ms).toISOString())
  return { platform, verdict, since: instant(midnightMs(since)), until: instant(midnightMs(until) + dayMs) }
}

/** The last UUID in what was pasted: that of an address is behind its job, which may hold one as well. */
export function findUuid(text: string): string | null {
  const uuids = text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])/gi)
  return uuids?.at(-1)?.toLowerCase() ?? null
}
