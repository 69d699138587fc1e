import { createHash } from 'node:crypto'
import fresh from 'fresh'
import { getOperationAST, OperationTypeNode, type ExecutionArgs, type ExecutionResult } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import { onChange, type Events } from '../events.ts'
import { isVolatile } from '../volatile.ts'

/** Times go on: "jobs of the last 30 days" is a minute late at most. */
const ttlMs = 60_000
const maxEntries = 2_000
const maxCharacters = 32 * 1024 ** 2

/** Answers that show an analysis which is still to end: some that are asked for in quick succession. */
const passing = { ttlMs: 5_000, maxEntries: 200, maxCharacters: 8 * 1024 ** 2 }

/**
 * Answers a query that was asked before without executing it, until something changes; one that is being
 * executed is not executed again beside it, so that a change does not make all who look at a page ask
 * the database for it at once.
 *
 * Keys begin with the number of changes so far, so that an answer computed from what the database
 * held before a change is never given after it, however the two overlap. The key is also the answer's ETag.
 *
 * Analyses end all the time, some hundred after a burst of uploads, and concern only answers that
 * show them as pending or running. Those lie apart, are forgotten when any analysis ends, and have no
 * ETag. What shows results stays: for an input they hardly change, and are a minute old at most.
 *
 * Not `@graphql-yoga/plugin-response-cache`: to forget single objects, it looks at each field of
 * each answer, which takes longer than to execute a page's query. Here a change ends everything.
 */
export function useAnswersUntilChange(events: Events): Plugin {
  const answers = new LRUCache<string, string>({
    max: maxEntries,
    ttl: ttlMs,
    maxSize: maxCharacters,
    sizeCalculation: (json) => json.length,
  })
  const passingAnswers = new LRUCache<string, string>({
    max: passing.maxEntries,
    ttl: passing.ttlMs,
    maxSize: passing.maxCharacters,
    sizeCalculation: (json) => json.length,
  })
  let changes = 0
  let analysesEnded = 0
  events.on('analysisFinished', () => {
    analysesEnded += 1
    passingAnswers.clear()
  })
  onChange(events, () => {
    changes += 1
    answers.clear()
    passingAnswers.clear()
  })
  // Restarts begin at zero again, and must not give old ETags a new meaning.
  const run = Date.now().toString(36)
  // A question asked again later may have another answer for its age: it gets another ETag, too.
  const prefix = () => `"${run}.${changes}.${Math.floor(Date.now() / ttlMs)}.`
  const keyOf = ({ query, operationName, variables }: GraphQLParams) => {
    const question = JSON.stringify([query, operationName, variables])
    return `${prefix()}${createHash('sha256').update(question).digest('base64url')}"`
  }
  /** Of what is asked now; the second for what concerns a passing answer. */
  type Keys = { key: string; passingKey: string }
  const keysOf = (params: GraphQLParams): Keys => {
    const key = keyOf(params)
    return { key, passingKey: `${analysesEnded} ${key}` }
  }
  /** The keys of a request that has no answer yet, as they were before. */
  const keys = new WeakMap<object, Keys>()
  /** What is being executed; null when it gave no answer that others could have. */
  const underWay = new Map<string, Promise<Answer | null>>()

  async function executeOnce(
    { key, passingKey }: Keys,
    context: object,
    execute: () => unknown,
  ): Promise<unknown> {
    const others = underWay.get(passingKey)
    const known = others && (await others)
    if (known != null) return serialized(known)
    const result = Promise.resolve(execute() as ExecutionResult)
    const own = result
      .then(toJson)
      .then((json): Answer | null => {
        if (json === null) return null
        return isVolatile(context) ? { json } : { json, etag: key }
      })
      .catch(() => null)
    underWay.set(passingKey, own)
    try {
      const answer = await own
      if (answer === null) return await result
      if (answer.etag !== undefined) answers.set(key, answer.json)
      else passingAnswers.set(passingKey, answer.json)
      return serialized(answer)
    } finally {
      underWay.delete(passingKey)
    }
  }

  return {
    onParams({ params, request, context, setResult }) {
      // The response to a request with credentials may depend on its user: it is neither shared nor stored.
      if (request.headers.has('authorization') || request.headers.has('cookie')) return
      const asked = keysOf(params)
      const json = answers.get(asked.key)
      const passingJson = passingAnswers.get(asked.passingKey)
      if (json !== undefined) setResult(serialized({ json, etag: asked.key }))
      else if (passingJson !== undefined) setResult(serialized({ json: passingJson }))
      else keys.set(context, asked)
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

/** A result that others may have, as JSON; null: it has errors, or is none. */
function toJson(result: ExecutionResult): string | null {
  return 'data' in result && !result.errors ? JSON.stringify(result) : null
}

/** JSON; without an ETag it is a passing one. */
type Answer = { json: string; etag?: string }

/** An answer that is JSON already. Yoga calls an answer's own `stringify`. */
function serialized({ json, etag }: Answer): ExecutionResult & { stringify: () => string } {
  return {
    stringify: () => json,
    ...(etag === undefined ? {} : { extensions: { http: { headers: { ETag: etag } } } }),
  }
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
