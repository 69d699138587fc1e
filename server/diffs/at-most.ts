/** Items of a list of changes that an answer holds at most; the summary counts all of them. */
export const maxChanges = 2_000

/** The first of them, as many as an answer holds. */
export function atMost<Item>(items: readonly Item[]): readonly Item[] {
  return items.slice(0, maxChanges)
}
