import { type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { useWidth } from '../charts/use-width.ts'
import type { History, Measure } from './history.ts'
import './history.css'
import { HistoryKey } from './HistoryKey.tsx'
import { HistoryReadout } from './HistoryReadout.tsx'
import { type ChartLayout, layoutHistory, type Mark, nearestMark, type Panel, walk } from './layout.ts'
import { describePoint } from './words.ts'

/**
 * Lines over time, one a platform, and a strip of outcomes. Points are links, of which one can be reached by
 * Tab and the others from it by arrow keys; the pointer takes the one that is nearest.
 */
export function HistoryChart(props: { job: string; history: History; measures: readonly Measure[] }) {
  const { job, history, measures } = props
  const [box, setBox] = useState<HTMLDivElement | null>(null)
  const width = useWidth(box)
  const layout = useMemo(
    () => (width > 0 ? layoutHistory(history, measures, width) : null),
    [history, measures, width],
  )
  return (
    <div ref={setBox} className="history">
      {layout && <Drawing job={job} history={history} layout={layout} />}
    </div>
  )
}

function Drawing({ job, history, layout }: { job: string; history: History; layout: ChartLayout }) {
  const { width, height, left, right, panels, marks, strip, timeTicks, timeY } = layout
  const navigate = useNavigate()
  const links = useRef(new Map<string, HTMLAnchorElement>())
  const [active, setActive] = useState<{ series: number; index: number } | null>(null)
  const newest = newestMark(marks)
  const activeMark = active ? (marks[active.series]?.[active.index] ?? null) : null
  const reachable = activeMark ?? newest
  const readOut = activeMark ?? newest

  function locate(event: MouseEvent<SVGSVGElement>): Mark | null {
    const { left, top } = event.currentTarget.getBoundingClientRect()
    return nearestMark(layout, event.clientX - left, event.clientY - top)
  }

  /** A finger has no hover: its first tap shows a point, the second opens it. */
  function onClick(event: MouseEvent<SVGSVGElement>) {
    const link = event.target instanceof Element ? event.target.closest('a') : null
    const mark = locate(event)
    const wasShown = mark !== null && mark === activeMark
    setActive(mark)
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey)
      return
    event.preventDefault()
    const isFinger = (event.nativeEvent as PointerEvent).pointerType === 'touch'
    if (isFinger && !wasShown) return
    const href = link?.getAttribute('href') ?? mark?.point.url
    if (href) void navigate(href)
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey || !reachable) return
    const next = walk(marks, reachable, event.key)
    if (next) links.current.get(keyOf(next))?.focus()
    else if (event.key === 'c' && reachable.point.change) void navigate(reachable.point.change.url)
    else return
    event.preventDefault()
  }

  return (
    <>
      <svg
        data-picture
        viewBox={`0 0 ${width} ${height}`}
        width={width}
        height={height}
        role="group"
        aria-label={`Charts of ${job}. Arrow keys go from point to point, Enter opens the build.`}
        onPointerMove={(event) => event.pointerType === 'mouse' && setActive(locate(event))}
        onPointerLeave={() => setActive(null)}
        onClick={onClick}
        onKeyDown={onKeyDown}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setActive(null)
        }}
      >
        {/* Something to be over, also between the lines. */}
        <rect width={width} height={height} fill="none" pointerEvents="all" />
        {panels.map((panel) => (
          <PanelFrame key={panel.measure} panel={panel} left={left} right={right} />
        ))}
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
        <Strip layout={layout} />
        <HistoryKey y={strip.top - 8} left={left} width={width} />
        {activeMark && <Cursor mark={activeMark} layout={layout} />}
        {panels.map((panel) => (
          <Lines key={panel.measure} panel={panel} marks={marks} right={right} />
        ))}
        {marks.map((own, series) => (
          <g key={history.series[series]?.platform.id} className={`history-series-${series % 12}`}>
            {own.map((mark) => (
              <a
                key={mark.index}
                ref={(link) => {
                  if (link) links.current.set(keyOf(mark), link)
                  else links.current.delete(keyOf(mark))
                }}
                href={mark.point.url}
                tabIndex={reachable === mark ? 0 : -1}
                aria-label={describePoint(
                  history.series[series]?.platform.name ?? '',
                  history.series[series]?.points ?? [],
                  mark.index,
                  history.grain,
                )}
                onFocus={() => setActive(mark)}
              >
                <PointMarks
                  mark={mark}
                  panels={panels}
                  isActive={mark === activeMark}
                  isSparse={own.length <= 60}
                />
              </a>
            ))}
          </g>
        ))}
        <Changes layout={layout} />
      </svg>
      {readOut && <HistoryReadout history={history} mark={readOut} isNewest={activeMark === null} />}
    </>
  )
}

const keyOf = ({ series, index }: Mark) => `${series} ${index}`

function newestMark(marks: readonly Mark[][]): Mark | null {
  const ends = marks.flatMap((own) => own.at(-1) ?? [])
  return ends.toSorted((a, b) => b.x - a.x)[0] ?? null
}

function PanelFrame({ panel, left, right }: { panel: Panel; left: number; right: number }) {
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

function Lines({ panel, marks, right }: { panel: Panel; marks: readonly Mark[][]; right: number }) {
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

function Strip({ layout: { strip, left, right, isNarrow } }: { layout: ChartLayout }) {
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
            {name.length > 34
              ? `${name.slice(0, isNarrow ? 33 : 15)}…`
              : !isNarrow && name.length > 16
                ? `${name.slice(0, 15)}…`
                : name}
          </text>
        </g>
      ))}
    </g>
  )
}

/** What a point shows of itself: a dot on each line, and its outcome in the strip. */
function PointMarks(props: { mark: Mark; panels: readonly Panel[]; isActive: boolean; isSparse: boolean }) {
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
function Changes({ layout: { marks, panels, isDense } }: { layout: ChartLayout }) {
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
            href={point.change?.url ?? point.url}
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
function Cursor({ mark, layout: { panels, strip } }: { mark: Mark; layout: ChartLayout }) {
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
