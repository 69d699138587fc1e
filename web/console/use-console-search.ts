import { useEffect, useState } from 'react'
import type { ConsoleLog } from './console-log.ts'

/** Lines that are searched before the page gets its turn again. */
const sliceLines = 2_000

/** Which rows in `[from, to)` contain the pattern, counted from 0. */
export function searchLines(log: ConsoleLog, pattern: RegExp, from: number, to: number): number[] {
  const found: number[] = []
  for (let index = from; index < to; index++) {
    pattern.lastIndex = 0
    if (pattern.test(log.plain(index))) found.push(index)
  }
  return found
}

/** `rewrites`: how often rows had changed when the search began, as far as that is known to be final. */
type Search = {
  log: ConsoleLog | null
  text: string | null
  rewrites: number
  searchedTo: number
  lines: readonly number[]
}

const nothing: Search = { log: null, text: null, rewrites: 0, searchedTo: 0, lines: [] }

/**
 * The rows that match a pattern (null: none is looked for), found a slice at a time so that the page stays responsive. Once all of the log is
 * there (`isComplete`), rows that were written over meanwhile are searched again.
 * `isDone` tells whether every row was searched.
 */
export function useConsoleSearch(
  log: ConsoleLog,
  rowCount: number,
  isComplete: boolean,
  pattern: RegExp | null,
) {
  const text = pattern && pattern.source + pattern.flags
  const [search, setSearch] = useState(nothing)
  const rewrites = isComplete ? log.rewriteCount() : 0
  const current =
    search.log === log && search.text === text && search.rewrites === rewrites
      ? search
      : { log, text, rewrites, searchedTo: 0, lines: [] }
  const { searchedTo, lines } = current
  const isDone = text === null || searchedTo >= rowCount

  useEffect(() => {
    if (!pattern || isDone) return
    // A task of its own for each slice: typing and scrolling come in between.
    const timer = setTimeout(() => {
      const to = Math.min(searchedTo + sliceLines, rowCount)
      const found = searchLines(log, pattern, searchedTo, to)
      setSearch({
        log,
        text,
        rewrites,
        searchedTo: to,
        lines: found.length > 0 ? [...lines, ...found] : lines,
      })
    })
    return () => clearTimeout(timer)
  }, [log, pattern, text, rewrites, searchedTo, rowCount, lines, isDone])

  return { lines, isDone }
}
