import {
  ApolloClient,
  ApolloLink,
  HttpLink,
  InMemoryCache,
  type OperationVariables,
  type TypedDocumentNode,
} from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { createQueryPreloader, type PreloadedQueryRef } from '@apollo/client/react'
import { relayStylePagination } from '@apollo/client/utilities'
import { endedSessionLink } from './account/ended-session-link.ts'
import { possibleTypes } from './gql/possible-types.ts'
import { persistedHash } from './persisted-hash.ts'

/** `onEndedSession`: a private site does not know the user of the page any more. */
export function createClient(onEndedSession: () => void): ApolloClient {
  return new ApolloClient({
    link: ApolloLink.from([
      endedSessionLink(onEndedSession),
      new PersistedQueryLink({ generateHash: persistedHash }),
      new HttpLink({ uri: '/graphql' }),
    ]),
    cache: new InMemoryCache({
      possibleTypes,
      typePolicies: {
        // There is one site, and it has no id.
        Site: { keyFields: [] },
        // The home page appends page after page; other lists show one page at a time.
        Query: { fields: { jobs: relayStylePagination(['filter']) } },
        Readme: { keyFields: false },
        // Parts of something, without an id: what queries ask of them adds up.
        Reproducibility: { merge: true },
        JobOutputConnection: { merge: true },
        BuildDiff: { merge: true },
        DiffSummary: { merge: true },
        BinarySizeDiff: { merge: true },
      },
    }),
  })
}

/**
 * Starts a route's query and waits for its first answer. What the cache knows is shown at once
 * and refreshed behind it, so that going back is immediate and still not stale. With the error policy `all`,
 * the page looks at `error` itself, and shows what else is there.
 */
export async function preload<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  query: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
  errorPolicy: 'none' | 'all' = 'none',
): Promise<PreloadedQueryRef<Data, Variables>> {
  const preloadQuery = createQueryPreloader(client)
  const options = { variables, fetchPolicy: 'cache-and-network', errorPolicy } as const
  // The overloads cannot see that `variables` fits a query that is generic here.
  const started = preloadQuery(query, options as never) as PreloadedQueryRef<Data, Variables>
  return preloadQuery.toPromise(started)
}
