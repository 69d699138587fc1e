import { parseRfc3339 } from '../rfc3339.ts'
import type { BuildFilter } from './list-builds.ts'

/** What the address of a page or of a feed leaves out of its builds. Absent parts leave out nothing. */
export type AddressFilter = {
  platform?: string
  status?: keyof typeof statuses
  /** `disputed`: the grade says so, whatever the builds of this site say. */
  verdict?: keyof typeof verdicts
  /** The first and the last day, in UTC: `2026-11-23`. */
  since?: string
  until?: string
}

const statuses = { succeeded: 'SUCCEEDED', failed: 'FAILED' } as const

const verdicts = {
  reproduced: { verdict: 'REPRODUCED' },
  disputed: { isDisputed: true },
  'not-reproducible': { verdict: 'NOT_REPRODUCIBLE' },
  unconfirmed: { verdict: 'UNCONFIRMED' },
  'no-output': { verdict: 'NO_OUTPUT' },
} as const satisfies Record<string, Pick<BuildFilter, 'verdict' | 'isDisputed'>>

const dayMs = 24 * 60 * 60 * 1000

const midnight = (day: string) => parseRfc3339(`${day}T00:00:00Z`)

/**
 * Reads the parts `names` of the query of an address. `faults` has a line for each value that means nothing, which the
 * filter is without. A form without a choice sends an empty value, which is none.
 */
export function readAddressFilter(
  query: URLSearchParams,
  names: readonly (keyof AddressFilter)[],
): { filter: AddressFilter; faults: string[] } {
  const filter: AddressFilter = {}
  const faults: string[] = []
  const given = (name: keyof AddressFilter) => (names.includes(name) && query.get(name)) || undefined
  const mustBe = (name: string, what: string, value: string) =>
    void faults.push(`${name} must be ${what}, not ${JSON.stringify(value.slice(0, 100))}`)

  const [platform, status, verdict] = [given('platform'), given('status'), given('verdict')]
  if (platform !== undefined) filter.platform = platform
  if (status !== undefined) {
    if (isKeyOf(statuses, status)) filter.status = status
    else mustBe('status', 'succeeded or failed', status)
  }
  if (verdict !== undefined) {
    if (isKeyOf(verdicts, verdict)) filter.verdict = verdict
    else
      mustBe(
        'verdict',
        Object.keys(verdicts)
          .join(', ')
          .replace(/, (?!.*,)/, ' or '),
        verdict,
      )
  }
  for (const end of ['since', 'until'] as const) {
    const day = given(end)
    if (day === undefined) continue
    if (midnight(day)) filter[end] = day
    else mustBe(end, 'a day such as 2026-11-23', day)
  }
  return { filter, faults }
}

const isKeyOf = <Name extends string>(known: Record<Name, unknown>, name: string): name is Name =>
  Object.hasOwn(known, name)

/** The filter of lists of builds that an address asks for. The last day counts in full. */
export function toBuildFilter({ platform, status, verdict, since, until }: AddressFilter): BuildFilter {
  const last = until === undefined ? null : midnight(until)
  return {
    platform,
    status: status && statuses[status],
    ...(verdict && verdicts[verdict]),
    since: since === undefined ? null : midnight(since),
    until: last && new Date(last.getTime() + dayMs),
  }
}
