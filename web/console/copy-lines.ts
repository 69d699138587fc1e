import type { ConsoleLog } from './console-log.ts'
import type { LineRange } from './line-range.ts'

/** The text of a range, as shown: without colours, times and numbers. */
export function copyLines(log: ConsoleLog, { first, last }: LineRange): string {
  const end = Math.min(last, log.lineCount())
  return Array.from({ length: Math.max(end - first + 1, 0) }, (_, index) =>
    log.plain(first - 1 + index),
  ).join('\n')
}
