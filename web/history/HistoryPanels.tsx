import type { ChartLayout, Mark, Panel } from './layout.ts'

/** Title and scale of a panel. */
export function PanelFrame({ panel, left, right }: { panel: Panel; left: number; right: number }) {
  const { title, top, ticks } = panel
  return (
    <g className="history-ticks">
      <text className="history-title" x={0} y={top - 10}>
        {title}
      </text>
      {ticks.map(({ position, label }) => (
        <g key={label}>
          <line className="history-grid" x1={left} x2={right} y1={position} y2={position} />
          <text x={left - 8} y={position + 4} textAnchor="end">
            {label}
          </text>
        </g>
      ))}
      {ticks.length === 0 && (
        <text x={left} y={top + 8}>
          {panel.measure === 'size' ? 'no build gave a main binary' : 'no build succeeded'}
        </text>
      )}
    </g>
  )
}

/** The line of each series, with its name at its end. */
export function Lines({ panel, marks, right }: { panel: Panel; marks: readonly Mark[][]; right: number }) {
  return (
    <>
      {panel.paths.map((path, series) => (
        <g key={series} className={`history-series-${series % 12}`}>
          {(marks[series] ?? []).map(({ index, x, spans }) => {
            const span = spans[panel.measure]
            return (
              span && (
                <line key={index} className="history-span" x1={x} x2={x} y1={span.top} y2={span.bottom} />
              )
            )
          })}
          <path className="history-line" d={path} />
        </g>
      ))}
      {panel.labels.map(({ series, y, text }) => (
        <g key={series} className={`history-series-${series % 12}`}>
          <line className="history-line" x1={right + 2} x2={right + 16} y1={y} y2={y} />
          <text className="history-label" x={right + 20} y={y + 4}>
            {text}
          </text>
        </g>
      ))}
    </>
  )
}

export function TimeTicks({ layout: { width, panels, timeTicks, timeY } }: { layout: ChartLayout }) {
  return (
    <g className="history-ticks" textAnchor="middle">
      {timeTicks.map(({ position, label }) => (
        <g key={position}>
          {panels.map(({ measure, bottom }) => (
            <line
              key={measure}
              className="history-axis"
              x1={position}
              x2={position}
              y1={bottom}
              y2={bottom + 4}
            />
          ))}
          <text x={Math.min(Math.max(position, 24), width - 30)} y={timeY + 4}>
            {label}
          </text>
        </g>
      ))}
    </g>
  )
}
