/** A page of a list: `limit` items from its start, or from its end when `backward`, between two cursors. */
export type Page<Cursor> = { limit: number; backward: boolean; after: Cursor | null; before: Cursor | null }

/** Bring what was read from the far end into the list's order. */
export function inListOrder<Item>(items: readonly Item[], page: Page<unknown>): readonly Item[] {
  return page.backward ? items.toReversed() : items
}
