import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Icon } from '../ui/Icon.tsx'
import type { ConsoleLog } from './console-log.ts'
import { ConsoleRows, type ConsoleRowsHandle } from './ConsoleRows.tsx'
import { ConsoleToolbar } from './ConsoleToolbar.tsx'
import { searchPattern } from './line-pieces.ts'
import { extendLineRange, type LineRange } from './line-range.ts'
import { copyLines } from './copy-lines.ts'
import { useConsoleLog } from './use-console-log.ts'
import { useConsoleSearch } from './use-console-search.ts'
import { useLineRange } from './use-line-range.ts'
import './console.css'

/** A build's console at `url`: any number of lines, colours, search, and an address for each line. */
export function ConsoleViewer({
  url,
  entriesUrl,
  openAtEnd,
  isFull,
}: {
  url: string
  entriesUrl: string
  openAtEnd: boolean
  isFull: boolean
}) {
  const [attempt, setAttempt] = useState(0)
  const { log, lineCount, rowCount, state } = useConsoleLog(url, entriesUrl, attempt)
  const [range, setRange] = useLineRange()
  const [isWrapped, setIsWrapped] = useState(false)
  const [follows, setFollows] = useState(openAtEnd)
  const [text, setText] = useState('')
  const search = useConsoleSearch(log, rowCount, state.kind === 'complete', text)
  const [matchAt, setMatchAt] = useState<number | null>(null)
  const pattern = useMemo(() => searchPattern(text), [text])
  const rows = useRef<ConsoleRowsHandle>(null)
  const searchBox = useRef<HTMLInputElement>(null)

  function goTo(row: number) {
    setFollows(false)
    rows.current?.show(row)
  }

  function goToMatch(by: 1 | -1) {
    const count = search.lines.length
    if (count === 0) return
    const first = by === 1 ? 0 : count - 1
    const next = matchAt === null ? first : (matchAt + by + count) % count
    setMatchAt(next)
    goTo(search.lines[next] ?? 0)
  }

  function type(typed: string) {
    setText(typed)
    setMatchAt(null)
  }

  const mark = useCallback(
    (line: number, extend: boolean) =>
      setRange((now) => (extend ? extendLineRange(now, line) : { first: line, last: line })),
    [setRange],
  )

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === searchBox.current) return
    if (event.key === '/') searchBox.current?.focus()
    else if (event.key === 'Escape' && range) setRange(() => null)
    else if (/^[jkJK]$/.test(event.key)) {
      setRange((now) => {
        const moved = moveRange(now ?? rows.current?.visible() ?? null, event.key, log)
        if (moved) goTo(log.rowOfLine(moved.line - 1))
        return moved?.range ?? now
      })
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  // The address may name a line that has not arrived yet: go there once it has.
  const pending = useRef(range)
  useEffect(() => {
    const wanted = pending.current
    if (!wanted || lineCount === 0 || (lineCount < wanted.first && state.kind === 'loading')) return
    pending.current = null
    rows.current?.show(log.rowOfLine(Math.min(wanted.first, lineCount) - 1))
  }, [log, lineCount, state.kind])

  return (
    <div
      onKeyDown={onKeyDown}
      className={`flex min-h-0 flex-col rounded-md border border-line bg-raised ${isFull ? 'flex-1' : ''}`}
      data-state={state.kind}
    >
      <ConsoleToolbar
        ref={searchBox}
        text={text}
        onType={type}
        lineCount={lineCount}
        overwritingLineCount={log.overwritingLineCount()}
        isLoading={state.kind === 'loading'}
        matches={{ ...search, at: matchAt }}
        onMatch={goToMatch}
        isWrapped={isWrapped}
        onWrap={() => setIsWrapped(!isWrapped)}
        onTop={() => goTo(0)}
        onEnd={() => setFollows(true)}
        isFull={isFull}
        rawUrl={url}
      />
      <ConsoleRows
        ref={rows}
        log={log}
        rowCount={rowCount}
        isWrapped={isWrapped}
        follows={follows}
        onLeaveEnd={() => setFollows(false)}
        range={range}
        onMark={mark}
        pattern={pattern}
        currentMatch={matchAt === null ? null : (search.lines[matchAt] ?? null)}
      />
      {state.kind === 'broken' && (
        <p role="alert" className="flex items-center gap-3 border-t border-line px-3 py-2 text-bad">
          The console broke off after {lineCount.toLocaleString('en-US')} lines: {state.reason}.
          <button type="button" className="control" onClick={() => setAttempt(attempt + 1)}>
            Read it again
          </button>
        </p>
      )}
      {range && (
        <div className="flex items-center gap-2 border-t border-line px-3 py-1 text-small">
          <span>{describeRange(range)}</span>
          <CopyButton text={() => copyLines(log, range)} what="the marked lines" />
          <button
            type="button"
            className="icon-button ml-auto"
            onClick={() => setRange(() => null)}
            aria-label="Unmark the lines"
            title="Unmark the lines (Esc)"
          >
            <Icon name="cross" />
          </button>
        </div>
      )}
    </div>
  )
}

function describeRange({ first, last }: LineRange): string {
  return first === last ? `Line ${first} is marked` : `Lines ${first} to ${last} are marked`
}

/** What `j`, `k` (move the mark) and `J`, `K` (move its end) make of a range, and the line to look at. */
function moveRange(
  range: LineRange | null,
  key: string,
  log: ConsoleLog,
): { range: LineRange; line: number } | null {
  const lineCount = log.storedLineCount()
  if (!range || lineCount === 0) return null
  /** The line of the row `by` rows from that of a line: lines that were written over have none. */
  const step = (from: number, by: 1 | -1) => {
    const row = Math.min(Math.max(log.rowOfLine(from - 1) + by, 0), log.rowCount() - 1)
    const line = log.lineOfRow(row) + 1
    // Rows of one line follow each other.
    return line === from && by === 1 && from < lineCount ? from + 1 : line
  }
  if (key === 'J' || key === 'K') {
    const last = Math.max(range.first, step(range.last, key === 'J' ? 1 : -1))
    return { range: { first: range.first, last }, line: last }
  }
  const line = key === 'j' ? step(range.last, 1) : step(range.first, -1)
  return { range: { first: line, last: line }, line }
}
