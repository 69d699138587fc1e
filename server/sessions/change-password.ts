import { actorOf, type Actor } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { looksLikeToken } from '../users/token-text.ts'
import { updateUser } from '../users/update-user.ts'
import type { Viewing } from '../users/viewer.ts'
import type { SessionViewer } from './require-fresh-session.ts'

/** The new password cannot be used. */
export class BadPasswordError extends DomainError {
  override readonly name = 'BadPasswordError'
}

const minLength = 8
const maxLength = 1_000

type Parts = Pick<Deps, 'clock' | 'writer'> &
  Pick<Viewing, 'checkPassword'> &
  Pick<Actor, 'address' | 'requestId'>

/** Changes the password of the viewer, and ends the other sessions. Throws NotAuthorizedError, BadPasswordError. */
export async function changePassword(
  { checkPassword, clock, writer, ...from }: Parts,
  viewer: SessionViewer,
  { oldPassword, newPassword }: { oldPassword: string; newPassword: string },
): Promise<void> {
  checkNewPassword(newPassword)
  await checkPassword(viewer.name, oldPassword)
  const act = { at: clock.now(), actor: actorOf(viewer, from) }
  const keptSession = viewer.credential.id
  await updateUser(writer, act, viewer.name, { password: newPassword }, { keptSession })
}

function checkNewPassword(password: string): void {
  const length = [...password].length
  if (length < minLength || length > maxLength)
    throw new BadPasswordError(`a password has ${minLength} to ${maxLength} characters`)
  if (/\p{Cc}/u.test(password)) throw new BadPasswordError('a password has no control characters')
  if (looksLikeToken(password)) throw new BadPasswordError('a password must not look like a token')
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
