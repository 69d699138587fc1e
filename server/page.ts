/** A page of a list: `limit` items from its start, or from its end when `backward`, between two cursors. */
export type Page<Cursor> = { limit: number; backward: boolean; after: Cursor | null; before: Cursor | null }
