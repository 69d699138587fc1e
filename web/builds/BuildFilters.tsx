import { useId } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { withParameters } from '../paging/page.ts'
import type { VerdictName } from './verdict.ts'
import { visibleName } from '../ui/visible-text.ts'

export type Filter = { parameter: string; label: string; options: { value: string; label: string }[] }

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
  label: 'Reproduced',
  options: [
    { value: 'reproduced', label: 'reproduced' },
    { value: 'not-reproducible', label: 'not reproducible' },
    { value: 'unconfirmed', label: 'not confirmed' },
    { value: 'no-output', label: 'no output' },
  ],
}

const verdicts: Record<string, VerdictName> = {
  reproduced: 'REPRODUCED',
  'not-reproducible': 'NOT_REPRODUCIBLE',
  unconfirmed: 'UNCONFIRMED',
  'no-output': 'NO_OUTPUT',
}

/** The verdict that an address asks for; one that does not exist counts as none. */
export function readVerdict(search: URLSearchParams): VerdictName | undefined {
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

/** Choices that narrow a list. Their state is the address, and changing one returns to the first page. */
export function BuildFilters({ filters }: { filters: Filter[] }) {
  return (
    <div className="flex flex-wrap gap-x-4 gap-y-2">
      {filters.map((filter) => (
        <Select key={filter.parameter} {...filter} />
      ))}
    </div>
  )
}

function Select({ parameter, label, options }: Filter) {
  const id = useId()
  const navigate = useNavigate()
  const [search] = useSearchParams()
  const value = search.get(parameter) ?? ''
  const known = value === '' || options.some((option) => option.value === value)
  return (
    <div className="flex items-center gap-2 text-small">
      <label htmlFor={id} className="text-quiet">
        {label}
      </label>
      <select
        id={id}
        value={value}
        className="h-8 max-w-48 rounded-md border border-line-strong bg-surface px-2"
        onChange={(event) =>
          void navigate(
            {
              search: withParameters(search, { [parameter]: event.target.value, after: null, before: null }),
            },
            { preventScrollReset: true },
          )
        }
      >
        <option value="">all</option>
        {!known && <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  )
}
