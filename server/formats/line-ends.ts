const names: Record<string, string> = { '\n': 'LF', '\r\n': 'CR LF', '\r': 'CR' }

/**
 * How the line ends of two texts differ when nothing else does: `LF → CR LF`. Null for texts that are equal, and
 * for texts that differ in more. A CR alone counts as a line end.
 */
export function describeLineEnds(left: string, right: string): string | null {
  if (left === right || linesOf(left) !== linesOf(right)) return null
  const [before, after] = [endsOf(left), endsOf(right)]
  if (before !== after) return `${before} → ${after}`
  const [hadLast, hasLast] = [endsLastLine(left), endsLastLine(right)]
  if (hadLast !== hasLast) return `the last line has a line end only on the ${hadLast ? 'left' : 'right'}`
  return `${before} at other lines`
}

function linesOf(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/\n$/, '')
}

function endsLastLine(text: string): boolean {
  return /[\r\n]$/.test(text)
}

function endsOf(text: string): string {
  const found = new Set(text.match(/\r\n|\r|\n/g) ?? [])
  return found.size === 0
    ? 'no line end'
    : ['\n', '\r\n', '\r']
        .filter((end) => found.has(end))
        .map((end) => names[end])
        .join(' and ')
}
