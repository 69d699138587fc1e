import { actorOf, type Act } from '../audit/actor.ts'
import type { Clock } from '../clock.ts'
import { DomainError } from '../errors.ts'
import { requireFreshSession } from '../sessions/require-fresh-session.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import type { Viewer, Viewing } from '../users/viewer.ts'

type Asked = Pick<Viewing, 'requireRight'> & { clock: Clock; address: string; requestId: string }

/** The administrator who sends the request, for the audit log. Throws NotAuthorizedError. */
export async function administrator(context: Asked): Promise<Act> {
  const viewer = await context.requireRight('admin')
  return { actor: actorOf(viewer, context), at: context.clock.now() }
}

/**
 * The same, for changes of users and tokens, and for what is removed: the administrator has given the password a short time ago.
 * Throws NotAuthorizedError, SignInAgainError.
 */
export async function freshAdministrator(context: Asked): Promise<Act> {
  return freshActOf(await context.requireRight('admin'), context)
}

/**
 * The same, for what makes users, tokens, passwords and roles: no token does. Whoever finds one could otherwise stay after it is
 * revoked. Throws NotAuthorizedError, SignInAgainError.
 */
export async function administratorInPerson(context: Asked): Promise<Act> {
  const viewer = await context.requireRight('admin')
  requireNoToken(viewer)
  return freshActOf(viewer, context)
}

function freshActOf(viewer: Viewer, context: Asked): Act {
  const at = context.clock.now()
  requireFreshSession(viewer, at)
  return { actor: actorOf(viewer, context), at }
}

/** Throws NotAuthorizedError for a token. */
function requireNoToken({ name, credential }: Viewer): void {
  if (credential.kind !== 'token') return
  throw new NotAuthorizedError(
    `the token ${credential.prefix}… of user ${name} may not do this, as no token may: sign in in a browser, or send the password`,
  )
}

/** What cannot be taken back is done only for who repeats its name. */
export class NotConfirmedError extends DomainError {
  override readonly name = 'NotConfirmedError'
}

/** Throws NotConfirmedError. */
export function checkConfirmation(name: string, confirmation: string): void {
  if (confirmation !== name)
    throw new NotConfirmedError(`to confirm, send ${JSON.stringify(name)} as \`confirmation\``)
}
