import type { ReadLine } from './console-lines.ts'
import type { LineKind } from './line-kinds.ts'
import { placePattern } from './place.ts'

/** Lines that follow each other; `firstLine` is the number of the first one in the console. */
export type Excerpt = { firstLine: number; lines: string[] }

const maxLines = 24
const maxLineCharacters = 400
const maxCharacters = 8000

/** Where the report of a tool, or another of its messages, begins. */
const borderPattern = /^(?:\[ERROR\]|<><>|#===|### |┌─|(?:g?make)(?:\[\d+\])?: |orb: |\[ORB\])/
/** So many lines before a tool that only says that it stopped are shown, for they say why. */
const stopContext = 8
const stopPattern = /^(?:g?make)(?:\[\d+\])?: \*\*\* |^ninja: /

/**
 * What explains a failure that `lines[at]` tells of: the place that it is about, which stands before
 * it, and what goes on after it, up to a blank line.
 */
export function excerptAround(
  lines: readonly ReadLine[],
  kinds: readonly LineKind[],
  at: number,
  last: number,
): Excerpt {
  const isBorder = (i: number) =>
    borderPattern.test(lines[i]?.said ?? '') || (kinds[i] === 'TRACE' && /^\+/.test(lines[i]?.said ?? ''))
  const start = startOf(lines, kinds, isBorder, at)
  let end = Math.max(at, Math.min(last, start + maxLines - 1))
  for (let i = end + 1; i < Math.min(lines.length, start + maxLines); i++) {
    const { said } = lines[i] ?? { said: '' }
    if (kinds[i] !== 'DIFF' && (said === '' || placePattern.test(said) || isBorder(i))) break
    end = i
  }
  return cut(lines.slice(start, end + 1))
}

function startOf(
  lines: readonly ReadLine[],
  kinds: readonly LineKind[],
  isBorder: (at: number) => boolean,
  at: number,
): number {
  const isStop = stopPattern.test(lines[at]?.said ?? '')
  let start = at
  for (let i = at; i >= Math.max(0, at - 12); i--) {
    const { said } = lines[i] ?? { said: '' }
    if (i < at && (said === '' || isBorder(i) || kinds[i] === 'LISTING')) break
    if (placePattern.test(said)) return i
    if (isStop && at - i <= stopContext) start = i
  }
  return start
}

const headingPattern = /^(?:\[ERROR\] The |#=== ERROR while |exit-code )/
const headingLines = 12
const reportLines = 12
const longestReportLines = 2000

/**
 * The end of what a command printed, when `lines[at]` stands in the heading of opam's report of it;
 * null when it does not.
 */
export function excerptOfReport(lines: readonly ReadLine[], at: number): Excerpt | null {
  if (!headingPattern.test(lines[at]?.said ?? '')) return null
  const heading = lines.slice(at, at + headingLines)
  const output = heading.findIndex(({ said }) => said === '### output ###')
  if (output < 0) return null
  const start = at + output + 1
  let end = start
  while (end < Math.min(lines.length, start + longestReportLines) && lines[end]?.said !== '') end++
  return end === start ? null : cut(lines.slice(Math.max(start, end - reportLines), end))
}

/** The last lines that are not empty. */
export function excerptOfEnd(lines: readonly ReadLine[], count: number): Excerpt | null {
  const end = lines.findLastIndex(({ said }) => said !== '')
  if (end < 0) return null
  return cut(lines.slice(Math.max(0, end + 1 - count), end + 1))
}

function cut(lines: readonly ReadLine[]): Excerpt {
  const first = Math.max(
    0,
    lines.findIndex(({ said }) => said !== ''),
  )
  const kept: string[] = []
  let characters = 0
  for (const { shown } of lines.slice(first)) {
    const line = shown.length > maxLineCharacters ? `${shown.slice(0, maxLineCharacters)} …` : shown
    characters += line.length
    if (characters > maxCharacters) break
    kept.push(line)
  }
  return { firstLine: lines[first]?.number ?? 1, lines: kept }
}
