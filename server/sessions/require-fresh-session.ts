import { DomainError } from '../errors.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import type { Credential, Viewer } from '../users/viewer.ts'
import { freshMinutes } from './session-times.ts'

/** The user has given no password for some minutes: this needs one again. */
export class SignInAgainError extends DomainError {
  override readonly name = 'SignInAgainError'
  constructor({ isFromIssuer = false } = {}) {
    const where = isFromIssuer ? 'at the other site, by /oidc/sign-in?again=true' : ''
    super(
      `this needs a password that was given within the last ${freshMinutes} minutes: sign in again ${where}`.trim(),
    )
  }
}

/**
 * For changes of users, tokens and keys, and for what is removed: whoever finds a browser open cannot make them. A token, and a
 * password in the request itself, count as they are. Throws SignInAgainError.
 */
export function requireFreshSession(viewer: Pick<Viewer, 'credential' | 'isFromIssuer'>, now: Date): void {
  if (!isFresh(viewer, now)) throw new SignInAgainError(viewer)
}

/** Whether `requireFreshSession` throws nothing. */
export function isFresh({ credential }: Pick<Viewer, 'credential'>, now: Date): boolean {
  if (credential.kind !== 'session') return true
  const passedMs = now.getTime() - credential.authenticatedAt.getTime()
  // A clock that was set back makes no session fresh for ever.
  return Math.abs(passedMs) <= freshMinutes * 60_000
}

/** A user as seen in a browser in which the user has signed in. */
export type SessionViewer = Viewer & { credential: Extract<Credential, { kind: 'session' }> }

/** For the own account: a token must not make itself another, nor a password do without the second factor. Throws NotAuthorizedError. */
export function requireSession(viewer: Viewer | null): SessionViewer {
  if (!viewer) throw new NotAuthorizedError('this needs a user: sign in first', 'UNAUTHENTICATED')
  const { credential } = viewer
  if (credential.kind !== 'session')
    throw new NotAuthorizedError('this needs a session: sign in first, in a browser or by "signIn"')
  return { ...viewer, credential }
}
