import { useEffect, useState } from 'react'
import type { ConsoleLog } from './console-log.ts'
import { searchPattern } from './line-pieces.ts'

/** Lines that are searched before the page gets its turn again. */
const sliceLines = 2_000

/** Which lines in `[from, to)` contain the pattern, counted from 0. */
export function searchLines(log: ConsoleLog, pattern: RegExp, from: number, to: number): number[] {
  const found: number[] = []
  for (let index = from; index < to; index++) {
    pattern.lastIndex = 0
    if (pattern.test(log.plain(index))) found.push(index)
  }
  return found
}

type Search = { log: ConsoleLog | null; text: string; searchedTo: number; lines: readonly number[] }

const nothing: Search = { log: null, text: '', searchedTo: 0, lines: [] }

/**
 * The lines that contain `text`, from 0, found a slice at a time so that the page stays responsive.
 * `isDone` tells whether every line was searched.
 */
export function useConsoleSearch(log: ConsoleLog, lineCount: number, text: string) {
  const [search, setSearch] = useState(nothing)
  const current =
    search.log === log && search.text === text ? search : { log, text, searchedTo: 0, lines: [] }
  const { searchedTo, lines } = current
  const isDone = text === '' || searchedTo >= lineCount

  useEffect(() => {
    const pattern = searchPattern(text)
    if (!pattern || isDone) return
    // A task of its own for each slice: typing and scrolling come in between.
    const timer = setTimeout(() => {
      const to = Math.min(searchedTo + sliceLines, lineCount)
      const found = searchLines(log, pattern, searchedTo, to)
      setSearch({ log, text, searchedTo: to, lines: found.length > 0 ? [...lines, ...found] : lines })
    })
    return () => clearTimeout(timer)
  }, [log, text, searchedTo, lineCount, lines, isDone])

  return { lines, isDone }
}
