/** A run of changed lines, as `Hunk` of the schema describes it. */
export type Hunk = {
  leftStart: number
  leftCount: number
  rightStart: number
  rightCount: number
  lines: readonly string[]
}

/** A line of a diff. `left` and `right` are its line numbers, from 1; a remark (`\`) has none. */
export type DiffLine = {
  sign: ' ' | '-' | '+' | '\\'
  text: string
  left: number | null
  right: number | null
}

/** The lines of the two sides that stand beside each other in the split view. */
export type LinePair = { left: DiffLine | null; right: DiffLine | null }

/** The lines of a hunk with their numbers. */
export function numberLines({ leftStart, rightStart, lines }: Hunk): DiffLine[] {
  let left = leftStart
  let right = rightStart
  return lines.map((line): DiffLine => {
    const text = line.slice(1)
    switch (line.charAt(0)) {
      case '-':
        return { sign: '-', text, left: left++, right: null }
      case '+':
        return { sign: '+', text, left: null, right: right++ }
      case '\\':
        return { sign: '\\', text: text.trim(), left: null, right: null }
      default:
        return { sign: ' ', text, left: left++, right: right++ }
    }
  })
}

/**
 * Which lines stand side by side: those that did not change with themselves, and in each run of
 * changes the first removed one with the first added one, and so on.
 */
export function pairLines(lines: readonly DiffLine[]): LinePair[] {
  const pairs: LinePair[] = []
  let removed: DiffLine[] = []
  let added: DiffLine[] = []
  function endRun() {
    for (let row = 0; row < Math.max(removed.length, added.length); row++)
      pairs.push({ left: removed[row] ?? null, right: added[row] ?? null })
    removed = []
    added = []
  }

  let before: DiffLine['sign'] = ' '
  for (const line of lines) {
    // A remark is about the line before it, and stands on its side.
    const sign: DiffLine['sign'] = line.sign === '\\' ? before : line.sign
    if (sign === '-') {
      // Removed lines come first in a run: behind added ones they begin another.
      if (added.length > 0) endRun()
      removed.push(line)
    } else if (sign === '+') added.push(line)
    else {
      endRun()
      pairs.push({ left: line, right: line })
    }
    before = sign
  }
  endRun()
  return pairs
}

/** A hunk's head in a unified diff: `@@ -12,7 +12,9 @@`. */
export function formatHunkHead({ leftStart, leftCount, rightStart, rightCount }: Hunk): string {
  // A side without lines is written as the number of the line before it.
  const range = (start: number, count: number) =>
    count === 1 ? `${start}` : `${count === 0 ? start - 1 : start},${count}`
  return `@@ -${range(leftStart, leftCount)} +${range(rightStart, rightCount)} @@`
}

/** Hunks as text that `patch` reads. */
export function formatUnified(hunks: readonly Hunk[], leftName: string, rightName: string): string {
  if (hunks.length === 0) return ''
  const texts = hunks.map((hunk) => [formatHunkHead(hunk), ...hunk.lines].join('\n'))
  return [`--- ${leftName}`, `+++ ${rightName}`, ...texts, ''].join('\n')
}
