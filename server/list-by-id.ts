import type { Page } from './page.ts'

/** Order of a list with the newest rows first: rows are numbered as they are written. */
export const byNewestId = (name: string) => ({
  name,
  keyOf: ({ id }: { id: number }) => String(id),
  parseKey: (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : null),
})

/**
 * The rows of a page of such a list, and one more if it exists, in the order of the list. `find` reads rows whose number lies
 * in a range.
 */
export async function findByNewestId<Row>(
  { after, backward, before, limit }: Page<number>,
  find: (asked: {
    range: { lt?: number; gt?: number }
    orderBy: { id: 'asc' | 'desc' }
    take: number
  }) => Promise<Row[]>,
): Promise<Row[]> {
  const range = { ...(after === null ? {} : { lt: after }), ...(before === null ? {} : { gt: before }) }
  const rows = await find({ range, orderBy: { id: backward ? 'asc' : 'desc' }, take: limit + 1 })
  return backward ? rows.toReversed() : rows
}
