import { createHash } from 'node:crypto'
import { useResponseCache } from '@graphql-yoga/plugin-response-cache'
import fresh from 'fresh'
import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import type { Events } from '../events.ts'

/** Times go on: "jobs of the last 30 days" is a minute late at most. */
const ttlMs = 60_000
const maxEntries = 2_000
const maxCharacters = 32 * 1024 ** 2

/**
 * Answers a query that was asked before without executing it, until a build arrives.
 *
 * Keys begin with the number of builds that arrived so far, so that an answer computed from what
 * the database held before an upload is never given after it, however the two overlap. The key
 * is also the answer's ETag.
 */
export function useAnswersUntilUpload(events: Events): Plugin {
  const answers = new LRUCache<string, ExecutionResult>({
    max: maxEntries,
    ttl: ttlMs,
    maxSize: maxCharacters,
    sizeCalculation: (answer) => JSON.stringify(answer).length,
  })
  let uploads = 0
  events.on('buildStored', () => {
    uploads += 1
    answers.clear()
  })
  // Restarts begin at zero again, and must not give old ETags a new meaning.
  const run = Date.now().toString(36)
  // A question asked again later may have another answer for its age: it gets another ETag, too.
  const prefix = () => `"${run}.${uploads}.${Math.floor(Date.now() / ttlMs)}.`

  const cached = useResponseCache({
    session: () => null,
    ttl: ttlMs,
    cache: {
      get: (key) => (key.startsWith(prefix()) ? answers.get(key) : undefined),
      set: (key, answer) => void answers.set(key, answer),
      invalidate: () => answers.clear(),
    },
    buildResponseCacheKey: async ({ documentString, operationName, variableValues }) => {
      const question = JSON.stringify([documentString, operationName, variableValues])
      return `${prefix()}${createHash('sha256').update(question).digest('base64url')}"`
    },
  })

  // The plugin's own 304 looks at the client's ETag alone, whatever the question: it is made below.
  return { ...cached, onRequest: undefined, onResponse: answerNotModified }
}

/** 304 when the client has this very answer. Source: RFC 9110 §13.1.2. */
const answerNotModified: NonNullable<Plugin['onResponse']> = (payload) => {
  const { request, response, fetchAPI } = payload
  const etag = response.headers.get('etag')
  const ifNoneMatch = request.headers.get('if-none-match')
  if (!etag || !ifNoneMatch || request.method !== 'GET') return
  if (!fresh({ 'if-none-match': ifNoneMatch }, { etag })) return
  const headers = new Headers(response.headers)
  headers.delete('content-type')
  headers.delete('content-length')
  payload.setResponse(new fetchAPI.Response(null, { status: 304, headers }))
}
