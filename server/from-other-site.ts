import type { IncomingMessage } from 'node:http'
import type { Config } from './config.ts'
import { siteUrl } from './site-url.ts'

/**
 * Whether a browser sent this for a page of another site. Browsers add stored credentials to such requests, so the
 * password alone does not show that the visitor wanted it. They send `Sec-Fetch-Site` to sites with TLS only, and
 * `Origin` to all. Other clients send neither header.
 */
export function isFromOtherSite(
  request: Pick<IncomingMessage, 'headers'>,
  config: Pick<Config, 'publicUrl' | 'trustedProxies'>,
): boolean {
  const { origin, host } = request.headers
  if (['cross-site', 'same-site'].includes(String(request.headers['sec-fetch-site']))) return true
  if (origin === undefined) return false
  const own = [host, new URL(siteUrl(request, config)).host]
  return !(URL.canParse(origin) && own.includes(new URL(origin).host))
}
