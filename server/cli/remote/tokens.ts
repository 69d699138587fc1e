import { graphql } from '../../generated/operations/gql.ts'
import { TokenNotFoundError } from '../../users/tokens.ts'
import type { PrintedToken } from '../print-users.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'
import { checkUserAt } from './users.ts'

const listDocument = graphql(`
  query CommandTokens($first: Int, $after: String, $user: String) {
    admin {
      tokens(first: $first, after: $after, user: $user) {
        nodes {
          id
          name
          prefix
          scopes
          networks
          createdAt
          expiresAt
          lastUsedAt
          lastUsedFrom
          revokedAt
          userName
          state
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

const revokeDocument = graphql(`
  mutation CommandRevokeToken($id: ID!) {
    revokeToken(id: $id) {
      ... on RevokeTokenSuccess {
        id
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** As `listTokens`. Throws UserNotFoundError. */
export async function listTokensAt(site: RemoteSite, user: string | null): Promise<PrintedToken[]> {
  const tokens = await allItems(site, listDocument, { user }, ({ admin }) => admin?.tokens)
  if (tokens.length === 0 && user !== null) await checkUserAt(site, user)
  return tokens.map(({ id, createdAt, expiresAt, lastUsedAt, revokedAt, ...own }) => ({
    ...{ ...own, id: Number(id), createdAt: toDate(createdAt), expiresAt: toDateOrNull(expiresAt) },
    ...{ lastUsedAt: toDateOrNull(lastUsedAt), revokedAt: toDateOrNull(revokedAt) },
  }))
}

/**
 * Ends a token that is named by its number, its first characters, or its whole text, which is not sent. Says which one, and whether it
 * counted until now. Throws TokenNotFoundError.
 */
export async function revokeTokenAt(
  site: RemoteSite,
  text: string,
): Promise<{ id: number; isRevoked: boolean }> {
  const found = (await listTokensAt(site, null)).filter(
    ({ id, prefix }) => String(id) === text || text.startsWith(prefix),
  )
  const [token, other] = found
  const named = token?.prefix ?? text.slice(0, 9)
  if (!token) throw new TokenNotFoundError(`there is no token ${named}: "hub token list" prints all`)
  if (other)
    throw new TokenNotFoundError(
      `several tokens begin with ${named}: name one by its number ("hub token list")`,
    )
  await site.act(revokeDocument, { id: String(token.id) })
  return { id: token.id, isRevoked: token.state !== 'REVOKED' }
}
