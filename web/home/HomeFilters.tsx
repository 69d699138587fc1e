import { useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'
import { useFilterText } from '../address/use-filter-text.ts'
import { Select } from '../ui/Select.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { groupings, orders, sectionOf, targetOf, type OverviewJob } from './overview.ts'

const unique = (values: readonly string[]) => [...new Set(values)].sort((a, b) => a.localeCompare(b, 'en'))

const toOptions = (values: readonly string[]) => values.map((value) => ({ value, label: visibleName(value) }))

/** What narrows and orders the list of jobs. All of it is the address. */
export function HomeFilters({ jobs }: { jobs: readonly OverviewJob[] }) {
  const [search] = useSearchParams()
  const changeSearch = useChangeSearch()
  const [text, setText] = useFilterText()
  const choices = [
    { name: 'section', label: 'Section', options: toOptions(unique(jobs.map(sectionOf))) },
    {
      name: 'platform',
      label: 'Platform',
      options: toOptions(unique(jobs.flatMap(({ platforms }) => platforms.map(({ name }) => name)))),
    },
    {
      name: 'target',
      label: 'Runs on',
      options: toOptions(unique(jobs.flatMap((job) => targetOf(job) ?? []))),
    },
    { name: 'by', label: 'Grouped by', otherwise: groupings[0], options: toOptions(groupings.slice(1)) },
    { name: 'order', label: 'Order', otherwise: orders[0], options: toOptions(orders.slice(1)) },
  ]
  return (
    <search className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-2">
      <input
        type="search"
        aria-label="Filter jobs"
        placeholder="filter by name"
        value={text}
        onChange={(event) => setText(event.target.value)}
        autoComplete="off"
        spellCheck={false}
        className="h-8 min-w-0 grow rounded-md border border-line-strong bg-surface px-2.5 text-small placeholder:text-quiet wide:max-w-52"
      />
      {choices.map(({ name, ...choice }) => (
        <Select
          key={name}
          {...choice}
          value={search.get(name) ?? ''}
          onChange={(value) =>
            changeSearch((now) => {
              if (value) now.set(name, value)
              else now.delete(name)
            }, 'push')
          }
        />
      ))}
    </search>
  )
}
