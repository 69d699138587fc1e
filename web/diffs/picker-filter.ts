import { type Days, toInstants } from '../ui/day-filter.ts'

export const verdicts = ['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED', 'NO_OUTPUT'] as const

/** What the picker narrows its list by; `null`, or no day, does not. */
export type PickerFilter = Days & {
  platform: string | null
  verdict: (typeof verdicts)[number] | null
}

export const noPickerFilter: PickerFilter = { platform: null, verdict: null, since: '', until: '' }

/** The filter as arguments of `Job.builds`. */
export function toBuildArguments({ platform, verdict, ...days }: PickerFilter) {
  return { platform, verdict, ...toInstants(days) }
}

/** The last UUID in what was pasted: that of an address is behind its job, which may hold one as well. */
export function findUuid(text: string): string | null {
  const uuids = text.match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])/gi)
  return uuids?.at(-1)?.toLowerCase() ?? null
}
