/** Two texts, one of each side, that stand at the same place. `where` names the place. */
export type TextPair = { where: string; left: string; right: string }

/** A part of a pair that differs. */
export type ChangedToken = { left: string; right: string }

type Token = { text: string; start: number; end: number }

const tokensIn = (text: string, pattern: RegExp): Token[] =>
  [...text.matchAll(pattern)].map(({ 0: found, index }) => ({
    text: found,
    start: index,
    end: index + found.length,
  }))

/**
 * The matches of a pattern (with the flag `g`) in two texts that differ: the first with the first and so on if both have the same
 * number; else those that touch the part of the texts that differs.
 */
export function changedTokens(
  { left, right }: Pick<TextPair, 'left' | 'right'>,
  pattern: RegExp,
): ChangedToken[] {
  let [ofLeft, ofRight] = [tokensIn(left, pattern), tokensIn(right, pattern)]
  if (ofLeft.length !== ofRight.length) {
    const { start, leftEnd, rightEnd } = differingPart(left, right)
    ofLeft = ofLeft.filter((token) => token.start <= leftEnd && token.end >= start)
    ofRight = ofRight.filter((token) => token.start <= rightEnd && token.end >= start)
    if (ofLeft.length !== ofRight.length) return []
  }
  return ofLeft.flatMap(({ text }, i) => {
    const other = ofRight[i]?.text
    return other === undefined || other === text ? [] : [{ left: text, right: other }]
  })
}

function differingPart(left: string, right: string) {
  const shorter = Math.min(left.length, right.length)
  let start = 0
  while (start < shorter && left[start] === right[start]) start++
  let end = 0
  while (end < shorter - start && left[left.length - 1 - end] === right[right.length - 1 - end]) end++
  return { start, leftEnd: left.length - end, rightEnd: right.length - end }
}
