import { diffWordsWithSpace } from 'diff'
import type { DiffLine, LinePair } from './diff-lines.ts'

/** A part of a line; `isChanged`: the other line lacks it. */
export type Piece = { text: string; isChanged: boolean }

/** Longer lines are not looked into: it would take long, and nobody reads them. */
const maxLength = 1_000
/** Lines that share less than this part of their characters are two lines, not one that changed. */
const leastShared = 0.3

/** What changed within a line; null where that is no help, because the lines are too different or too long. */
export function changedWords(left: string, right: string): { left: Piece[]; right: Piece[] } | null {
  if (left.length > maxLength || right.length > maxLength) return null
  const changes = diffWordsWithSpace(left, right, { maxEditLength: 200 })
  if (!changes) return null
  const shared = changes.reduce((sum, { added, removed, value }) => {
    return added || removed ? sum : sum + value.trim().length
  }, 0)
  if (shared < leastShared * Math.max(left.trim().length, right.trim().length)) return null
  return {
    left: changes.filter(({ added }) => !added).map(toPiece),
    right: changes.filter(({ removed }) => !removed).map(toPiece),
  }
}

function toPiece({ value, added, removed }: { value: string; added: boolean; removed: boolean }): Piece {
  return { text: value, isChanged: added || removed }
}

/** The pieces of the lines that changed into each other, by line. */
export function markWords(pairs: readonly LinePair[]): Map<DiffLine, Piece[]> {
  const marked = new Map<DiffLine, Piece[]>()
  for (const { left, right } of pairs) {
    if (left?.sign !== '-' || right?.sign !== '+') continue
    const words = changedWords(left.text, right.text)
    if (!words) continue
    marked.set(left, words.left)
    marked.set(right, words.right)
  }
  return marked
}
