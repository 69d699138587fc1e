import type { ApolloClient } from '@apollo/client'
import { createClient, type Client } from 'graphql-sse'
import { persistedHash } from '../persisted-hash.ts'
import { graphql } from '../gql/index.ts'
import { AnalysisStatusFragment } from './analysis-status.ts'

const AnalysisFinishedSubscription = graphql(`
  subscription AnalysisFinished($uuid: UUID!) {
    analysisFinished(build: $uuid) {
      id
      ...AnalysisStatus
    }
  }
`)

type Told = { __typename: 'Analysis'; id: string }

/** Before another attempt to follow: a server that restarts is back soon, one that is down is not to be pressed. */
const pausesMs = [1_000, 3_000, 10_000, 30_000]

let sse: Client | null = null
const followed = new Map<string, { count: number; end: () => void; repeat: () => void }>()

/**
 * Keep Apollo's cache up to date with the analyses of a build, until the last has ended or the function
 * that this returns is called. However many ask, a build has one stream: browsers allow six connections.
 */
export function followAnalyses(apollo: ApolloClient, uuid: string): () => void {
  const known = followed.get(uuid) ?? { count: 0, ...open(apollo, uuid) }
  // An answer that was read before an analysis ended may come after the news of it.
  known.repeat()
  known.count += 1
  followed.set(uuid, known)
  return () => {
    known.count -= 1
    if (known.count > 0) return
    known.end()
    followed.delete(uuid)
  }
}

/** `repeat` writes into the cache again what the stream has told. */
function open(apollo: ApolloClient, uuid: string): { end: () => void; repeat: () => void } {
  const told = new Map<string, Told>()
  const write = (id: string, data: Told) =>
    apollo.cache.writeFragment({
      ...{ id, fragment: AnalysisStatusFragment, fragmentName: 'AnalysisStatus' },
      // What the server sent for this very fragment.
      data: data as never,
    })
  sse ??= createClient({
    url: new URL('/graphql', location.href).href,
    retryAttempts: Infinity,
    retry: (attempts) =>
      new Promise((resolve) => setTimeout(resolve, pausesMs[Math.min(attempts, pausesMs.length) - 1])),
  })
  const sha256Hash = persistedHash(AnalysisFinishedSubscription)
  const end = sse.subscribe<{ analysisFinished: Told }>(
    { query: '', variables: { uuid }, extensions: { persistedQuery: { version: 1, sha256Hash } } },
    {
      next({ data }) {
        if (!data) return
        const { analysisFinished: analysis } = data
        const id = apollo.cache.identify(analysis)
        if (id === undefined) return
        told.set(id, analysis)
        write(id, analysis)
      },
      // A server that refuses: the page shows what it knew, and a reload asks again.
      error() {},
      complete() {},
    },
  )
  return { end, repeat: () => told.forEach((data, id) => write(id, data)) }
}
