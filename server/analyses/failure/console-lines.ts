import { settleLine } from '../../../terminal/settle-line.ts'
import { plainText } from '../../../terminal/settled-text.ts'

/**
 * A line of a console. `shown`: without times, colours and control characters. `bare`: also without the `# `
 * of opam's reports, however often it stands there, and without the step and time of BuildKit. `said`: also
 * without the `- ` of `opam --verbose`. `seconds`: since the start of the build; null where the line has no time.
 */
export type ReadLine = {
  number: number
  seconds: number | null
  shown: string
  bare: string
  said: string
}

/** Failures stand near the end; what scripts print after one fits here by far. */
const tailWindow = { bytes: 2 * 1024 * 1024, lines: 40_000 }
const headWindow = { bytes: 256 * 1024, lines: 5000 }
/** No more of a line is read. */
const lineBytes = 4096
const newline = 0x0a

/**
 * The last lines of a console file, and its first ones where these are not among them. Their numbers
 * count from 1 over the whole file. Takes time and memory for two windows, however large the file is;
 * but for counting its lines.
 */
export function readConsoleLines(file: Uint8Array): { head: ReadLine[]; tail: ReadLine[] } {
  const tailStart = startOfTail(file)
  const before = file.subarray(0, Math.min(headWindow.bytes, tailStart))
  return {
    head: linesOf(before, 0, 1, headWindow.lines),
    tail: linesOf(file, tailStart, 1 + countNewlines(file, tailStart), tailWindow.lines),
  }
}

/** Where the first line begins that is in the window at the end. */
function startOfTail(file: Uint8Array): number {
  const limit = Math.max(0, file.length - tailWindow.bytes)
  let start = file.length
  // The last newline ends the last line, and begins none.
  let at = file.length - 1
  for (let lines = 0; lines < tailWindow.lines; lines++) {
    const before = at <= 0 ? -1 : file.lastIndexOf(newline, at - 1)
    if (before < limit - 1) break
    start = before + 1
    if (before < 0) break
    at = before
  }
  // One line that is longer than the window: its end.
  return start === file.length ? limit : start
}

function countNewlines(file: Uint8Array, end: number): number {
  let count = 0
  for (let i = 0; i < end; i++) if (file[i] === newline) count++
  return count
}

function linesOf(file: Uint8Array, start: number, firstNumber: number, maxLines: number): ReadLine[] {
  const decoder = new TextDecoder()
  const lines: ReadLine[] = []
  for (let at = start; at < file.length && lines.length < maxLines;) {
    const found = file.indexOf(newline, at)
    const lineEnd = found < 0 ? file.length : found
    const text = decoder.decode(file.subarray(at, Math.min(lineEnd, at + lineBytes)))
    lines.push(toLine(firstNumber + lines.length, text))
    at = lineEnd + 1
  }
  return lines
}

const timePattern = /^(-?\d{1,20}\.\d{3})s:/
/** Deeper reports are not read. */
const reportLevels = 5

function toLine(number: number, text: string): ReadLine {
  const time = timePattern.exec(text)
  const timeless = time ? text.slice(time[0].length) : text
  // A line is looked at by itself, so that its number stays: what it writes on rows above is its own.
  const settled =
    plainText(settleLine(timeless, { columns: lineBytes, continuations: 100 }))
      .split('\n')
      .findLast((row) => row.trim() !== '') ?? ''
  const shown = settled.trimEnd()
  const bare = withoutReport(shown)
  return {
    number,
    seconds: time ? Number(time[1]) : null,
    shown,
    bare,
    said: bare.startsWith('- ') ? bare.slice(2) : bare,
  }
}

function withoutReport(shown: string): string {
  let bare = shown
  for (let level = 0; level < reportLevels && bare.startsWith('#'); level++) {
    if (bare.startsWith('# ')) bare = bare.slice(2)
    else if (bare === '#') return ''
    else return bare.replace(/^#\d{1,4} (?:\d{1,6}\.\d{1,3} ?)?/, '')
  }
  return bare
}
