import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import basicAuth from 'basic-auth'
import type { Config } from '../config.ts'
import { forwardedValue } from '../forwarded.ts'
import { siteUrl } from '../site-url.ts'
import { looksLikeJwt, looksLikeToken } from './token-text.ts'

/** What a request says of whose it is, unchecked. `name` is for the log, too; null: it names nobody. */
export type Credentials =
  | { kind: 'password'; name: string; password: string }
  | { kind: 'token'; name: string | null; text: string }
  | { kind: 'session'; name: null; secret: string }

/**
 * Names of the cookie of a session: behind TLS, and without. Browsers take a cookie whose name begins with `__Host-` only
 * from this very host, over TLS.
 */
export const sessionCookies = { secure: '__Host-hub-session', plain: 'hub-session' } as const

/**
 * Whether a request says whose it is. If it does not, it is nobody's, and its answer may be shared with others that do not.
 * The answer to one that does is never shared or stored.
 */
export function carriesCredentials(headers: IncomingHttpHeaders): boolean {
  const cookies = Object.values(sessionCookies)
  return headers.authorization !== undefined || cookies.some((name) => secretIn(headers, name) !== null)
}

/** The headers on which an answer that is not shared depends, for Vary. */
export const credentialVary = 'Authorization, Cookie'

/**
 * The credentials of a request: Basic (RFC 7617, in UTF-8), Bearer (RFC 6750), or the cookie of a session. A token is also
 * taken as the password of Basic, with any name: builder-server can send nothing else; and as the name of Basic. Null if there
 * are none.
 */
export function readCredentials(
  request: Pick<IncomingMessage, 'headers'>,
  config: SiteConfig,
): Credentials | null {
  const { authorization } = request.headers
  if (authorization === undefined) {
    const secret = sessionSecretIn(request, config)
    return secret === null ? null : { kind: 'session', name: null, secret }
  }
  const [, bearer] = /^bearer +([\w.~+/-]+=*) *$/i.exec(authorization) ?? []
  if (bearer !== undefined) return { kind: 'token', name: null, text: bearer }
  const basic = basicAuth.parse(authorization)
  if (!basic) return null
  const { name, pass } = basic
  // `https://TOKEN@host` makes the token the name, which goes into the log.
  if (isSecret(name)) return { kind: 'token', name: null, text: name }
  return isSecret(pass) ? { kind: 'token', name, text: pass } : { kind: 'password', name, password: pass }
}

const isSecret = (text: string) => looksLikeToken(text) || looksLikeJwt(text)

type SiteConfig = Pick<Config, 'publicUrl' | 'trustedProxies'>

/**
 * The secret of the session in the cookies of a request: 43 characters of base64url. Null if there is none. Behind TLS the plain cookie
 * is none: pages of a neighbouring host can set it, and would sign a visitor in as somebody else.
 */
export function sessionSecretIn(
  request: Pick<IncomingMessage, 'headers'>,
  config: SiteConfig,
): string | null {
  const isSecure = siteUrl(request, config).startsWith('https:')
  return secretIn(request.headers, isSecure ? sessionCookies.secure : sessionCookies.plain)
}

function secretIn({ cookie }: IncomingHttpHeaders, name: string): string | null {
  if (cookie === undefined) return null
  const [, secret] = new RegExp(`(?:^|; ?)${name}=([\\w-]{43})(?:;|$)`).exec(cookie) ?? []
  return secret ?? null
}

/**
 * The address of the client: that of the peer, or behind `trustedProxies` reverse proxies the address that the
 * outermost of them appended to X-Forwarded-For.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: number): string {
  return forwardedValue(request, 'x-forwarded-for', trustedProxies) ?? request.socket.remoteAddress ?? ''
}
