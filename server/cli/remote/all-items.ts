import type { TypedDocumentString } from '../../generated/operations/graphql.ts'
import { RemoteSiteError, type RemoteSite } from './remote-site.ts'

/** What a page of a list has. Null: the site does not show the list. */
type Listed<Item> =
  { nodes: readonly Item[]; pageInfo: { hasNextPage: boolean; endCursor?: string | null } } | null | undefined

/** Items of a page at most: the limit of the API. */
export const mostPerPage = 100

/**
 * The items of a list, page by page: `listIn` finds the list in an answer. At most `limit`; all if there is none. Throws
 * RemoteSiteError.
 */
export async function allItems<Answer, Variables extends { first?: unknown; after?: unknown }, Item>(
  site: RemoteSite,
  document: TypedDocumentString<Answer, Variables>,
  variables: Omit<Variables, 'first' | 'after'>,
  listIn: (answer: Answer) => Listed<Item>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Item[]> {
  const items: Item[] = []
  let after: string | null = null
  while (items.length < limit) {
    const first = Math.min(limit - items.length, mostPerPage)
    // What was left out of the variables is put in.
    const page = listIn(await site.ask(document, { ...variables, first, after } as unknown as Variables))
    if (!page)
      throw new RemoteSiteError(
        `${site.url} does not show this list to everybody: name a token with the scope "schedule" or "admin:read" by --token-file`,
      )
    items.push(...page.nodes)
    if (!page.pageInfo.hasNextPage || page.pageInfo.endCursor == null) break
    after = page.pageInfo.endCursor
  }
  return items
}
