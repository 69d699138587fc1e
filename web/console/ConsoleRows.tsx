import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual'
import { type Ref, useImperativeHandle, useLayoutEffect, useRef } from 'react'
import type { ConsoleLog } from './console-log.ts'
import { ConsoleRow } from './ConsoleRow.tsx'
import type { LineRange } from './line-range.ts'
import { useSelectedLines } from './use-selected-lines.ts'

/** Height of a line that is not wrapped, in pixels; console.css says the same. */
const rowHeight = 20

export type ConsoleRowsHandle = {
  /** Scrolls to a line, counted from 0. */
  show: (line: number) => void
  /** The first line on the screen. */
  visible: () => LineRange | null
}

/** The lines of a console in a box that scrolls. Only those on the screen are in the document. */
export function ConsoleRows(props: {
  ref: Ref<ConsoleRowsHandle>
  log: ConsoleLog
  lineCount: number
  isWrapped: boolean
  follows: boolean
  onLeaveEnd: () => void
  range: LineRange | null
  onMark: (line: number, extend: boolean) => void
  pattern: RegExp | null
  currentMatch: number | null
}) {
  const { log, lineCount, isWrapped, follows, range, onMark, pattern, currentMatch } = props
  const scroller = useRef<HTMLDivElement>(null)
  const lastTop = useRef(0)
  const { selectedEnds, onCopy } = useSelectedLines(scroller, log, range)

  const rows = useVirtualizer({
    count: lineCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 24,
    // The ends of a selection must stay in the document, or the browser forgets the selection.
    rangeExtractor: (shown) =>
      [
        ...new Set([...selectedEnds.filter((line) => line < lineCount), ...defaultRangeExtractor(shown)]),
      ].sort((a, b) => a - b),
  })
  const height = rows.getTotalSize()

  useImperativeHandle(props.ref, () => ({
    show: (line) => rows.scrollToIndex(line, { align: 'center' }),
    visible() {
      const top = scroller.current?.scrollTop ?? 0
      const first = rows.getVirtualItemForOffset(top)?.index
      return first === undefined ? null : { first: first + 1, last: first + 1 }
    },
  }))

  useLayoutEffect(() => {
    if (follows && scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight
  }, [follows, height])

  useLayoutEffect(() => rows.measure(), [rows, isWrapped])

  function onScroll(event: React.UIEvent<HTMLDivElement>) {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
    const movedUp = scrollTop < lastTop.current
    lastTop.current = scrollTop
    // A wrapped line that turns out shorter than estimated moves the end up as well: that is no reader's wish.
    if (follows && movedUp && scrollHeight - scrollTop - clientHeight > 2 * rowHeight) props.onLeaveEnd()
  }

  return (
    <div
      ref={scroller}
      role="region"
      aria-label="Console output"
      tabIndex={0}
      onScroll={onScroll}
      onCopy={onCopy}
      className="console min-h-0 flex-auto overflow-auto py-1"
      data-wrapped={isWrapped}
    >
      <div
        role="table"
        aria-label="Console lines"
        aria-rowcount={lineCount}
        style={{ minWidth: isWrapped ? undefined : `${Math.min(log.widest(), 10_000) + 22}ch` }}
      >
        <div role="rowgroup" className="relative" style={{ height }}>
          {rows.getVirtualItems().map((row) => (
            <ConsoleRow
              key={row.index}
              measure={isWrapped ? rows.measureElement : null}
              top={row.start}
              index={row.index}
              log={log}
              isMarked={range !== null && row.index + 1 >= range.first && row.index + 1 <= range.last}
              onMark={onMark}
              pattern={pattern}
              isCurrentMatch={row.index === currentMatch}
            />
          ))}
        </div>
      </div>
    </div>
  )
}
