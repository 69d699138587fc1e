import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const ids = new WeakMap<IncomingMessage, string>()

/** What a proxy may give: it goes into the log and into a header. */
const given = /^[\w.:+/=-]{1,128}$/

/**
 * The id of a request in the log and in the header `X-Request-Id` of its answer: the one that a trusted proxy gave it, or
 * a new one.
 */
export function requestIdOf(
  request: IncomingMessage,
  { trustedProxies }: { trustedProxies: number },
): string {
  const known = ids.get(request)
  if (known !== undefined) return known
  const named = request.headers['x-request-id']
  const isTrusted = trustedProxies > 0 && typeof named === 'string' && given.test(named)
  const id = isTrusted ? named : randomUUID()
  ids.set(request, id)
  return id
}
