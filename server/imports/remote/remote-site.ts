import { setTimeout as sleep } from 'node:timers/promises'
import { DomainError } from '../../errors.ts'
import { AnswerTooLargeError, type HttpClient } from '../../http-client.ts'
import { SourceError } from '../import-report.ts'

/** The other site, or one of its lists, cannot be used. */
export class RemoteSiteError extends DomainError {
  override readonly name: string = 'RemoteSiteError'
}

/** The other site does not answer at all: the import ends. */
export class UnreachableSiteError extends RemoteSiteError {
  override readonly name = 'UnreachableSiteError'
}

/** Another site, by its public addresses. */
export type RemoteSite = {
  /** Host and port, for messages and for `importedFrom`. */
  host: string
  /** An answer with JSON. Null: 404. Throws RemoteSiteError. */
  getJson: (path: string) => Promise<unknown>
  /** A GraphQL operation's data. Null: the site has no such API. Throws RemoteSiteError. */
  graphql: (query: string, variables: Record<string, unknown>) => Promise<unknown>
  /** Calls `use` with the bytes of a file, once more if they break off. Throws SourceError. */
  download: <Value>(path: string, use: (bytes: AsyncIterable<Uint8Array>) => Promise<Value>) => Promise<Value>
}

const maxRedirects = 5
const maxAttempts = 4
/** A site that asks for more patience than this is asked again by the next run. */
const longestPauseMs = 120_000
const listMaxBytes = 64 * 1024 ** 2
const listTimeoutMs = 60_000
const idleMs = 60_000
/** A record that comes more slowly would take days. */
const minBytesPerSecond = 1024

type Options = {
  fetch: HttpClient
  /** Largest file. */
  maxBytes: number
  signal: AbortSignal
  /** Pause before the second attempt; each further one is twice as long. */
  pauseMs?: number
}

/**
 * `url` is the address of the site, perhaps with a path. Redirects to other hosts are refused: the builds are said to come
 * from this one. What fails for the moment (5xx, 429, a broken connection) is tried again, as late as `Retry-After` says.
 */
