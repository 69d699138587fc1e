import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { isUniqueViolation } from '../database/database-errors.ts'
import type { Transaction, Writer } from '../database/writer.ts'
import type { User } from '../generated/prisma/client.ts'
import type { UserId } from '../ids.ts'
import { faultOfPassword } from './fault-of-password.ts'
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
  if (!isUserName(name)) {
    throw new BadUserError(
      `bad user name ${JSON.stringify(name)}: 1 to 255 characters, no colon, no control characters, no half of a surrogate pair`,
    )
  }
  const hash = password === null ? decoyHash() : await hashGoodPassword(password)
  try {
    return await writer.transact([], async (tx) => {
      const { id } = await createUser(tx, { actor, at }, { name, role, unrestricted, ...hash })
      return id
    })
  } catch (error) {
    const isTaken = isUniqueViolation(error, 'User', 'name')
    throw isTaken ? new UserExistsError(`user ${name} exists already`) : error
  }
}

/** RFC 7617: the first colon ends the name, control characters are not allowed. UTF-8 has no half of a surrogate pair. */
export const isUserName = (name: string): boolean => /^[^:\p{Cc}\p{Cs}]{1,255}$/u.test(name)

/** What the row of a new user has. `oidcIssuer`, `oidcSubject`: whom the user is at another site. */
type NewRow = PasswordHash & {
  name: string
  role: Role
  unrestricted: boolean
  oidcIssuer?: string
  oidcSubject?: string
}

/** The name is a good one, and free, or the database refuses it. */
export async function createUser(tx: Transaction, { actor, at }: Act, row: NewRow): Promise<User> {
  const { name, role, unrestricted, oidcIssuer, oidcSubject } = row
  const user = await tx.user.create({ data: { ...row, createdAt: at } })
  const from = oidcIssuer === undefined ? {} : { issuer: oidcIssuer, subject: oidcSubject }
  await recordAudit(tx, {
    at,
    actor,
    action: 'user.add',
    target: name,
    detail: { role, unrestricted, ...from },
  })
  return user
}

/** The hash of a new password. Throws BadUserError. */
export async function hashGoodPassword(password: string): Promise<PasswordHash> {
  if (password === '') throw new BadUserError('empty password: send it as one line on standard input')
  const fault = faultOfPassword(password)
  if (fault !== null) throw new BadUserError(`bad password: ${fault}`)
  return hashPassword(password)
}
