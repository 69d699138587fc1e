import { createScreen, type Screen } from '../../../terminal/screen.ts'
import { plainText } from '../../../terminal/settled-text.ts'
import { indexRecordBytes, readIndexRecord } from '../../builds/console-line.ts'
import type { FileRanges } from '../../formats/file-ranges.ts'

/**
 * A line of a console. `shown`: what a terminal shows of it in the end, without its time and colours; empty if the
 * line wrote over lines before it, or was erased. `bare`: also without the `# `
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
 * count from 1 over the whole file. `index` is the index of its lines (console-line.ts): it tells which lines have a
 * time in front. Without it each line that looks like it has one. Takes time and memory for two windows, however
 * large the file is; but for counting its lines.
 */
export function readConsoleLines(
  file: Uint8Array,
  index: FileRanges | null = null,
): { head: ReadLine[]; tail: ReadLine[] } {
  const tailStart = startOfTail(file)
  const before = file.subarray(0, Math.min(headWindow.bytes, tailStart))
  return {
    head: linesOf(before, index, 0, 1, headWindow.lines),
    tail: linesOf(file, index, tailStart, 1 + countNewlines(file, tailStart), tailWindow.lines),
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

function linesOf(
  file: Uint8Array,
  index: FileRanges | null,
  start: number,
  firstNumber: number,
  maxLines: number,
): ReadLine[] {
  const decoder = new TextDecoder()
  const screen = createScreen({ columns: lineBytes, continuations: maxLines })
  const times: (number | null)[] = []
  const hasTime = entriesIn(index, firstNumber, maxLines)
  for (let at = start; at < file.length && times.length < maxLines;) {
    const found = file.indexOf(newline, at)
    const lineEnd = found < 0 ? file.length : found
    const text = decoder.decode(file.subarray(at, Math.min(lineEnd, at + lineBytes)))
    const time = hasTime(times.length) ? timePattern.exec(text) : null
    times.push(time ? Number(time[1]) : null)
    screen.feed(time ? text.slice(time[0].length) : text)
    at = lineEnd + 1
  }
  return times.map((seconds, line) => toLine(firstNumber + line, seconds, shownOf(screen, line)))
}

/** Whether the line at a place, from `firstNumber` on, begins an entry of the console, as the index says. */
function entriesIn(
  index: FileRanges | null,
  firstNumber: number,
  maxLines: number,
): (place: number) => boolean {
  if (index === null) return () => true
  const first = (firstNumber - 1) * indexRecordBytes
  const end = Math.min(first + maxLines * indexRecordBytes, index.sizeBytes)
  const records = Buffer.from(first < end ? index.read(first, end) : [])
  return (place) => {
    const at = place * indexRecordBytes
    return at + indexRecordBytes > records.length || !readIndexRecord(records, at).isContinuation
  }
}

/** The text of the row that a line began; of the rows, if it moved down, the last one with a text. */
function shownOf(screen: Screen, line: number): string {
  const first = screen.rowOfLine(line)
  if (screen.row(first).line !== line) return ''
  let shown = ''
  for (let row = first; row < screen.rowCount(); row++) {
    if (row > first && (!screen.row(row).isContinuation || screen.row(row).line !== line)) break
    const text = plainText(screen.settled(row)).trimEnd()
    if (text !== '') shown = text
  }
  return shown
}

const timePattern = /^(-?\d{1,20}\.\d{3})s:/
/** Deeper reports are not read. */
const reportLevels = 5

function toLine(number: number, seconds: number | null, shown: string): ReadLine {
  const bare = withoutReport(shown)
  return { number, seconds, shown, bare, said: bare.startsWith('- ') ? bare.slice(2) : bare }
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
