import type { IncomingMessage } from 'node:http'

/**
 * What the outermost of `trustedProxies` reverse proxies wrote in an `X-Forwarded-*` header. Each
 * proxy appends one value; values before those may come from the client. Null without trusted
 * proxies, and when the header has fewer values than there are proxies.
 */
export function forwardedValue(
  { headers }: Pick<IncomingMessage, 'headers'>,
  name: `x-forwarded-${'for' | 'host' | 'proto'}`,
  trustedProxies: number,
): string | null {
  if (trustedProxies === 0) return null
  const values = String(headers[name] ?? '')
    .split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '')
  return values.at(-trustedProxies) ?? null
}
