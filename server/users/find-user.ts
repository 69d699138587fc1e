import type { Reader } from '../database/reader.ts'
import type { UserId } from '../ids.ts'
import { roleOf, type Role } from './rights.ts'
import { UserNotFoundError } from './user-errors.ts'

export type FoundUser = { id: UserId; name: string; role: Role; unrestricted: boolean; disabled: boolean }

/** What is known of the user of this name, without passwords. Throws UserNotFoundError. */
export async function findUser(db: Reader, name: string): Promise<FoundUser> {
  const user = await db.user.findUnique({
    where: { name },
    select: { id: true, name: true, role: true, unrestricted: true, disabled: true },
  })
  if (!user) throw new UserNotFoundError(`no user ${name}: "hub user add ${name}" creates one`)
  return { ...user, role: roleOf(user.role) }
}
