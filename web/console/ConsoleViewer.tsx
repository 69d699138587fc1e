import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Icon } from '../ui/Icon.tsx'
import type { ConsoleLog } from './console-log.ts'
import { ConsoleRows, type ConsoleRowsHandle } from './ConsoleRows.tsx'
import { ConsoleToolbar } from './ConsoleToolbar.tsx'
import { searchPattern } from './line-pieces.ts'
import { clockOf } from './clock-of.ts'
import { errorPattern, stepPattern, stepsOf } from './find-steps.ts'
import { StepList } from './StepList.tsx'
import { useFilterText } from '../address/use-filter-text.ts'
import { extendLineRange, type LineRange } from './line-range.ts'
import { copyLines } from './copy-lines.ts'
import type { LoadedConsole } from './use-console-log.ts'
import { useConsoleSearch } from './use-console-search.ts'
import { useLineRange } from './use-line-range.ts'
import './console.css'

export type ConsoleView = {
  /** The number of the first line on the screen; null: there is none. */
  firstLine: number | null
  follows: boolean
}

/** A console in a box that scrolls: any number of lines, colours, search, and an address for each line. */
export function ConsoleViewer({
  loaded,
  rawUrl,
  onRetry,
  openAt,
  startedAt,
  onLook,
  isFull,
}: {
  loaded: LoadedConsole
  /** null: there is no file of it yet. */
  rawUrl: string | null
  onRetry: () => void
  /** The number of a line, or the end, which is followed then; null: at the first line. */
  openAt: number | 'end' | null
  /** When the build started, for times of the clock; RFC 3339. Null: not known. */
  startedAt: string | null
  /** Is told, before each drawing, how to ask what the reader sees. */
  onLook?: (look: () => ConsoleView) => void
  isFull: boolean
}) {
  const { log, lineCount, rowCount, state } = loaded
  const [range, setRange] = useLineRange()
  const [isWrapped, setIsWrapped] = useState(false)
  const [follows, setFollows] = useState(openAt === 'end')
  const [text, setText] = useFilterText('find')
  const pattern = useMemo(() => searchPattern(text), [text])
  const isComplete = state.kind === 'complete'
  const search = useConsoleSearch(log, rowCount, isComplete, pattern)
  const [matchAt, setMatchAt] = useState<number | null>(null)
  const errors = useConsoleSearch(log, rowCount, isComplete, errorPattern)
  const [errorAt, setErrorAt] = useState<number | null>(null)
  const [showsSteps, setShowsSteps] = useState(false)
  const stepRows = useConsoleSearch(log, rowCount, isComplete, showsSteps ? stepPattern : null)
  const [showsClock, setShowsClock] = useState(false)
  /** The next line that is chosen ends the marked ones: in place of Shift, where there is no keyboard. */
  const [isExtending, setIsExtending] = useState(false)
  const timeOf = showsClock && startedAt !== null ? clockOf(startedAt) : null
  const rows = useRef<ConsoleRowsHandle>(null)
  const searchBox = useRef<HTMLInputElement>(null)

  const mayGrow = state.kind === 'loading' || state.kind === 'live'

  useEffect(() => {
    onLook?.(() => ({ firstLine: rows.current?.visible()?.first ?? null, follows }))
  }, [onLook, follows])

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

  function goToError() {
    const count = errors.lines.length
    if (count === 0) return
    const next = errorAt === null ? 0 : (errorAt + 1) % count
    setErrorAt(next)
    goTo(errors.lines[next] ?? 0)
  }

  function type(typed: string) {
    setText(typed)
    setMatchAt(null)
  }

  const mark = useCallback(
    (line: number, extend: boolean) => {
      setRange((now) => (extend || isExtending ? extendLineRange(now, line) : { first: line, last: line }))
      setIsExtending(false)
    },
    [setRange, isExtending],
  )

  function onKeyDown(event: React.KeyboardEvent) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target === searchBox.current) return
    if (event.key === '/') searchBox.current?.focus()
    else if (event.key === 'e') goToError()
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
  const pending = useRef(placeToOpen(range, openAt))
  useEffect(() => {
    const wanted = pending.current
    if (!wanted || lineCount === 0 || (lineCount < wanted.first && mayGrow)) return
    pending.current = null
    rows.current?.show(log.rowOfLine(Math.min(wanted.first, lineCount) - 1), wanted.align)
  }, [log, lineCount, mayGrow])

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
        isLoading={mayGrow}
        matches={{ ...search, at: matchAt }}
        onMatch={goToMatch}
        isWrapped={isWrapped}
        onWrap={() => setIsWrapped(!isWrapped)}
        onTop={() => goTo(0)}
        onEnd={() => setFollows(true)}
        isFull={isFull}
        rawUrl={rawUrl}
        errors={{ ...errors, at: errorAt }}
        onError={goToError}
        showsSteps={showsSteps}
        onSteps={() => setShowsSteps(!showsSteps)}
        clock={
          startedAt === null ? null : { isShown: showsClock, onChange: () => setShowsClock(!showsClock) }
        }
      />
      {showsSteps && (
        <StepList
          steps={stepsOf(log, stepRows.lines, rowCount)}
          timeOf={timeOf ?? ((seconds) => `${seconds} s`)}
          onGo={goTo}
        />
      )}
      <ConsoleRows
        ref={rows}
        log={log}
        rowCount={rowCount}
        isWrapped={isWrapped}
        follows={follows}
        onLeaveEnd={() => setFollows(false)}
        onReachEnd={state.kind === 'live' ? () => setFollows(true) : null}
        range={range}
        onMark={mark}
        pattern={pattern}
        currentMatch={matchAt === null ? null : (search.lines[matchAt] ?? null)}
        currentError={errorAt === null ? null : (errors.lines[errorAt] ?? null)}
        timeOf={timeOf}
      />
      {state.kind === 'live' && !follows && (
        <div className="flex items-center gap-3 border-t border-line px-3 py-1 text-small">
          <span className="text-quiet">New lines do not move what you read.</span>
          <button type="button" className="control ml-auto" onClick={() => setFollows(true)}>
            Follow
          </button>
        </div>
      )}
      {state.kind === 'broken' && (
        <p role="alert" className="flex items-center gap-3 border-t border-line px-3 py-2 text-bad">
          The console broke off after {lineCount.toLocaleString('en-US')} lines: {state.reason}.
          <button type="button" className="control" onClick={onRetry}>
            Read it again
          </button>
        </p>
      )}
      {range && (
        <div className="flex items-center gap-2 border-t border-line px-3 py-1 text-small">
          <span>{describeRange(range)}</span>
          {(!mayGrow || lineCount >= range.last) && (
            <CopyButton text={() => copyLines(log, range)} what="the marked lines" />
          )}
          <button
            type="button"
            className="control"
            aria-pressed={isExtending}
            onClick={() => setIsExtending(!isExtending)}
          >
            {isExtending ? 'Choose the other end' : 'Mark up to …'}
          </button>
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

/** The line to show at first: marked lines in the middle of the box, and where somebody was reading at its top. */
function placeToOpen(
  range: LineRange | null,
  openAt: number | 'end' | null,
): { first: number; align?: 'start' } | null {
  if (range) return { first: range.first }
  return typeof openAt === 'number' ? { first: openAt, align: 'start' } : null
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
