import type { Page } from '../page.ts'
import { badInput } from './bad-input.ts'
import { limits } from './limits.ts'

/** Number of items of a page, at most and unless told otherwise. */
export const { maxPageSize, defaultPageSize } = limits

type ConnectionArgs = {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

/**
 * Order of a list: by a unique key of each item, as text. Cursors contain the name, so that cursors of another
 * list are recognized. `parseKey` returns null for an invalid key.
 */
export type ListOrder<Item, Cursor> = {
  name: string
  keyOf: (item: Item) => string
  parseKey: (text: string) => Cursor | null
}

/** The cursor of an item, an opaque text for clients. */
export function formatCursor<Item>(order: ListOrder<Item, unknown>, item: Item): string {
  return Buffer.from(`${order.name} ${order.keyOf(item)}`).toString('base64url')
}

function parseCursor<Cursor>({ name, parseKey }: ListOrder<never, Cursor>, text: string): Cursor | null {
  const decoded = Buffer.from(text, 'base64url').toString()
  // Buffer ignores characters that are not base64url, but only cursors of this server are valid.
  const isWhole = Buffer.from(decoded).toString('base64url') === text
  return isWhole && decoded.startsWith(`${name} `) ? parseKey(decoded.slice(name.length + 1)) : null
}

/** Check the arguments of a connection. Throws a GraphQLError that says which one is wrong. */
export function parsePage<Cursor>(args: ConnectionArgs, order: ListOrder<never, Cursor>): Page<Cursor> {
  const { first, last } = args
  if (first != null && last != null) throw badInput('give first or last, not both')
  for (const [name, value] of Object.entries({ first, last })) {
    if (value != null && (value < 0 || value > maxPageSize)) {
      throw badInput(`${name} must be between 0 and ${maxPageSize}, not ${value}`)
    }
  }
  const cursor = (name: 'after' | 'before') => {
    const text = args[name]
    if (text == null) return null
    const parsed = parseCursor(order, text)
    if (parsed === null)
      throw badInput(`${name} is not a cursor of this list: ${JSON.stringify(text.slice(0, 100))}`)
    return parsed
  }
  return {
    limit: first ?? last ?? defaultPageSize,
    backward: last != null,
    after: cursor('after'),
    before: cursor('before'),
  }
}

/** Maximum number of items of a connection with these arguments, for the complexity of a query. */
export function pageCost(args: ConnectionArgs): { field: number; multiplier: number } {
  const size = args.first ?? args.last ?? defaultPageSize
  return { field: 1, multiplier: Math.min(Math.max(size, 1), maxPageSize) }
}

/** Checks a list of ids, names or hashes to look up: as many as a page may have items. */
export function checkLookUps(name: string, list: readonly unknown[]): void {
  if (list.length > maxPageSize)
    throw badInput(`${name} has ${list.length} items: at most ${maxPageSize} are allowed`)
}

/** The cost of looking them up. */
export function lookUpCost(list: readonly unknown[]): { field: number; multiplier: number } {
  return { field: 1, multiplier: Math.min(Math.max(list.length, 1), maxPageSize) }
}

/** Price of a field that looks up something for each of its parents, in a statement for all of them. */
export const batchPrice = 10

/** Price of a field that reads a stored text, of up to 256 KiB. */
export const textPrice = 1_000

/** The cost of such a field that returns a page. */
export function batchCost({ multiplier }: { multiplier: number }): { field: number; multiplier: number } {
  return { field: batchPrice, multiplier }
}

/**
 * A page in the form of the relay plugin. `found` has up to `limit + 1` items in list order: the additional item,
 * at the far end, shows that there is another page.
 */
export function toConnection<Item>(
  found: readonly Item[],
  page: Page<unknown>,
  order: ListOrder<Item, unknown>,
) {
  const hasMore = found.length > page.limit
  const items = !hasMore ? found : page.backward ? found.slice(1) : found.slice(0, page.limit)
  const edges = items.map((node) => ({ node, cursor: formatCursor(order, node) }))
  return {
    edges,
    pageInfo: {
      hasNextPage: page.backward ? page.before !== null : hasMore,
      hasPreviousPage: page.backward ? hasMore : page.after !== null,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}
