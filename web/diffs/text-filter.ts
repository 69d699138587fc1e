/** Whether something shows up: some of its texts together contain every word of what was typed. */
export type TextFilter = { isEmpty: boolean; matches: (...texts: (string | null)[]) => boolean }

/** Reads what was typed into the filter box: words, in any order and case. */
export function parseTextFilter(typed: string): TextFilter {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
  return {
    isEmpty: words.length === 0,
    matches(...texts) {
      if (words.length === 0) return true
      const all = texts
        .map((text) => text ?? '')
        .join('\n')
        .toLowerCase()
      return words.every((word) => all.includes(word))
    },
  }
}
