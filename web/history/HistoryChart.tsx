import { type KeyboardEvent, type MouseEvent, useMemo, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import { useWidth } from '../charts/use-width.ts'
import { nearestMark, walk } from './find-mark.ts'
import type { History, Measure } from './history.ts'
import './history.css'
import { HistoryKey } from './HistoryKey.tsx'
import { Changes, Cursor, PointMarks } from './HistoryMarks.tsx'
import { Lines, PanelFrame, TimeTicks } from './HistoryPanels.tsx'
import { HistoryReadout } from './HistoryReadout.tsx'
import { HistoryStrip } from './HistoryStrip.tsx'
import { type ChartLayout, layoutHistory, type Mark } from './layout.ts'
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
  const { width, height, left, right, panels, marks, strip } = layout
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
    const href = link?.getAttribute('href') ?? mark?.point.resourcePath
    if (href) void navigate(href)
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.altKey || event.ctrlKey || event.metaKey || !reachable) return
    const next = walk(marks, reachable, event.key)
    if (next) links.current.get(keyOf(next))?.focus()
    else if (event.key === 'c' && reachable.point.change) void navigate(reachable.point.change.resourcePath)
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
        <TimeTicks layout={layout} />
        <HistoryStrip layout={layout} />
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
                href={mark.point.resourcePath}
                tabIndex={reachable === mark ? 0 : -1}
                aria-label={describePoint(
                  history.series[series]?.platform.name ?? '',
                  history.series[series]?.points ?? [],
                  mark.index,
                  history.interval,
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
