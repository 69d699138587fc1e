import type { Ref } from 'react'
import { Link, useLocation, useSearchParams } from 'react-router'
import { withParameters } from '../paging/page.ts'
import { Icon, type IconName } from '../ui/Icon.tsx'

type Matches = { lines: readonly number[]; isDone: boolean; at: number | null }

export function ConsoleToolbar({
  ref,
  ...props
}: {
  ref: Ref<HTMLInputElement>
  text: string
  onType: (text: string) => void
  lineCount: number
  overwritingLineCount: number
  isLoading: boolean
  matches: Matches
  onMatch: (by: 1 | -1) => void
  isWrapped: boolean
  onWrap: () => void
  onTop: () => void
  onEnd: () => void
  isFull: boolean
  rawUrl: string | null
  errors: Matches
  onError: () => void
  showsSteps: boolean
  onSteps: () => void
  /** Null: nothing tells what time it was. */
  clock: { isShown: boolean; onChange: () => void } | null
}) {
  const { text, matches, onMatch, errors, clock } = props
  const hasMatches = matches.lines.length > 0
  return (
    <div
      role="toolbar"
      aria-label="Console"
      className="flex flex-wrap items-center gap-1 border-b border-line p-1.5"
    >
      <input
        ref={ref}
        type="search"
        aria-label="Search in the console"
        placeholder="Search in the console"
        value={text}
        spellCheck={false}
        onChange={(event) => props.onType(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return
          event.preventDefault()
          onMatch(event.shiftKey ? -1 : 1)
        }}
        className="h-8 w-52 min-w-0 rounded-md border border-line-strong bg-surface px-2 text-small placeholder:text-quiet narrow:basis-full"
      />
      <Tool icon="up" label="Match before" isOff={!hasMatches} onClick={() => onMatch(-1)} />
      <Tool icon="down" label="Next match" isOff={!hasMatches} onClick={() => onMatch(1)} />
      <span role="status" className="px-1 text-small text-quiet tabular-nums">
        {text === '' ? describeLines(props) : describeMatches(matches)}
      </span>
      <div className="ml-auto flex flex-wrap items-center gap-1">
        {errors.lines.length > 0 && (
          <button
            type="button"
            className="control"
            onClick={props.onError}
            title="Next line that tells of an error (e)"
          >
            <Icon name="cross" className="text-bad" /> {describeErrors(errors)}
          </button>
        )}
        <button type="button" className="control" aria-pressed={props.showsSteps} onClick={props.onSteps}>
          Steps
        </button>
        {clock && (
          <button
            type="button"
            className="control narrow:hidden"
            aria-pressed={clock.isShown}
            onClick={clock.onChange}
            title="Times of the clock, in UTC, in place of seconds"
          >
            Clock
          </button>
        )}
        <Tool icon="wrap" label="Wrap long lines" isPressed={props.isWrapped} onClick={props.onWrap} />
        <Tool icon="top" label="Go to the first line" onClick={props.onTop} />
        <Tool icon="end" label="Go to the end and stay there" onClick={props.onEnd} />
        <FullHeightLink isFull={props.isFull} />
        {props.rawUrl !== null && (
          <a href={props.rawUrl} className="px-1.5 text-small">
            raw
          </a>
        )}
      </div>
    </div>
  )
}

function describeLines(props: {
  lineCount: number
  overwritingLineCount: number
  isLoading: boolean
}): string {
  const { lineCount, overwritingLineCount, isLoading } = props
  const lines = `${lineCount.toLocaleString('en-US')} ${lineCount === 1 ? 'line' : 'lines'}`
  if (isLoading) return `${lines} so far`
  return overwritingLineCount > 0
    ? `${lines}, of which ${overwritingLineCount.toLocaleString('en-US')} wrote over others`
    : lines
}

function describeMatches({ lines, isDone, at }: Matches): string {
  if (lines.length === 0) return isDone ? 'no match' : 'searching'
  const count = `${lines.length.toLocaleString('en-US')}${isDone ? '' : '+'}`
  const noun = lines.length === 1 ? 'line' : 'lines'
  return at === null ? `${count} ${noun}` : `${(at + 1).toLocaleString('en-US')} of ${count} ${noun}`
}

function describeErrors({ lines, isDone, at }: Matches): string {
  const count = `${lines.length.toLocaleString('en-US')}${isDone ? '' : '+'}`
  return at === null ? `Errors ${count}` : `Errors ${(at + 1).toLocaleString('en-US')} of ${count}`
}

function Tool(props: {
  icon: IconName
  label: string
  isPressed?: boolean
  isOff?: boolean
  onClick: () => void
}) {
  return (
    <button
      type="button"
      className="icon-button disabled:opacity-50 aria-pressed:bg-accent-soft aria-pressed:text-text"
      aria-label={props.label}
      title={props.label}
      aria-pressed={props.isPressed}
      disabled={props.isOff}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  )
}

/** The console alone, on the whole height of the window: a view of the page with its own address. */
function FullHeightLink({ isFull }: { isFull: boolean }) {
  const { hash } = useLocation()
  const [search] = useSearchParams()
  const label = isFull ? 'Back to the whole page' : 'Console on the whole height'
  return (
    <Link
      to={{
        search: withParameters(search, { view: isFull ? null : 'console' }),
        hash: hash || (isFull ? '#console' : ''),
      }}
      className="icon-button"
      aria-label={label}
      title={label}
    >
      <Icon name={isFull ? 'shrink' : 'expand'} />
    </Link>
  )
}
