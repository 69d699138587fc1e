import type { ConsoleLog } from './console-log.ts'
import type { LineRange } from './line-range.ts'

/** The text of the rows that a range of lines has, as shown: without colours, times and numbers. */
export function copyLines(log: ConsoleLog, { first, last }: LineRange): string {
  const count = log.storedLineCount()
  if (first > count) return ''
  return copyRows(log, log.rowOfLine(first - 1), lastRowOf(log, Math.min(last, count)) + 1)
}

/** The text of the rows from `start` to `end`, exclusive. */
export function copyRows(log: ConsoleLog, start: number, end: number): string {
  return Array.from({ length: Math.max(end - start, 0) }, (_, index) => log.plain(start + index)).join('\n')
}

/** The last row that a line, from 1, has: rows that it moved down to are its own. */
export function lastRowOf(log: ConsoleLog, line: number): number {
  const count = log.rowCount()
  let row = log.rowOfLine(line - 1)
  while (row + 1 < count && log.isContinuation(row + 1) && log.lineOfRow(row + 1) === line - 1) row += 1
  return row
}