export function remoteSite(url: URL, { fetch, maxBytes, signal, pauseMs = 1_000 }: Options): RemoteSite {
  const base = url.href.replace(/[?#].*$/, '').replace(/\/+$/, '')

  async function send(path: string, init: Parameters<HttpClient>[1]): Promise<Response> {
    let target = new URL(`${base}${path}`)
    for (let redirects = 0; redirects <= maxRedirects; redirects++) {
      const answer = await fetch(target, { ...init, redirect: 'manual', signal })
      const location = answer.headers.get('location')
      if (answer.status < 300 || answer.status > 399 || location === null) return answer
      await answer.body?.cancel()
      const next = new URL(location, target)
      if (next.host !== url.host || next.protocol !== url.protocol)
        throw new RemoteSiteError(
          `${target.href} redirects to ${next.origin}: give that address if you trust it`,
        )
      target = next
    }
    throw new RemoteSiteError(`${base}${path} redirects more than ${maxRedirects} times`)
  }

  /** The answer of an attempt, or how long to wait for the next one. */
  async function attempt<Value>(
    path: string,
    init: Parameters<HttpClient>[1],
    use: (answer: Response) => Promise<Value>,
  ): Promise<{ value: Value } | { reason: string; waitMs: number | null; isAnswered: boolean }> {
    let answer
    try {
      answer = await send(path, init)
    } catch (error) {
      if (error instanceof RemoteSiteError) throw error
      signal.throwIfAborted()
      return { reason: reasonOf(error), waitMs: null, isAnswered: false }
    }
    if (answer.status === 429 || answer.status >= 500) {
      await answer.body?.cancel()
      return {
        reason: `it answers with status ${answer.status}`,
        waitMs: retryAfterMs(answer.headers),
        isAnswered: true,
      }
    }
    try {
      return { value: await use(answer) }
    } catch (error) {
      // What is broken off has no code of its own: it is what the body's reader threw.
      if (!(error instanceof BrokenOffError)) throw error
      signal.throwIfAborted()
      return { reason: error.message, waitMs: null, isAnswered: true }
    }
  }

  async function patiently<Value>(
    path: string,
    init: Parameters<HttpClient>[1],
    use: (answer: Response) => Promise<Value>,
    fail: (message: string, isAnswered: boolean) => Error,
  ): Promise<Value> {
    for (let count = 1; ; count++) {
      const done = await attempt(path, init, use)
      if ('value' in done) return done.value
      const waitMs = done.waitMs ?? pauseMs * 2 ** (count - 1)
      if (count === maxAttempts || waitMs > longestPauseMs)
        throw fail(`${base}${path}: ${done.reason}`, done.isAnswered)
      await sleep(waitMs, undefined, { signal })
    }
  }

  const readJson = async (path: string, answer: Response): Promise<unknown> => {
    const text = await answer.text().catch((error: unknown) => {
      throw error instanceof AnswerTooLargeError ? error : new BrokenOffError(reasonOf(error))
    })
    try {
      return JSON.parse(text)
    } catch {
      throw new RemoteSiteError(`${base}${path} answers with something else than JSON: is it such a site?`)
    }
  }
  const limits = { maxBytes: listMaxBytes, timeoutMs: listTimeoutMs }
  const failSite = (message: string, isAnswered: boolean) =>
    isAnswered ? new RemoteSiteError(message) : new UnreachableSiteError(message)

  return {
    host: url.host,

    getJson: (path) =>
      patiently(
        path,
        { ...limits, headers: { Accept: 'application/json' } },
        async (answer) => {
          if (answer.ok) return readJson(path, answer)
          await answer.body?.cancel()
          if (answer.status === 404) return null
          throw new RemoteSiteError(`${base}${path} answers with status ${answer.status}`)
        },
        failSite,
      ),

    graphql: (query, variables) =>
      patiently(
        '/graphql',
        {
          ...limits,
          method: 'POST',
          headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
          body: JSON.stringify({ query, variables }),
        },
        async (answer) => {
          if (!answer.ok) {
            await answer.body?.cancel()
            if (answer.status === 404 || answer.status === 405) return null
            throw new RemoteSiteError(`${base}/graphql answers with status ${answer.status}`)
          }
          return dataOf(await readJson('/graphql', answer), base)
        },
        failSite,
      ),

    download: (path, use) =>
      patiently(
        path,
        { maxBytes, idleMs, minBytesPerSecond },
        async (answer) => {
          if (answer.ok && answer.body) return use(bytesOf(answer.body))
          await answer.body?.cancel()
          throw new SourceError(`${base}${path} answers with status ${answer.status}`)
        },
        (message) => new SourceError(message),
      ),
  }
}

/** The connection broke before the end of an answer. */
class BrokenOffError extends DomainError {
  override readonly name = 'BrokenOffError'
}

async function* bytesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw error instanceof AnswerTooLargeError ? error : new BrokenOffError(reasonOf(error))
      })
      if (done) return
      yield value
    }
  } finally {
    // Also when the reader needs no more of it.
    await reader.cancel().catch(() => {})
  }
}

function dataOf(answer: unknown, base: string): unknown {
  const { data, errors } = (answer ?? {}) as { data?: unknown; errors?: { message?: string }[] }
  if (errors === undefined && data) return data
  throw new RemoteSiteError(`${base}/graphql: ${errors?.[0]?.message ?? 'there is no data'}`)
}

/** Seconds, or a date. Null: there is none. Source: RFC 9110, 10.2.3. */
function retryAfterMs(headers: Headers): number | null {
  const text = headers.get('retry-after')
  if (text === null) return null
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && cause.message ? `${error.message}: ${cause.message}` : error.message
}
