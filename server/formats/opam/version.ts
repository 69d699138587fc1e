/**
 * Compares versions in opam's order, which is Debian's: negative if `left` is older, positive if it is newer,
 * zero if both have the same rank, even with different spellings (`1.0` and `1.00`).
 * Source: Debian Policy, 5.6.12; opam manual, "Version ordering".
 */
export function compareVersions(left: string, right: string): number {
  let l = 0
  let r = 0
  while (l < left.length || r < right.length) {
    for (;;) {
      const leftRank = rankAt(left, l)
      const rightRank = rankAt(right, r)
      if (leftRank !== rightRank) return leftRank - rightRank
      if (leftRank === 0) break
      l += 1
      r += 1
    }
    const leftEnd = endOfDigits(left, l)
    const rightEnd = endOfDigits(right, r)
    const order = compareNumbers(left.slice(l, leftEnd), right.slice(r, rightEnd))
    if (order !== 0) return order
    l = leftEnd
    r = rightEnd
  }
  return 0
}

/** Rank of a character: `~` is before the end of a part, letters are after it, others are after letters. */
function rankAt(version: string, index: number): number {
  const code = version.charCodeAt(index)
  if (Number.isNaN(code) || isDigit(code)) return 0
  if (code === 0x7e) return -1
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a)
  return isLetter ? code : code + 0x100
}

/** Compares numbers of any length: dates and commit counts can exceed the exact range of `number`. */
function compareNumbers(left: string, right: string): number {
  const l = left.replace(/^0+/, '')
  const r = right.replace(/^0+/, '')
  if (l.length !== r.length) return l.length - r.length
  return l < r ? -1 : l > r ? 1 : 0
}

function endOfDigits(version: string, start: number): number {
  let end = start
  while (isDigit(version.charCodeAt(end))) end += 1
  return end
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}
