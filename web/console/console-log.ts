import { createScreen } from '../../terminal/screen.ts'
import { plainText } from '../../terminal/settled-text.ts'
import { parseConsoleLine } from './console-text.ts'

/**
 * A console file in memory, growing while it arrives. It has stored lines, whose numbers are addresses, and rows:
 * what a terminal shows. Mostly each line is a row; a line that moves the cursor up writes over rows of the lines
 * before it, and has none. Rows and lines count from 0 here, and lines from 1 for readers.
 */
export type ConsoleLog = ReturnType<typeof createConsoleLog>

/** A row as it is shown. `number` is the line that began it, from 1; null when that line began above it. */
export type ConsoleRowContent = { number: number | null; seconds: string | null; text: string }

/** `entries`: a bit for each line, the most significant first: whether an entry begins there; null: not known. */
export function createConsoleLog(entries: Uint8Array | null = null) {
  const screen = createScreen()
  const times: (string | null)[] = []
  const contents = new Map<number, ConsoleRowContent>()
  let widest = 0
  /** Pieces of a line that has no end yet. */
  let unfinished: string[] = []

  function push(line: string): void {
    const index = times.length
    const beginsEntry = entries === null || ((entries[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0
    const { seconds, text } = parseConsoleLine(line, beginsEntry)
    show(seconds, text)
  }

  function show(seconds: string | null, text: string): void {
    times.push(seconds)
    widest = Math.max(widest, text.length)
    screen.feed(text)
  }

  return {
    /** Adds a piece of the file; pieces need not end where lines do. */
    append(piece: string): void {
      const parts = piece.split('\n')
      const last = parts.pop() ?? ''
      for (const part of parts) {
        push(unfinished.join('') + part)
        unfinished = []
      }
      if (last !== '') unfinished.push(last)
    },
    /** Adds what a worker printed at once, `offsetMs` after the start: a line, or several. */
    add(offsetMs: number, text: string): void {
      text
        .split('\n')
        .forEach((line, index) => show(index === 0 ? (offsetMs / 1_000).toFixed(3) : null, line))
    },
    /** Says that nothing follows: a last line may lack its line break. */
    finish(): void {
      if (unfinished.length > 0) push(unfinished.join(''))
      unfinished = []
    },
    rowCount: () => screen.rowCount(),
    storedLineCount: () => times.length,
    /** How often rows changed that lines before had begun. */
    rewriteCount: () => screen.rewriteCount,
    /** Number of lines that wrote over, or erased, something that an earlier line had written. */
    overwritingLineCount: () => screen.overwritingLineCount,
    /** Characters of the longest line, its invisible ones included. */
    widest: () => widest,
    /** As long as a row does not change, its content is the same object. */
    row(index: number): ConsoleRowContent {
      const { line, lastLine, isContinuation } = screen.row(index)
      const text = screen.settled(index)
      const seconds = times[lastLine] ?? (lastLine === line ? null : (times[line] ?? null))
      const known = contents.get(index)
      if (known && known.text === text && known.seconds === seconds) return known
      const content = { number: isContinuation ? null : line + 1, seconds, text }
      contents.set(index, content)
      return content
    },
    /** The text that a reader sees and copies. */
    plain: (index: number) => plainText(screen.settled(index)),
    /** The row in which a line, from 0, begins; the last row for lines that have not arrived. */
    rowOfLine: (line: number) =>
      Math.min(line < times.length ? screen.rowOfLine(line) : Infinity, screen.rowCount() - 1),
    /** The line, from 0, that began a row. */
    lineOfRow: (index: number) => screen.row(index).line,
    /** Whether a row is a further one of a line that began above it. */
    isContinuation: (index: number) => screen.row(index).isContinuation,
  }
}
