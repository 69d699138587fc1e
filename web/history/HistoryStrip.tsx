import type { ChartLayout } from './layout.ts'
import { labelLetters, shorten } from './shorten.ts'

/** The rows that outcomes stand in, with the names of their platforms. */
export function HistoryStrip({ layout: { strip, left, right, isNarrow } }: { layout: ChartLayout }) {
  return (
    <g>
      {strip.rows.map(({ y, name, labelY }, series) => (
        <g key={name} className={`history-series-${series % 12}`}>
          <line className="history-row" x1={left} x2={right} y1={y} y2={y} />
          <line
            className="history-line"
            x1={isNarrow ? left : right + 2}
            x2={isNarrow ? left + 14 : right + 16}
            y1={labelY === null ? y : labelY - 4}
            y2={labelY === null ? y : labelY - 4}
          />
          <text className="history-label" x={isNarrow ? left + 19 : right + 20} y={labelY ?? y + 4}>
            {shorten(name, isNarrow ? 34 : labelLetters)}
          </text>
        </g>
      ))}
    </g>
  )
}
