/** Lines of a console, from 1, both ends included. */
export type LineRange = { first: number; last: number }

/** Reads `#L10` or `#L10-L20`, in either order; null for anything else. */
export function parseLineRange(hash: string): LineRange | null {
  const found = /^#L([1-9]\d{0,8})(?:-L?([1-9]\d{0,8}))?$/.exec(hash)
  if (!found) return null
  const from = Number(found[1])
  const to = found[2] === undefined ? from : Number(found[2])
  return { first: Math.min(from, to), last: Math.max(from, to) }
}

export function formatLineRange({ first, last }: LineRange): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`
}

/** The range that reaches from what is marked to a further line, as a click with Shift does. */
export function extendLineRange(range: LineRange | null, line: number): LineRange {
  if (!range) return { first: line, last: line }
  return line < range.first ? { first: line, last: range.last } : { first: range.first, last: line }
}
