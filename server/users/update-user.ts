import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Reader } from '../database/reader.ts'
import type { Writer } from '../database/writer.ts'
import type { SessionId, UserId } from '../ids.ts'
import { endSessionsOf } from '../sessions/end-sessions.ts'
import { hashGoodPassword } from './add-user.ts'
import { findUser } from './find-user.ts'
import { roleOf, type Role } from './rights.ts'
import { LastAdministratorError } from './user-errors.ts'

/** A change of a user. What is undefined stays. */
export type UserChange = { password?: string; role?: Role; unrestricted?: boolean; disabled?: boolean }

/**
 * Changes a user. The change counts from the next request on, on every server. A new password and disabling end all
 * sessions of the user, except `keptSession`: the one in which users change their own passwords. Returns whether
 * anything changed. Throws UserNotFoundError, BadUserError, LastAdministratorError.
 */
export async function updateUser(
  writer: Writer,
  { actor, at }: Act,
  name: string,
  change: UserChange,
  { keptSession }: { keptSession?: SessionId } = {},
): Promise<boolean> {
  const { password, role, unrestricted, disabled } = change
  const hash = password === undefined ? null : await hashGoodPassword(password)
  return writer.transact([], async (tx) => {
    const user = await findUser(tx, name)
    const changes = changesOf(user, { role, unrestricted })
    const isDisabling = disabled === true && !user.disabled
    const isEnabling = disabled === false && user.disabled
    if (!hash && !isDisabling && !isEnabling && Object.keys(changes).length === 0) return false
    const isDemoted = role !== undefined && role !== 'ADMIN'
    if (isDisabling || isDemoted) await checkOtherAdministrator(tx, user)
    await tx.user.update({
      where: { id: user.id },
      data: { role, unrestricted, disabled, ...hash },
      select: { id: true },
    })
    if (hash || isDisabling)
      await endSessionsOf(tx, user.id, keptSession === undefined ? {} : { except: keptSession })
    const entry = { at, actor, target: name }
    if (Object.keys(changes).length > 0)
      await recordAudit(tx, { ...entry, action: 'user.update', detail: changes })
    if (hash) await recordAudit(tx, { ...entry, action: 'user.password' })
    if (isDisabling || isEnabling)
      await recordAudit(tx, { ...entry, action: isDisabling ? 'user.disable' : 'user.enable' })
    return true
  })
}

/** What becomes another value, as `[before, after]`. */
function changesOf<Row extends object>(before: Row, after: Partial<Row>): Record<string, [unknown, unknown]> {
  return Object.fromEntries(
    Object.entries(after)
      .map(([key, value]) => [key, [before[key as keyof Row], value]] as const)
      .filter(([, [old, value]]) => value !== undefined && value !== old)
      .map(([key, [old, value]]) => [key, [old, value]]),
  )
}

/** Throws LastAdministratorError if no other enabled user is an administrator, and this one is. */
export async function checkOtherAdministrator(
  db: Reader,
  { id, name, role, disabled }: { id: UserId; name: string; role: string; disabled: boolean },
): Promise<void> {
  if (roleOf(role) !== 'ADMIN' || disabled) return
  const other = await db.user.findFirst({
    where: { id: { not: id }, role: 'ADMIN', disabled: false },
    select: { id: true },
  })
  if (!other) throw new LastAdministratorError(name)
}
