import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import basicAuth from 'basic-auth'
import { forwardedValue } from '../forwarded.ts'
import type { Credentials } from './authenticate.ts'

/** Headers by which a request says whose it is. A new way to sign in has its header here. */
const credentialHeaders = ['Authorization']

/**
 * Whether a request says whose it is. If it does not, it is nobody's, and its answer may be shared with others that do not.
 * The answer to one that does is never shared or stored.
 */
export function carriesCredentials(headers: IncomingHttpHeaders): boolean {
  return credentialHeaders.some((name) => headers[name.toLowerCase()] !== undefined)
}

/** The headers on which an answer that is not shared depends, for Vary. */
export const credentialVary = credentialHeaders.join(', ')

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
