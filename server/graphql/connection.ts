import type { Page } from '../page.ts'
import { badInput } from './bad-input.ts'

/** At most this many items a page. */
export const maxPageSize = 100
const defaultPageSize = 50

type ConnectionArgs = {
  first?: number | null
  after?: string | null
  last?: number | null
  before?: string | null
}

/**
 * Check the arguments of a connection. `parseCursor` gives null for what is no cursor of this
 * list. Throws a GraphQLError that says which argument is wrong.
 */
export function parsePage<Cursor>(
  args: ConnectionArgs,
  parseCursor: (text: string) => Cursor | null,
): Page<Cursor> {
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
    const parsed = parseCursor(Buffer.from(text, 'base64url').toString('utf8'))
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

/** How many items a connection with these arguments may give, for the cost of a query. */
export function pageCost(args: ConnectionArgs): { field: number; multiplier: number } {
  const size = args.first ?? args.last ?? defaultPageSize
  return { field: 1, multiplier: Math.min(Math.max(size, 1), maxPageSize) }
}

/**
 * A page as the relay plugin wants it. `found` has up to `limit + 1` items in list order:
 * the one too many, at the far end, tells that there is more.
 */
export function toConnection<Item>(
  found: readonly Item[],
  page: Page<unknown>,
  cursorOf: (item: Item) => string,
) {
  const hasMore = found.length > page.limit
  const items = !hasMore ? found : page.backward ? found.slice(1) : found.slice(0, page.limit)
  const edges = items.map((node) => ({ node, cursor: Buffer.from(cursorOf(node)).toString('base64url') }))
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
