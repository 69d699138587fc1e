import { useId } from 'react'
import { DayFilter } from '../ui/DayFilter.tsx'
import { verdictWords } from '../outcomes/verdict.ts'
import { type PickerFilter, verdicts } from './picker-filter.ts'

const field = 'h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 text-small'

export function PickerFilters(props: {
  filter: PickerFilter
  platforms: readonly string[]
  onChange: (filter: PickerFilter) => void
}) {
  const { filter, platforms, onChange } = props
  const id = useId()
  return (
    <fieldset className="mt-3 flex flex-wrap gap-x-4 gap-y-2 text-small narrow:grid narrow:grid-cols-2">
      <legend className="sr-only">Which builds to list</legend>
      <label
        htmlFor={`${id}-platform`}
        className="flex min-w-0 items-center gap-x-2 narrow:flex-col narrow:items-stretch"
      >
        <span className="text-quiet">Platform</span>
        <select
          id={`${id}-platform`}
          value={filter.platform ?? ''}
          onChange={(event) => onChange({ ...filter, platform: event.target.value || null })}
          className={`${field} wide:max-w-40`}
        >
          <option value="">all</option>
          {platforms.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label
        htmlFor={`${id}-verdict`}
        className="flex min-w-0 items-center gap-x-2 narrow:flex-col narrow:items-stretch"
      >
        <span className="text-quiet">Verdict</span>
        <select
          id={`${id}-verdict`}
          value={filter.verdict ?? ''}
          onChange={(event) =>
            onChange({ ...filter, verdict: verdicts.find((name) => name === event.target.value) ?? null })
          }
          className={field}
        >
          <option value="">all</option>
          {verdicts.map((name) => (
            <option key={name} value={name}>
              {verdictWords[name]}
            </option>
          ))}
        </select>
      </label>
      {(['since', 'until'] as const).map((end) => (
        <DayFilter
          key={end}
          end={end}
          value={filter[end]}
          onChange={(day) => onChange({ ...filter, [end]: day })}
          className="narrow:flex-col narrow:items-stretch"
        />
      ))}
    </fieldset>
  )
}
