import { sessionCookies } from '../users/credentials.ts'
import { absoluteDays } from './session-times.ts'

/** Tells scripts of the pages that there may be a session, so that the pages ask who has signed in. It is no secret. */
export const companionCookie = 'hub-signed-in'

/**
 * Values of Set-Cookie that give a session to a browser. `isSecure`: the site is behind TLS. Browsers send the cookie only with
 * requests of this site's pages, and when somebody follows a link to it.
 */
export function cookiesOfSession(secret: string, { isSecure }: { isSecure: boolean }): string[] {
  const maxAge = absoluteDays * 24 * 3_600
  return [
    cookie(nameOf(isSecure), secret, { isSecure, isHidden: true, maxAge }),
    cookie(companionCookie, '1', { isSecure, isHidden: false, maxAge }),
  ]
}

/** Values of Set-Cookie that take the session from a browser. */
export function cookiesOfNoSession({ isSecure }: { isSecure: boolean }): string[] {
  return [
    cookie(nameOf(isSecure), '', { isSecure, isHidden: true, maxAge: 0 }),
    cookie(companionCookie, '', { isSecure, isHidden: false, maxAge: 0 }),
  ]
}

const nameOf = (isSecure: boolean) => (isSecure ? sessionCookies.secure : sessionCookies.plain)

type Attributes = {
  isSecure: boolean
  /** From scripts. */
  isHidden: boolean
  /** Seconds; 0 removes the cookie. */
  maxAge: number
}

/** Value of Set-Cookie that keeps something from scripts for `maxAge` seconds; 0 removes it. */
export const hiddenCookie = (
  name: string,
  value: string,
  { isSecure, maxAge }: { isSecure: boolean; maxAge: number },
): string => cookie(name, value, { isSecure, isHidden: true, maxAge })

/** Source: RFC 6265. `Path=/` and no `Domain` is what the prefix `__Host-` asks for. */
function cookie(name: string, value: string, { isSecure, isHidden, maxAge }: Attributes): string {
  const attributes = ['Path=/', `Max-Age=${maxAge}`, 'SameSite=Lax']
  if (isHidden) attributes.push('HttpOnly')
  if (isSecure) attributes.push('Secure')
  return [`${name}=${value}`, ...attributes].join('; ')
}
