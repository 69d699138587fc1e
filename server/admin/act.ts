import { actorOf, type Act } from '../audit/actor.ts'
import type { Clock } from '../clock.ts'
import { DomainError } from '../errors.ts'
import type { Viewing } from '../users/viewer.ts'

type Asked = Pick<Viewing, 'requireRight'> & { clock: Clock; address: string; requestId: string }

/** The administrator who sends the request, for the audit log. Throws NotAuthorizedError. */
export async function administrator(context: Asked): Promise<Act> {
  const viewer = await context.requireRight('admin')
  return { actor: actorOf(viewer, context), at: context.clock.now() }
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
