import type { IncomingHttpHeaders } from 'node:http'
import * as z from 'zod'
import { NotSealedError, seal, unseal } from '../secrets/seal.ts'
import { hiddenCookie } from '../sessions/session-cookies.ts'

/** What a browser keeps while its user is at the other site. `until`: milliseconds since 1970. */
const BegunSignIn = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  /** Path to go to then. */
  next: z.string(),
  /** The other site has to ask for the password again. */
  isAgain: z.boolean(),
  until: z.number(),
})
export type BegunSignIn = z.infer<typeof BegunSignIn>

/** How long somebody may take at the other site. */
export const beginningMinutes = 10

const purpose = 'sign-in at another site'
const nameOf = (isSecure: boolean) => (isSecure ? '__Host-hub-oidc' : 'hub-oidc')

/** Value of Set-Cookie that keeps it, encrypted. */
export function cookieOfBegun(key: Uint8Array, begun: BegunSignIn, isSecure: boolean): string {
  const sealed = seal(key, purpose, Buffer.from(JSON.stringify(begun)))
  const value = Buffer.from(sealed).toString('base64url')
  return hiddenCookie(nameOf(isSecure), value, { isSecure, maxAge: beginningMinutes * 60 })
}

/** Value of Set-Cookie that removes it. */
export const cookieOfNoneBegun = (isSecure: boolean): string =>
  hiddenCookie(nameOf(isSecure), '', { isSecure, maxAge: 0 })

/** What the cookies of a request have of it; null: nothing, or it is too old or another site's. */
export function findBegun(
  key: Uint8Array,
  { cookie = '' }: IncomingHttpHeaders,
  { isSecure, now }: { isSecure: boolean; now: Date },
): BegunSignIn | null {
  const [, value] = new RegExp(`(?:^|; ?)${nameOf(isSecure)}=([\\w-]{1,4096})(?:;|$)`).exec(cookie) ?? []
  if (value === undefined) return null
  try {
    const opened = unseal(key, purpose, Buffer.from(value, 'base64url'))
    const begun = BegunSignIn.parse(JSON.parse(opened.toString()))
    return now.getTime() <= begun.until ? begun : null
  } catch (error) {
    if (error instanceof NotSealedError) return null
    throw error
  }
}
