import { actorOf } from '../audit/actor.ts'
import { DomainError } from '../errors.ts'
import { faultOfPassword } from '../users/fault-of-password.ts'
import { updateUser } from '../users/update-user.ts'
import { checkOwnPassword, type OwnPasswordParts } from './check-own-password.ts'
import type { SessionViewer } from './require-fresh-session.ts'

/** The new password cannot be used. */
export class BadPasswordError extends DomainError {
  override readonly name = 'BadPasswordError'
}

const minLength = 8

/** Changes the password of the viewer, and ends the other sessions. Throws NotAuthorizedError, BadPasswordError. */
export async function changePassword(
  parts: OwnPasswordParts,
  viewer: SessionViewer,
  { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
): Promise<void> {
  const fault = faultOfPassword(newPassword, { minLength })
  if (fault !== null) throw new BadPasswordError(fault)
  await checkOwnPassword(parts, viewer, oldPassword)
  const act = { at: parts.clock.now(), actor: actorOf(viewer, parts) }
  const keptSession = viewer.credential.id
  await updateUser(parts.writer, act, viewer.name, { password: newPassword }, { keptSession })
}

/** The viewer gives the password once more. The session counts as fresh from now on. Throws NotAuthorizedError. */
export async function confirmPassword(
  parts: OwnPasswordParts,
  viewer: SessionViewer,
  password: string,
): Promise<Date> {
  await checkOwnPassword(parts, viewer, password)
  const authenticatedAt = parts.clock.now()
  const { id } = viewer.credential
  await parts.writer.transact([], (tx) => tx.session.updateMany({ where: { id }, data: { authenticatedAt } }))
  return authenticatedAt
}
