import { FILE_HEADERS_ONLY, formatPatch, structuredPatch, type StructuredPatchHunk } from 'diff'
import { describeLineEnds } from '../formats/line-ends.ts'

/**
 * A run of changed lines with the lines around it. Each line begins with ` `, `-` or `+`, or is
 * `\ No newline at end of file`. Line numbers count from 1.
 */
export type Hunk = {
  leftStart: number
  leftCount: number
  rightStart: number
  rightCount: number
  lines: string[]
}

/**
 * How two texts differ, line by line. The counts are of all lines; `isCut`: `hunks` are only the
 * first of them, for the rest would be too much to show. `lineEnds`: how the line ends changed, such as
 * `LF → CR LF`, when nothing else did; else null.
 */
export type TextDiff = {
  removedCount: number
  addedCount: number
  isCut: boolean
  hunks: Hunk[]
  lineEnds: string | null
}

/** What the hunks of several texts may hold together, and how long it may take: each takes its part off. */
export type TextBudget = { characters: number; milliseconds: number }

const contextLines = 3
/** Texts that take more are shown as wholly replaced: the algorithm is quadratic in the changed lines. */
const maxEditLength = 5_000
const maxMilliseconds = 500

const equal: TextDiff = { removedCount: 0, addedCount: 0, isCut: false, hunks: [], lineEnds: null }

/** Compare two texts by lines. Source of the algorithm: Myers, "An O(ND) difference algorithm" (1986). */
export function diffTexts(left: string, right: string, budget: TextBudget): TextDiff {
  if (left === right) return equal
  const all = (findHunks(left, right, budget) ?? [replaced(left, right)]).map(toHunk)
  const end = all.findIndex((hunk) => !takes(hunk, budget))
  const hunks = end === -1 ? all : all.slice(0, end)
  return {
    removedCount: countLines(all, '-'),
    addedCount: countLines(all, '+'),
    isCut: hunks.length < all.length,
    hunks,
    lineEnds: describeLineEnds(left, right),
  }
}

/** The same as a unified diff, as `diff -u` and `git` write it; empty when there are no hunks. */
export function unifiedDiff({ hunks }: TextDiff, leftName: string, rightName: string): string {
  if (hunks.length === 0) return ''
  return formatPatch(
    {
      oldFileName: leftName,
      newFileName: rightName,
      oldHeader: undefined,
      newHeader: undefined,
      hunks: hunks.map(({ leftStart, leftCount, rightStart, rightCount, lines }) => ({
        oldStart: leftStart,
        oldLines: leftCount,
        newStart: rightStart,
        newLines: rightCount,
        lines,
      })),
    },
    FILE_HEADERS_ONLY,
  )
}

function findHunks(left: string, right: string, budget: TextBudget): StructuredPatchHunk[] | undefined {
  if (budget.milliseconds <= 0) return undefined
  const startedAt = performance.now()
  const timeout = Math.min(maxMilliseconds, budget.milliseconds)
  const options = { context: contextLines, maxEditLength, timeout }
  const patch = structuredPatch('left', 'right', left, right, undefined, undefined, options)
  budget.milliseconds -= performance.now() - startedAt
  return patch?.hunks
}

function toHunk({ oldStart, oldLines, newStart, newLines, lines }: StructuredPatchHunk): Hunk {
  return {
    leftStart: oldStart,
    leftCount: oldLines,
    rightStart: newStart,
    rightCount: newLines,
    lines,
  }
}

/** All of one text taken away, all of the other put in its place. */
function replaced(left: string, right: string): StructuredPatchHunk {
  const removed = linesOf(left)
  const added = linesOf(right)
  const signed = (sign: string, text: string, lines: readonly string[]) => [
    ...lines.map((line) => `${sign}${line}`),
    ...(lines.length > 0 && !text.endsWith('\n') ? ['\\ No newline at end of file'] : []),
  ]
  const lines = [...signed('-', left, removed), ...signed('+', right, added)]
  return { oldStart: 1, oldLines: removed.length, newStart: 1, newLines: added.length, lines }
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

/** Whether there was room for it; then there is less. */
function takes({ lines }: Hunk, budget: TextBudget): boolean {
  const characters = lines.reduce((sum, line) => sum + line.length + 1, 0)
  if (characters > budget.characters) return false
  budget.characters -= characters
  return true
}

function countLines(hunks: readonly Hunk[], sign: '-' | '+'): number {
  return hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.startsWith(sign)).length, 0)
}
