import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type Ref, useImperativeHandle, useLayoutEffect, useRef } from 'react'
import type { ConsoleLog } from './console-log.ts'
import { lastRowOf } from './copy-lines.ts'
import { ConsoleRow } from './ConsoleRow.tsx'
import type { LineRange } from './line-range.ts'
import { useSelectedLines } from './use-selected-lines.ts'

/** Height of a line that is not wrapped, in pixels; console.css says the same. */
const rowHeight = 20

export type ConsoleRowsHandle = {
  /** Scrolls to a row. Default: to the middle of the box. */
  show: (row: number, align?: 'start') => void
  /** The line of the first row on the screen. */
  visible: () => LineRange | null
}

/** The rows of a console in a box that scrolls. Only those on the screen are in the document. */
export function ConsoleRows(props: {
  ref: Ref<ConsoleRowsHandle>
  log: ConsoleLog
  rowCount: number
  isWrapped: boolean
  follows: boolean
  onLeaveEnd: () => void
  /** The reader has scrolled to the end; null: that means nothing. */
  onReachEnd: (() => void) | null
  range: LineRange | null
  onMark: (line: number, extend: boolean) => void
  pattern: RegExp | null
  currentMatch: number | null
  currentError: number | null
  /** Makes a time of the clock of seconds since the start; null: seconds are shown. */
  timeOf: ((seconds: string) => string) | null
}) {
  const { log, rowCount, isWrapped, follows, range, onMark, pattern, currentMatch } = props
  const scroller = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  const { selectedEnds, onCopy } = useSelectedLines(scroller, log, range)

  const rows = useVirtualizer({
    count: rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 24,
    // The ends of a selection must stay in the document, or the browser forgets the selection.
    rangeExtractor: (shown) =>
      [...new Set([...selectedEnds.filter((row) => row < rowCount), ...defaultRangeExtractor(shown)])].sort(
        (a, b) => a - b,
      ),
  })
  const height = rows.getTotalSize()
  const marked = range && markedRows(log, range)

  useImperativeHandle(props.ref, () => ({
    show: (row, align) => rows.scrollToIndex(row, { align: align ?? 'center' }),
    visible() {
      const top = scroller.current?.scrollTop ?? 0
      const first = rows.getVirtualItemForOffset(top)?.index
      if (first === undefined) return null
      const line = log.lineOfRow(first) + 1
      return { first: line, last: line }
    },
  }))

  useLayoutEffect(() => {
    if (follows && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
  }, [follows, height])

  useLayoutEffect(() => rows.measure(), [rows, isWrapped])

  function onScroll(event: React.UIEvent<HTMLDivElement>) {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
    const movedUp = scrollTop < lastTop.current
    const movedDown = scrollTop > lastTop.current
    const toEnd = scrollHeight - scrollTop - clientHeight
    lastTop.current = scrollTop
    // A wrapped line that turns out shorter than estimated moves the end up as well: that is no reader's wish.
    if (follows && movedUp && toEnd > 2 * rowHeight) props.onLeaveEnd()
    if (!follows && movedDown && toEnd < 1) props.onReachEnd?.()
  }

  /** Scrolling begins with small steps, which lines that come would undo: the wish counts, not the way. */
  const leave = {
    onWheel: ({ deltaY }: React.WheelEvent) => follows && deltaY < 0 && props.onLeaveEnd(),
    onTouchMove: () => follows && props.onLeaveEnd(),
    onKeyDown: ({ key }: React.KeyboardEvent) =>
      follows && ['ArrowUp', 'PageUp', 'Home'].includes(key) && props.onLeaveEnd(),
  }

  return (
    <div
      ref={scroller}
      role="region"
      aria-label="Console output"
      tabIndex={0}
      onScroll={onScroll}
      {...leave}
      onCopy={onCopy}
      className="console min-h-0 flex-auto overflow-auto py-1"
      data-wrapped={isWrapped}
    >
      <div
        role="table"
        aria-label="Console lines"
        aria-rowcount={rowCount}
        style={{ minWidth: isWrapped ? undefined : `${Math.min(log.widest(), 10_000) + 22}ch` }}
      >
        <div role="rowgroup" className="relative" style={{ height }}>
          {rows.getVirtualItems().map((row) => (
            <ConsoleRow
              key={row.index}
              measure={isWrapped ? rows.measureElement : null}
              top={row.start}
              index={row.index}
              content={log.row(row.index)}
              isMarked={marked !== null && row.index >= marked.first && row.index <= marked.last}
              onMark={onMark}
              pattern={pattern}
              isCurrentMatch={row.index === currentMatch}
              isCurrentError={row.index === props.currentError}
              timeOf={props.timeOf}
            />
          ))}
        </div>
      </div>
    </div>
  )
}

/** The rows of a range of lines; of a line that was written over, the row in which it began. */
function markedRows(log: ConsoleLog, { first, last }: LineRange): { first: number; last: number } | null {
  if (first > log.storedLineCount()) return null
  return { first: log.rowOfLine(first - 1), last: lastRowOf(log, Math.min(last, log.storedLineCount())) }
}
