import { actorOf, type Actor } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { faultOfPassword } from '../users/fault-of-password.ts'
import { updateUser } from '../users/update-user.ts'
import type { Viewing } from '../users/viewer.ts'
import type { SessionViewer } from './require-fresh-session.ts'

/** The new password cannot be used. */
export class BadPasswordError extends DomainError {
  override readonly name = 'BadPasswordError'
}

const minLength = 8

type Parts = Pick<Deps, 'clock' | 'writer'> &
  Pick<Viewing, 'checkPassword'> &
  Pick<Actor, 'address' | 'requestId'>

/** Changes the password of the viewer, and ends the other sessions. Throws NotAuthorizedError, BadPasswordError. */
export async function changePassword(
  { checkPassword, clock, writer, ...from }: Parts,
  viewer: SessionViewer,
  { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
): Promise<void> {
  const fault = faultOfPassword(newPassword, { minLength })
  if (fault !== null) throw new BadPasswordError(fault)
  await checkPassword(viewer.name, oldPassword)
  const act = { at: clock.now(), actor: actorOf(viewer, from) }
  const keptSession = viewer.credential.id
  await updateUser(writer, act, viewer.name, { password: newPassword }, { keptSession })
}

/** The viewer gives the password once more. The session counts as fresh from now on. Throws NotAuthorizedError. */
export async function confirmPassword(
  { checkPassword, clock, writer }: Parts,
  viewer: SessionViewer,
  password: string,
): Promise<Date> {
  await checkPassword(viewer.name, password)
  const authenticatedAt = clock.now()
  const { id } = viewer.credential
  await writer.transact([], (tx) => tx.session.updateMany({ where: { id }, data: { authenticatedAt } }))
  return authenticatedAt
}
