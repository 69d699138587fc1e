import {
  ApolloClient,
  ApolloLink,
  HttpLink,
  InMemoryCache,
  type InMemoryCacheConfig,
  type NormalizedCacheObject,
  type OperationVariables,
  type TypedDocumentNode,
} from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'
import { createQueryPreloader, type PreloadedQueryRef } from '@apollo/client/react'
import { endedSessionLink } from './account/ended-session-link.ts'
import { firstPage, hasFreshAnswers } from './ui/first-page.ts'
import { possibleTypes } from './gql/possible-types.ts'
import { persistedHash } from './persisted-hash.ts'

export const cacheOptions: InMemoryCacheConfig = {
  possibleTypes,
  typePolicies: {
    // There is one site, and it has no id.
    Site: { keyFields: [] },
    Run: { keyFields: ['uuid'] },
    RunTry: { keyFields: ['uuid'] },
    Readme: { keyFields: false },
    // Parts of something, without an id: what queries ask of them adds up.
    Reproducibility: { merge: true },
    JobOutputConnection: { merge: true },
    RunWaiting: { merge: true },
    BuildDiff: { merge: true },
    DiffSummary: { merge: true },
    BinarySizeDiff: { merge: true },
  },
}

/** `onEndedSession`: a private site does not know the user of the page any more. */
export function createClient(onEndedSession: () => void): ApolloClient {
  const cache = new InMemoryCache(cacheOptions)
  if (firstPage) cache.restore(firstPage.cache as NormalizedCacheObject)
  return new ApolloClient({
    link: ApolloLink.from([
      endedSessionLink(onEndedSession),
      new PersistedQueryLink({ generateHash: persistedHash }),
      new HttpLink({ uri: '/graphql' }),
    ]),
    cache,
  })
}

/**
 * Starts a route's query and waits for its first answer. What the cache knows is shown at once
 * and refreshed behind it, so that going back is immediate and still not stale; what came with the page is not. With the error policy `all`,
 * the page looks at `error` itself, and shows what else is there.
 */
export async function preload<Data, Variables extends OperationVariables>(
  client: ApolloClient,
  query: TypedDocumentNode<Data, Variables>,
  variables: NoInfer<Variables>,
  errorPolicy: 'none' | 'all' = 'none',
): Promise<PreloadedQueryRef<Data, Variables>> {
  const preloadQuery = createQueryPreloader(client)
  const fetchPolicy = hasFreshAnswers() ? 'cache-first' : 'cache-and-network'
  const options = { variables, fetchPolicy, errorPolicy } as const
  // The overloads cannot see that `variables` fits a query that is generic here.
  const started = preloadQuery(query, options as never) as PreloadedQueryRef<Data, Variables>
  return preloadQuery.toPromise(started)
}
