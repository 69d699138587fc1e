import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { isUniqueViolation } from '../database/database-errors.ts'
import type { Writer } from '../database/writer.ts'
import type { UserId } from '../ids.ts'
import { decoyHash, hashPassword, type PasswordHash } from './password.ts'
import type { Role } from './rights.ts'
import { BadUserError, UserExistsError } from './user-errors.ts'

/** `password` null: the user can only sign in at another site. Default: an uploader of the jobs of an access list. */
export type NewUser = { name: string; password: string | null; role?: Role; unrestricted?: boolean }

/** Throws UserExistsError, BadUserError. */
export async function addUser(
  writer: Writer,
  { actor, at }: Act,
  { name, password, role = 'UPLOADER', unrestricted = false }: NewUser,
): Promise<UserId> {
  // RFC 7617: the first colon ends the name, control characters are not allowed.
  if (!/^[^:\p{Cc}]{1,255}$/u.test(name)) {
    throw new BadUserError(
      `bad user name ${JSON.stringify(name)}: 1 to 255 characters, no colon, no control characters`,
    )
  }
  const hash = password === null ? decoyHash() : await hashGoodPassword(password)
  try {
    return await writer.transact([], async (tx) => {
      const data = { name, role, unrestricted, createdAt: at, ...hash }
      const { id } = await tx.user.create({ data, select: { id: true } })
      await recordAudit(tx, { at, actor, action: 'user.add', target: name, detail: { role, unrestricted } })
      return id
    })
  } catch (error) {
    const isTaken = isUniqueViolation(error, 'User', 'name')
    throw isTaken ? new UserExistsError(`user ${name} exists already`) : error
  }
}

/** The hash of a new password. Throws BadUserError. */
export async function hashGoodPassword(password: string): Promise<PasswordHash> {
  if (password === '') throw new BadUserError('empty password: send it as one line on standard input')
  if (/\p{Cc}/u.test(password)) throw new BadUserError('the password must not contain control characters')
  return hashPassword(password)
}
