import type { IncomingMessage } from 'node:http'
import basicAuth from 'basic-auth'
import type { Credentials } from './authenticate.ts'

/** The Basic credentials of a request, in UTF-8; null when there are none. Source: RFC 7617. */
export function readCredentials(request: IncomingMessage): Credentials | null {
  const found = basicAuth(request)
  return found ? { name: found.name, password: found.pass } : null
}

/**
 * The address of the client: the peer's, or, behind `trustedProxies` reverse proxies, what the
 * outermost of them says in X-Forwarded-For.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  const peer = request.socket.remoteAddress ?? ''
  if (trustedProxies === 0) return peer
  const forwarded = String(request.headers['x-forwarded-for'] ?? '')
    .split(',')
    .map((address) => address.trim())
    .filter((address) => address !== '')
  return forwarded.at(-trustedProxies) ?? peer
}
