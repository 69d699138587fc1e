/** Measures the width of a text, in pixels. */
export type Measure = (text: string) => number

/** Minimum number of letters of a shortened name. */
const leastLetters = 5
const ellipsis = '…'

/**
 * The text, or as much of its start and end as fits into `width` pixels. Null if too few letters would remain. The
 * middle is cut, because names of modules differ at their ends.
 */
export function fitLabel(text: string, width: number, measure: Measure): string | null {
  if (width <= 0) return null
  // Longer names never fit, and measuring them costs.
  const letters = [...text.slice(0, 400)]
  if (text.length <= 400 && measure(text) <= width) return text
  let most = 0
  let least = letters.length
  // Binary search for the number of letters to cut: `most` fit, `least` do not.
  while (least - most > 1) {
    const middle = (most + least) >> 1
    if (measure(cut(letters, middle)) <= width) most = middle
    else least = middle
  }
  return most >= leastLetters ? cut(letters, most) : null
}

function cut(letters: readonly string[], kept: number): string {
  const end = Math.floor(kept / 2)
  return letters.slice(0, kept - end).join('') + ellipsis + (end > 0 ? letters.slice(-end).join('') : '')
}

/** Measures each text once. Texts are forgotten when they become too many. */
export function cachedMeasure(measure: Measure, most = 20_000): Measure {
  const widths = new Map<string, number>()
  return (text) => {
    const known = widths.get(text)
    if (known !== undefined) return known
    if (widths.size >= most) widths.clear()
    const width = measure(text)
    widths.set(text, width)
    return width
  }
}
