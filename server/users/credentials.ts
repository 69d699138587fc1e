import type { IncomingMessage } from 'node:http'
import basicAuth from 'basic-auth'
import { forwardedValue } from '../forwarded.ts'
import type { Credentials } from './authenticate.ts'

/** The Basic credentials of a request, in UTF-8. Null if there are none. Source: RFC 7617. */
export function readCredentials(request: IncomingMessage): Credentials | null {
  const found = basicAuth(request)
  return found ? { name: found.name, password: found.pass } : null
}

/**
 * The address of the client: that of the peer, or behind `trustedProxies` reverse proxies the address that the
 * outermost of them appended to X-Forwarded-For.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  return forwardedValue(request, 'x-forwarded-for', trustedProxies) ?? request.socket.remoteAddress ?? ''
}
