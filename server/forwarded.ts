import type { IncomingMessage } from 'node:http'

/**
 * The value of an `X-Forwarded-*` header that the outermost of `trustedProxies` reverse proxies appended. Each
 * proxy appends one value; earlier values may come from the client. Null without trusted proxies, and if the
 * header has fewer values than there are proxies.
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
