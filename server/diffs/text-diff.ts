import { structuredPatch, formatPatch } from 'diff'

/** A run of lines of a unified diff; each line begins with ` `, `-` or `+`. Line numbers count from 1. */
export type Hunk = {
  leftStart: number
  leftCount: number
  rightStart: number
  rightCount: number
  lines: string[]
}

/** How two texts differ, line by line. */
export type TextDiff = { removedCount: number; addedCount: number; hunks: Hunk[]; unified: string }

const contextLines = 3
/** Texts that differ in more lines than this are shown as wholly replaced: Myers' algorithm is quadratic in it. */
const maxEditLength = 4_000

export function diffTexts(left: string, right: string): TextDiff {
  if (left === right) return { removedCount: 0, addedCount: 0, hunks: [], unified: '' }
  const patch =
    structuredPatch('left', 'right', left, right, undefined, undefined, { context: contextLines, maxEditLength }) ??
    replaced(left, right)
  const hunks = patch.hunks.map(({ oldStart, oldLines, newStart, newLines, lines }) => ({
    leftStart: oldStart,
    leftCount: oldLines,
    rightStart: newStart,
    rightCount: newLines,
    lines,
  }))
  const count = (sign: string) =>
    hunks.reduce((sum, { lines }) => sum + lines.filter((line) => line.startsWith(sign)).length, 0)
  return { removedCount: count('-'), addedCount: count('+'), hunks, unified: formatPatch(patch) }
}

/** A patch that takes all of one text away and puts the other in its place. */
function replaced(left: string, right: string) {
  const removed = left.split('\n').map((line) => `-${line}`)
  const added = right.split('\n').map((line) => `+${line}`)
  return {
    oldFileName: 'left',
    newFileName: 'right',
    oldHeader: undefined,
    newHeader: undefined,
    index: undefined,
    hunks: [
      { oldStart: 1, oldLines: removed.length, newStart: 1, newLines: added.length, lines: [...removed, ...added] },
    ],
  }
}
