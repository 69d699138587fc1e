import { graphql } from '../../generated/operations/gql.ts'
import type { SessionId } from '../../ids.ts'
import type { SessionFacts } from '../../sessions/list-sessions.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate } from './times.ts'
import { checkUserAt } from './users.ts'

const listDocument = graphql(`
  query CommandSessions($first: Int, $after: String, $user: String) {
    admin {
      sessions(first: $first, after: $after, user: $user) {
        nodes {
          id
          createdAt
          lastSeenAt
          lastSeenFrom
          expiresAt
          userName
          program
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

const endDocument = graphql(`
  mutation CommandEndSession($id: ID!) {
    endSession(id: $id) {
      ... on EndSessionSuccess {
        id
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** As `listSessionsOfUsers`. Throws UserNotFoundError. */
export async function listSessionsAt(site: RemoteSite, user: string | null): Promise<SessionFacts[]> {
  const sessions = await allItems(site, listDocument, { user }, ({ admin }) => admin?.sessions)
  if (sessions.length === 0 && user !== null) await checkUserAt(site, user)
  return sessions.map(({ id, createdAt, lastSeenAt, expiresAt, ...own }) => ({
    ...{ ...own, id: Number(id) as SessionId },
    ...{ createdAt: toDate(createdAt), lastSeenAt: toDate(lastSeenAt), expiresAt: toDate(expiresAt) },
  }))
}

export async function endSessionAt(site: RemoteSite, id: SessionId): Promise<void> {
  await site.act(endDocument, { id: String(id) })
}
