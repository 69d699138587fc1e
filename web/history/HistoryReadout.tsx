import { Link } from 'react-router'
import { formatExactBytes } from '../ui/byte-size.ts'
import { Icon } from '../ui/Icon.tsx'
import type { History } from './history.ts'
import type { Mark } from './layout.ts'
import { nameDuration, nameResult, nameSize, nameSizeChange, nameTime, nameVerdicts } from './words.ts'
import { Name } from '../ui/Name.tsx'

/** The exact facts of a point. They have a fixed place, so that the reader finds them. */
export function HistoryReadout({
  history,
  mark,
  isNewest,
}: {
  history: History
  mark: Mark
  isNewest: boolean
}) {
  const { interval } = history
  const series = history.series[mark.series]
  const { point, index } = mark
  if (!series) return null
  const change = nameSizeChange(series.points, index)
  return (
    <div className="history-readout text-small wrap-anywhere tabular-nums">
      <p>
        <span className="font-semibold">
          <Name>{series.platform.name}</Name>
        </span>{' '}
        · {nameTime(point, interval)}
        {isNewest && <span className="text-quiet"> · newest</span>}
      </p>
      <p>
        <span className={point.failedCount > 0 ? 'text-bad' : ''}>{nameResult(point, interval)}</span>
        {point.sizeBytes != null && (
          <>
            {' · '}
            <span title={formatExactBytes(point.sizeBytes)}>{nameSize(point)}</span>
            {interval === 'BUILD' && (
              <span className="text-quiet"> ({formatExactBytes(point.sizeBytes)})</span>
            )}
            {change && <span className="text-quiet"> {change}</span>}
          </>
        )}
        {nameDuration(point) && ` · ${nameDuration(point)}`}
        {nameVerdicts(point, interval) && ` · ${nameVerdicts(point, interval)}`}
      </p>
      <p className="flex flex-wrap gap-x-4">
        <Link to={point.resourcePath} className="inline-flex items-center gap-0.5">
          {interval === 'BUILD' ? 'this build' : 'newest build'} <Icon name="forward" className="size-3.5" />
        </Link>
        {point.change && (
          <Link to={point.change.resourcePath} className="inline-flex items-center gap-0.5">
            what changed <Icon name="forward" className="size-3.5" />
          </Link>
        )}
      </p>
    </div>
  )
}
