import type { ChartLayout, Mark } from './layout.ts'

/** The mark that is nearest to a place in the drawing: first by its time, then by its line. */
export function nearestMark({ marks, panels, strip }: ChartLayout, x: number, y: number): Mark | null {
  const measure = panels.find(({ bottom }) => y <= bottom)?.measure
  let best: Mark | null = null
  let bestDistance = Infinity
  for (const mark of marks.flat()) {
    const markY = measure ? (mark.ys[measure] ?? mark.rowY) : mark.rowY
    // Lines lie close to each other, points of a line do not: a pixel aside counts as much as four up.
    const distance = Math.hypot((mark.x - x) * 4, y > strip.top || measure ? markY - y : 0)
    if (distance < bestDistance) [best, bestDistance] = [mark, distance]
  }
  return best
}

/** The point that an arrow key leads to, or null. */
export function walk(marks: readonly Mark[][], from: Mark, key: string): Mark | null {
  const own = marks[from.series] ?? []
  switch (key) {
    case 'ArrowLeft':
      return own[from.index - 1] ?? null
    case 'ArrowRight':
      return own[from.index + 1] ?? null
    case 'Home':
      return own[0] ?? null
    case 'End':
      return own.at(-1) ?? null
    case 'ArrowUp':
    case 'ArrowDown': {
      const other = marks[from.series + (key === 'ArrowUp' ? -1 : 1)]
      return other?.toSorted((a, b) => Math.abs(a.x - from.x) - Math.abs(b.x - from.x))[0] ?? null
    }
    default:
      return null
  }
}
