import type { ChartLayout, Mark, Panel } from './layout.ts'

/** The marks of a point: a dot on each line, and its outcome in the strip. */
export function PointMarks(props: {
  mark: Mark
  panels: readonly Panel[]
  isActive: boolean
  isSparse: boolean
}) {
  const { mark, panels, isActive, isSparse } = props
  const { x, ys, rowY, failedShare, isNotReproducible } = mark
  // Of a period in which few builds failed, the sign is small.
  const reach = 1.5 + 2 * failedShare
  // Of a period in which builds failed and others were not reproducible, neither sign hides the other.
  const hasBoth = failedShare > 0 && isNotReproducible
  const [unequalY, failedY] = hasBoth ? [rowY - 3, rowY + 5] : [rowY, rowY]
  return (
    <>
      {panels.map(({ measure }) => {
        const y = ys[measure]
        if (y === undefined || !(isSparse || isActive)) return null
        return <circle key={measure} className="history-dot" cx={x} cy={y} r={isActive ? 4 : 2} />
      })}
      {failedShare > 0 && (
        <path
          className="history-failed"
          d={`M${x - reach} ${failedY - reach}l${2 * reach} ${2 * reach}m0 ${-2 * reach}l${-2 * reach} ${2 * reach}`}
        />
      )}
      {isNotReproducible && (
        <path
          className="history-unequal"
          d={`M${x - 4} ${unequalY - 2}h8m-8 4h8M${x + 2} ${unequalY - 5}l-4 10`}
        />
      )}
      {failedShare === 0 && !isNotReproducible && (
        <line className="history-success" x1={x} x2={x} y1={rowY - 4} y2={rowY + 4} />
      )}
      {isActive && <circle data-screen-only className="history-ring" cx={x} cy={rowY} r={8} />}
    </>
  )
}

/** A ◆ where the output changed. It leads to the comparison; without one, to the build. */
export function Changes({ layout: { marks, panels, isDense } }: { layout: ChartLayout }) {
  const [panel] = panels
  if (!panel) return null
  const reach = isDense ? 3.5 : 5.5
  return (
    <>
      {marks.flat().map(({ series, index, x, ys, point }) => {
        const y = ys[panel.measure]
        if (!point.outputChanged || y === undefined) return null
        return (
          <a
            key={`${series} ${index}`}
            className={`history-series-${series % 12}`}
            href={point.change?.resourcePath ?? point.resourcePath}
            tabIndex={-1}
            aria-hidden="true"
          >
            <path
              className="history-change"
              d={`M${x} ${y - reach}l${reach} ${reach}l${-reach} ${reach}l${-reach} ${-reach}z`}
            />
          </a>
        )
      })}
    </>
  )
}

/** Where the point that is read out stands. */
export function Cursor({ mark, layout: { panels, strip } }: { mark: Mark; layout: ChartLayout }) {
  return (
    <line
      data-screen-only
      className="history-cursor"
      x1={mark.x}
      x2={mark.x}
      y1={panels[0]?.top ?? 0}
      y2={strip.bottom}
    />
  )
}
