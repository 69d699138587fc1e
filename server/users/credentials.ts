import type { IncomingMessage } from 'node:http'
import basicAuth from 'basic-auth'
import { forwardedValue } from '../forwarded.ts'
import type { Credentials } from './authenticate.ts'

/** The Basic credentials of a request, in UTF-8; null when there are none. Source: RFC 7617. */
export function readCredentials(request: IncomingMessage): Credentials | null {
  const found = basicAuth(request)
  return found ? { name: found.name, password: found.pass } : null
}

/**
 * The address of the client: the peer's, or, behind `trustedProxies` reverse proxies, what the
 * outermost of them wrote in X-Forwarded-For.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  return forwardedValue(request, 'x-forwarded-for', trustedProxies) ?? request.socket.remoteAddress ?? ''
}
