import { type CSSProperties, memo, useMemo } from 'react'
import type { ConsoleRowContent } from './console-log.ts'
import { linePieces, type Piece } from './line-pieces.ts'

/** One row: the number of the line that began it, which is a link to it, the seconds since the start, and its text. */
export const ConsoleRow = memo(function ConsoleRow(props: {
  measure: ((element: HTMLElement | null) => void) | null
  top: number
  index: number
  content: ConsoleRowContent
  isMarked: boolean
  onMark: (line: number, extend: boolean) => void
  pattern: RegExp | null
  isCurrentMatch: boolean
  isCurrentError: boolean
  timeOf: ((seconds: string) => string) | null
}) {
  const { measure, top, index, content, isMarked, onMark, pattern, isCurrentMatch, timeOf } = props
  const { number, seconds, text } = content
  const pieces = useMemo(() => linePieces(text, pattern), [text, pattern])
  return (
    <div
      ref={measure}
      role="row"
      aria-rowindex={index + 1}
      aria-current={isMarked || undefined}
      data-index={index}
      data-current-match={isCurrentMatch || undefined}
      data-current-error={props.isCurrentError || undefined}
      className="console-row"
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" className="console-number">
        {number !== null && (
          <a
            href={`#L${number}`}
            // Thousands of stops would trap whoever goes on by Tab; the keys j and k mark lines.
            tabIndex={-1}
            aria-label={`Line ${number}`}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.altKey) return
              event.preventDefault()
              onMark(number, event.shiftKey)
            }}
            data-number={number}
          />
        )}
      </span>
      <span
        role="cell"
        className="console-time"
        data-seconds={seconds === null ? '' : (timeOf?.(seconds) ?? seconds)}
      />
      <span role="cell" className="console-text" data-line={index}>
        {pieces.map((piece, at) => (
          <PieceOfLine key={at} {...piece} />
        ))}
      </span>
    </div>
  )
})

function PieceOfLine({ text, className, colour, background, underlineColour, href, isMatch }: Piece) {
  const style = {
    '--ansi': colour ?? undefined,
    '--ansi-bg': background ?? undefined,
    textDecorationColor: underlineColour ?? undefined,
  } as CSSProperties
  const styled =
    className === '' ? (
      text
    ) : (
      <span className={className} style={style}>
        {text}
      </span>
    )
  const marked = isMatch ? <mark>{styled}</mark> : styled
  if (!href) return marked
  return (
    <a
      href={href}
      title={href === text ? undefined : href}
      target="_blank"
      rel="noopener noreferrer nofollow"
    >
      {marked}
    </a>
  )
}
