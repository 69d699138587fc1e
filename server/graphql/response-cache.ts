import { createHash } from 'node:crypto'
import fresh from 'fresh'
import { getOperationAST, OperationTypeNode, type ExecutionArgs, type ExecutionResult } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import pLimit from 'p-limit'
import { onVisibleChange, type ChangeFeed } from '../changes/change-feed.ts'
import type { Metrics } from '../metrics/metrics.ts'
import { nextTurn } from '../loop-turns.ts'
import { isVolatile } from '../volatile.ts'
import { answerBytes } from './bounded-answers.ts'

/** Responses depend on the current time ("jobs of the last 30 days"): they are one minute old at most. */
const ttlMs = 60_000
const maxEntries = 2_000
const maxCharacters = 32 * 1024 ** 2

/** Responses of this size and above take milliseconds to serialize: other requests run between two of them. */
const largeBytes = 1024 ** 2

/** Limits of the cache for responses that show a pending or running analysis, a run, or a queue. */
const passing = { ttlMs: 5_000, maxEntries: 200, maxCharacters: 8 * 1024 ** 2 }

/**
 * Caches responses to queries until something changes. Equal queries at the same time are executed once,
 * so that a change does not make every open page query the database at once.
 *
 * Keys begin with the number of changes so far. A response that was computed from the database before a
 * change is therefore never sent after the change.
 *
 * Hundreds of analyses can finish after a burst of uploads. They affect only responses that show them as
 * pending or running. These responses have a cache of their own, which is cleared when any analysis
 * finishes. Responses that show runs or queues are in that cache, too. Responses that show results stay cached: the result for an input rarely changes.
 *
 * `sharedBy` names the requests that get equal answers to equal questions: those to one address of the site, of nobody.
 * Null: the request is that of a user. Its answer is neither taken from others nor shared with others nor stored.
 *
 * Why not `@graphql-yoga/plugin-response-cache`: it visits each field of each response to invalidate single
 * objects, which takes longer than executing the query of a page. Here a change clears the whole cache.
 */
export function useAnswersUntilChange(
  {
    changes: feed,
    metrics,
  }: { changes: Pick<ChangeFeed, 'look' | 'on'>; metrics: Pick<Metrics, 'cacheRequests'> },
  sharedBy: (context: object) => string | null,
): Plugin {
  const answers = new LRUCache<string, Answer>({
    max: maxEntries,
    ttl: ttlMs,
    // By the clock on which responses depend.
    perf: Date,
    maxSize: maxCharacters,
    sizeCalculation: ({ json }) => json.length,
  })
  const passingAnswers = new LRUCache<string, Answer>({
    max: passing.maxEntries,
    ttl: passing.ttlMs,
    maxSize: passing.maxCharacters,
    sizeCalculation: ({ json }) => json.length,
  })
  let changes = 0
  let passingChanges = 0
  feed.on(['analyses', 'runs', 'schedule'], () => {
    passingChanges += 1
    passingAnswers.clear()
  })
  onVisibleChange(feed, () => {
    changes += 1
    answers.clear()
    passingAnswers.clear()
  })
  const keyOf = ({ query, operationName, variables }: GraphQLParams, sharers: string) => {
    const question = JSON.stringify([query, operationName, variables, sharers])
    return `${changes} ${createHash('sha256').update(question).digest('base64url')}`
  }
  /** Cache keys of a request: `key` for final responses, `passingKey` for those that are soon another. */
  type Keys = { key: string; passingKey: string }
  const keysOf = (params: GraphQLParams, sharers: string): Keys => {
    const key = keyOf(params, sharers)
    return { key, passingKey: `${passingChanges} ${key}` }
  }
  /** Keys of requests without a cached response, as they were when the request arrived. */
  const keys = new WeakMap<object, Keys>()
  /** Executions in flight, by `passingKey`; null for a response that must not be shared. */
  const underWay = new Map<string, Promise<Answer | null>>()

  const oneLargeAtATime = pLimit(1)

  function toAnswerInTurn(result: ExecutionResult, context: object): Answer | null | Promise<Answer | null> {
    if (answerBytes(context) < largeBytes) return toAnswer(result)
    return oneLargeAtATime(async () => {
      await nextTurn()
      const json = toJson(result)
      if (json === null) return null
      await nextTurn()
      const bytes = Buffer.from(json)
      await nextTurn()
      return { json, etag: etagOf(bytes) }
    })
  }

  async function executeOnce(
    { key, passingKey }: Keys,
    context: object,
    execute: () => unknown,
  ): Promise<unknown> {
    const others = underWay.get(passingKey)
    const known = others && (await others)
    if (known != null) return serialized(known)
    const result = Promise.resolve(execute() as ExecutionResult)
    const own = result.then((done) => toAnswerInTurn(done, context)).catch(() => null)
    underWay.set(passingKey, own)
    try {
      const answer = await own
      if (answer === null) return await result
      if (isVolatile(context)) passingAnswers.set(passingKey, answer)
      else answers.set(key, answer)
      return serialized(answer)
    } finally {
      underWay.delete(passingKey)
    }
  }

  return {
    onParams({ params, context, setResult }) {
      const sharers = sharedBy(context)
      if (sharers === null) return
      const find = () => {
        const asked = keysOf(params, sharers)
        const known = answers.get(asked.key) ?? passingAnswers.get(asked.passingKey)
        metrics.cacheRequests.inc({ cache: 'graphql', outcome: known ? 'hit' : 'miss' })
        if (known) setResult(serialized(known))
        else keys.set(context, asked)
      }
      const looking = feed.look()
      return looking ? looking.then(find) : find()
    },
    onExecute({ args, context, executeFn, setExecuteFn }) {
      const asked = keys.get(context)
      const { document, operationName } = args as ExecutionArgs
      const isQuery = getOperationAST(document, operationName)?.operation === OperationTypeNode.QUERY
      if (asked !== undefined && isQuery)
        setExecuteFn((those: ExecutionArgs) =>
          executeOnce(asked, those.contextValue as object, () => executeFn(those)),
        )
    },
    onResponse: answerNotModified,
  }
}

/** A response as JSON text. Its ETag is the hash of the text, so it lasts as long as the response is the same. */
type Answer = { json: string; etag: string }

/** A result that may be shared. Null if it has errors or is a stream. */
function toAnswer(result: ExecutionResult): Answer | null {
  const json = toJson(result)
  return json === null ? null : { json, etag: etagOf(Buffer.from(json)) }
}

function toJson(result: ExecutionResult): string | null {
  return !('data' in result) || result.errors ? null : JSON.stringify(result)
}

/** Of bytes, not of a text: to hash a text of megabytes takes ten times as long. */
function etagOf(json: Buffer): string {
  return `"${createHash('sha256').update(json).digest('base64url')}"`
}

/** A result that is JSON text already. Yoga calls the `stringify` of a result. */
function serialized({ json, etag }: Answer): ExecutionResult & { stringify: () => string } {
  return {
    stringify: () => json,
    extensions: { http: { headers: { ETag: etag } } },
  }
}

/** Answers 304 if the client has this response already. Source: RFC 9110 §13.1.2. */
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
