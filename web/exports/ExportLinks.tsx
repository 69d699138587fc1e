import { paths, type ExportedFilter, type ExportedList } from '../paths.ts'
import { Icon } from '../ui/Icon.tsx'

/** Lead to the whole list as a file, in two formats; `of` completes "All …", for screen readers. */
export function ExportLinks({
  list,
  filter,
  of,
}: {
  list: ExportedList
  filter?: ExportedFilter
  of: string
}) {
  return (
    <span className="inline-flex items-center gap-1.5 text-small">
      <Icon name="download" className="text-quiet" />
      <a href={paths.exported(list, 'csv', filter)} download>
        CSV<span className="sr-only"> of {of}</span>
      </a>
      <a href={paths.exported(list, 'jsonl', filter)} download>
        JSON Lines<span className="sr-only"> of {of}</span>
      </a>
    </span>
  )
}
