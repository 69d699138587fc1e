import { createHash } from 'node:crypto'
import fresh from 'fresh'
import { getOperationAST, OperationTypeNode, type ExecutionArgs, type ExecutionResult } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { LRUCache } from 'lru-cache'
import type { Events } from '../events.ts'

/** Times go on: "jobs of the last 30 days" is a minute late at most. */
const ttlMs = 60_000
const maxEntries = 2_000
const maxCharacters = 32 * 1024 ** 2

/**
 * Answers a query that was asked before without executing it, until something changes; one that is being
 * executed is not executed again beside it, so that a change does not make all who look at a page ask
 * the database for it at once.
 *
 * Keys begin with the number of changes so far, so that an answer computed from what the database
 * held before a change is never given after it, however the two overlap. The key is also the answer's ETag.
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
  let changes = 0
  for (const change of ['buildStored', 'jobDescribed'] as const) {
    events.on(change, () => {
      changes += 1
      answers.clear()
    })
  }
  // Restarts begin at zero again, and must not give old ETags a new meaning.
  const run = Date.now().toString(36)
  // A question asked again later may have another answer for its age: it gets another ETag, too.
  const prefix = () => `"${run}.${changes}.${Math.floor(Date.now() / ttlMs)}.`
  const keyOf = ({ query, operationName, variables }: GraphQLParams) => {
    const question = JSON.stringify([query, operationName, variables])
    return `${prefix()}${createHash('sha256').update(question).digest('base64url')}"`
  }
  /** The key of a request that has no answer yet, as it was before. */
  const keys = new WeakMap<object, string>()
  /** What is being executed; null when it gave no answer that others could have. */
  const underWay = new Map<string, Promise<string | null>>()

  async function executeOnce(key: string, execute: () => unknown): Promise<unknown> {
    const others = underWay.get(key)
    const json = others && (await others)
    if (json != null) return serialized(json, key)
    const result = Promise.resolve(execute() as ExecutionResult)
    const own = result.then(toAnswer).catch(() => null)
    underWay.set(key, own)
    try {
      const answer = await own
      if (answer === null) return await result
      answers.set(key, answer)
      return serialized(answer, key)
    } finally {
      underWay.delete(key)
    }
  }

  return {
    onParams({ params, context, setResult }) {
      const key = keyOf(params)
      const json = answers.get(key)
      if (json === undefined) keys.set(context, key)
      else setResult(serialized(json, key))
    },
    onExecute({ args, context, executeFn, setExecuteFn }) {
      const key = keys.get(context)
      const { document, operationName } = args as ExecutionArgs
      const isQuery = getOperationAST(document, operationName)?.operation === OperationTypeNode.QUERY
      if (key !== undefined && isQuery)
        setExecuteFn((those: ExecutionArgs) => executeOnce(key, () => executeFn(those)))
    },
    onResponse: answerNotModified,
  }
}

/** A result that others may have, as JSON; null: it has errors, or is none. */
function toAnswer(result: ExecutionResult): string | null {
  return 'data' in result && !result.errors ? JSON.stringify(result) : null
}

/** An answer that is JSON already. Yoga calls an answer's own `stringify`. */
function serialized(json: string, etag: string): ExecutionResult & { stringify: () => string } {
  return { stringify: () => json, extensions: { http: { headers: { ETag: etag } } } }
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
