import { actorOf, type Act } from '../audit/actor.ts'
import type { Clock } from '../clock.ts'
import { DomainError } from '../errors.ts'
import { requireFreshSession } from '../sessions/require-fresh-session.ts'
import type { Viewing } from '../users/viewer.ts'

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
  const viewer = await context.requireRight('admin')
  const at = context.clock.now()
  requireFreshSession(viewer, at)
  return { actor: actorOf(viewer, context), at }
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
