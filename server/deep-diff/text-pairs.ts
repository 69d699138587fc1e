import type { Hunk } from '../diffs/text-diff.ts'
import type { TextPair } from './changed-tokens.ts'
import type { Difference } from './difference.ts'

/** More tell the same. */
const maxPairs = 200
/** Text that is looked at, of lines that may have megabytes. */
const maxCharacters = 2_000

/** Texts of both sides that stand at the same place of a difference: names, values, lines, and text in bytes. */
export function pairsOf({ name, values, places, text, signs }: Difference): TextPair[] {
  // What is only in another order differs in nothing.
  const isOrder = signs.some(({ kind }) => kind === 'ORDER' || kind === 'COLLATION')
  const pairs = [
    ...values.map((value) => ({ where: value.name, left: value.left, right: value.right })),
    ...(isOrder ? [] : (text?.hunks.flatMap((hunk) => pairsOfHunk(name, hunk)) ?? [])),
    ...places.flatMap(({ leftText, rightText }) =>
      leftText !== null && rightText !== null ? [{ where: name, left: leftText, right: rightText }] : [],
    ),
  ]
  return pairs.slice(0, maxPairs).map(({ where, left, right }) => ({
    where,
    left: left.slice(0, maxCharacters),
    right: right.slice(0, maxCharacters),
  }))
}

/** Removed lines with the lines that were added in their place. */
function pairsOfHunk(where: string, { lines }: Hunk): TextPair[] {
  const pairs: TextPair[] = []
  let removed: string[] = []
  let added: string[] = []
  const flush = () => {
    if (removed.length === added.length)
      removed.forEach((left, i) => pairs.push({ where, left, right: added[i] ?? '' }))
    removed = []
    added = []
  }
  for (const line of lines) {
    if (line.startsWith('-')) {
      if (added.length > 0) flush()
      removed.push(line.slice(1))
    } else if (line.startsWith('+')) added.push(line.slice(1))
    else if (!line.startsWith('\\')) flush()
  }
  flush()
  return pairs
}
