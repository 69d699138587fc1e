import type { SearchTerm } from './read-term.ts'

/**
 * Sorts what was found by its name: the name itself, names that begin with what was typed, names with words that begin so,
 * names that have all words somewhere, others. Then the shorter name is first.
 */
export function rankByName<Found>(
  found: readonly Found[],
  { text, words }: Pick<SearchTerm, 'text' | 'words'>,
  nameOf: (one: Found) => string,
): Found[] {
  return found
    .map((one) => {
      const name = nameOf(one).toLowerCase()
      return { one, name, rank: rankOf(name, text, words) }
    })
    .toSorted(
      (left, right) =>
        left.rank - right.rank || left.name.length - right.name.length || (left.name < right.name ? -1 : 1),
    )
    .map(({ one }) => one)
}

function rankOf(name: string, text: string, words: readonly string[]): number {
  if (name === text) return 0
  if (name.startsWith(text)) return 1
  const parts = name.split(/[^\p{L}\p{N}]+/u)
  if (words.every((word) => parts.some((part) => part.startsWith(word)))) return 2
  return words.every((word) => name.includes(word)) ? 3 : 4
}
