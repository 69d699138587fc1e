import { useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'
import type { FeedFilter } from '../paths.ts'
import { readDays } from '../ui/day-filter.ts'
import { DayFilter } from '../ui/DayFilter.tsx'
import { Select } from '../ui/Select.tsx'
import type { VerdictName } from '../outcomes/verdict.ts'
import { visibleName } from '../ui/visible-text.ts'

/** `otherwise`: the choice that the address need not name; `all` if the filter only narrows. */
export type Filter = {
  parameter: string
  label: string
  options: { value: string; label: string }[]
  otherwise?: string
}

export const orderFilter: Filter = {
  parameter: 'order',
  label: 'Order',
  otherwise: 'newest start first',
  options: [{ value: 'received', label: 'as they arrived' }],
}

/** The order that an address asks for; one that does not exist counts as the order by start. */
export function readOrder(search: URLSearchParams): 'STARTED' | 'RECEIVED' {
  return search.get('order') === 'received' ? 'RECEIVED' : 'STARTED'
}

export const statusFilter: Filter = {
  parameter: 'status',
  label: 'Result',
  options: [
    { value: 'succeeded', label: 'succeeded' },
    { value: 'failed', label: 'failed' },
  ],
}

export const verdictFilter: Filter = {
  parameter: 'verdict',
  label: 'Repeated',
  options: [
    { value: 'reproduced', label: 'repeated' },
    { value: 'disputed', label: 'disputed' },
    { value: 'not-reproducible', label: 'not reproducible here' },
    { value: 'unconfirmed', label: 'not repeated yet' },
    { value: 'no-output', label: 'no output' },
  ],
}

type AskedVerdict = { verdict?: VerdictName; isDisputed?: boolean }

/** Disputed: somebody got another output from the same input, also who has only signed it. Not reproducible: builds of this site did. */
const verdicts: Record<string, AskedVerdict> = {
  reproduced: { verdict: 'REPRODUCED' },
  disputed: { isDisputed: true },
  'not-reproducible': { verdict: 'NOT_REPRODUCIBLE' },
  unconfirmed: { verdict: 'UNCONFIRMED' },
  'no-output': { verdict: 'NO_OUTPUT' },
}

/** The verdict that an address asks for; one that does not exist counts as none. */
export function readVerdict(search: URLSearchParams): AskedVerdict | undefined {
  const verdict = search.get('verdict') ?? ''
  return Object.hasOwn(verdicts, verdict) ? verdicts[verdict] : undefined
}

export function platformFilter(names: readonly string[]): Filter {
  return {
    parameter: 'platform',
    label: 'Platform',
    options: names.map((name) => ({ value: name, label: visibleName(name) })),
  }
}

/** The status that an address asks for; one that does not exist counts as none. */
export function readStatus(search: URLSearchParams): 'SUCCEEDED' | 'FAILED' | undefined {
  const status = search.get('status')
  return status === 'succeeded' ? 'SUCCEEDED' : status === 'failed' ? 'FAILED' : undefined
}

/** What the address of a page asks for, for the feed of the very builds that the page lists. */
export function readFeedFilter(search: URLSearchParams): FeedFilter {
  const status = readStatus(search)
  return {
    platform: search.get('platform'),
    status: status && feedStatus[status],
    verdict: readVerdict(search) && search.get('verdict'),
    ...readDays(search),
  }
}

/** `failed builds of dns on debian-13, since 2026-11-23`: what a feed has; `whose`: `dns`, undefined: of all. */
export function describeFeed(
  { platform, status, verdict, since, until }: FeedFilter,
  whose?: string,
): string {
  const isFiltered = Boolean(status || verdict)
  const verdictLabel = verdictFilter.options.find(({ value }) => value === verdict)?.label
  const which = [status, verdictLabel].filter(Boolean).join(', ')
  return [
    whose === undefined || isFiltered ? `${which || 'all'} builds` : '',
    whose === undefined ? '' : `${isFiltered ? 'of ' : ''}${visibleName(whose)}`,
    platform ? `on ${visibleName(platform)}` : '',
    since ? `since ${since}` : '',
    until ? `until ${until}` : '',
  ]
    .filter(Boolean)
    .join(' ')
}

const feedStatus = { SUCCEEDED: 'succeeded', FAILED: 'failed' } as const

/**
 * Choices that narrow a list. Their state is the address, and changing one returns to the first page. `hasDays`:
 * the list can be narrowed to some days, too.
 */
export function BuildFilters({ filters, hasDays }: { filters: Filter[]; hasDays?: boolean }) {
  const changeSearch = useChangeSearch()
  const [search] = useSearchParams()
  const days = readDays(search)
  const choose = (parameter: string, value: string) =>
    changeSearch((now) => {
      if (value) now.set(parameter, value)
      else now.delete(parameter)
      for (const name of ['after', 'before', 'page']) now.delete(name)
    }, 'push')
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-2">
      {filters.map((filter) => (
        <Select
          key={filter.parameter}
          {...filter}
          value={search.get(filter.parameter) ?? ''}
          onChange={(value) => choose(filter.parameter, value)}
        />
      ))}
      {hasDays &&
        (['since', 'until'] as const).map((end) => (
          <DayFilter key={end} end={end} value={days[end]} onChange={(day) => choose(end, day)} />
        ))}
    </div>
  )
}
