import { Icon } from '../ui/Icon.tsx'
import type { SizeSort } from './size-rows.ts'

type Column = { by: SizeSort['by']; name: string }

const oneBuild: Column[] = [
  { by: 'name', name: 'Part' },
  { by: 'right', name: 'Size' },
]
const twoBuilds: Column[] = [
  { by: 'name', name: 'Part' },
  { by: 'left', name: 'Left' },
  { by: 'right', name: 'Right' },
  { by: 'change', name: 'Change' },
]

/** A button in each column sorts by that column; the second click reverses the order. */
export function SizeTableHead(props: { isDiff: boolean; sort: SizeSort; setSort: (sort: SizeSort) => void }) {
  const { isDiff, sort, setSort } = props
  return (
    <div role="rowgroup">
      <div role="row" aria-rowindex={1} className="size-row size-table-head">
        {(isDiff ? twoBuilds : oneBuild).map(({ by, name }) => (
          <div
            key={by}
            role="columnheader"
            className={by === 'name' ? '' : 'text-right'}
            aria-sort={sort.by !== by ? undefined : sort.isDescending ? 'descending' : 'ascending'}
          >
            <button
              type="button"
              className="size-sort"
              onClick={() =>
                setSort({ by, isDescending: sort.by === by ? !sort.isDescending : by !== 'name' })
              }
            >
              {name}
              {sort.by === by && <Icon name={sort.isDescending ? 'down' : 'up'} className="size-3" />}
            </button>
          </div>
        ))}
        {!isDiff && (
          <div role="columnheader" className="text-right">
            Share
          </div>
        )}
      </div>
    </div>
  )
}
