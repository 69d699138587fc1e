import { isUniqueViolation } from '../database/database-errors.ts'
import { DomainError } from '../errors.ts'
import type { Reader } from '../database/reader.ts'
import type { Writer } from '../database/writer.ts'
import { hashPassword, type PasswordHash } from './password.ts'
import type { Uploader } from './authenticate.ts'
import { isJobOf } from './scopes.ts'
import type { Credential } from './viewer.ts'

/** A user with this name exists already. */
export class UserExistsError extends DomainError {
  override readonly name = 'UserExistsError'
}

/** No user has this name. */
export class UserNotFoundError extends DomainError {
  override readonly name = 'UserNotFoundError'
}

/** A name or password that cannot be used with Basic authentication. */
export class BadUserError extends DomainError {
  override readonly name = 'BadUserError'
}

type NewUser = { name: string; password: string; unrestricted: boolean }

/** Throws UserExistsError, BadUserError. */
export async function addUser(writer: Writer, { name, password, unrestricted }: NewUser): Promise<void> {
  // RFC 7617: the first colon ends the name, control characters are not allowed.
  if (!/^[^:\p{Cc}]{1,255}$/u.test(name)) {
    throw new BadUserError(
      `bad user name ${JSON.stringify(name)}: 1 to 255 characters, no colon, no control characters`,
    )
  }
  const hash = await hashGoodPassword(password)
  try {
    await writer.transact([], (tx) =>
      tx.user.create({ data: { name, unrestricted, createdAt: new Date(), ...hash } }),
    )
  } catch (error) {
    const isTaken = isUniqueViolation(error, 'User', 'name')
    throw isTaken ? new UserExistsError(`user ${name} exists already`) : error
  }
}

/** Throws BadUserError. */
async function hashGoodPassword(password: string): Promise<PasswordHash> {
  if (password === '') throw new BadUserError('empty password: send it as one line on standard input')
  if (/\p{Cc}/u.test(password)) throw new BadUserError('the password must not contain control characters')
  return hashPassword(password)
}

/** A change of a user. What is undefined stays. */
export type UserChange = { password?: string; disabled?: boolean }

/**
 * Changes a user. The change counts from the next request on, also for a running server. Throws UserNotFoundError,
 * BadUserError.
 */
export async function updateUser(writer: Writer, name: string, change: UserChange): Promise<void> {
  const { password, disabled } = change
  const hash = password === undefined ? {} : await hashGoodPassword(password)
  await writer.transact([], async (tx) => {
    const { id } = await findUser(tx, name)
    await tx.user.update({ where: { id }, data: { disabled, ...hash }, select: { id: true } })
  })
}

/**
 * Remove a user and the user's access list. A user who has uploaded builds stays, because the builds name their
 * uploader. Throws UserNotFoundError, BadUserError.
 */
export async function removeUser(writer: Writer, name: string): Promise<void> {
  await writer.transact([], async (tx) => {
    const { id: uploaderId } = await findUser(tx, name)
    const builds = await tx.build.count({ where: { uploaderId } })
    if (builds > 0)
      throw new BadUserError(
        `builds name their uploader, and user ${name} has uploaded some (${builds}): "hub user disable ${name}" closes the account`,
      )
    await tx.user.delete({ where: { id: uploaderId }, select: { id: true } })
  })
}

export type UserFacts = { name: string; unrestricted: boolean; disabled: boolean; jobs: string[] }

/** All users by name, with the jobs of their access lists. */
export async function listUsers(db: Reader): Promise<UserFacts[]> {
  const users = await db.user.findMany({
    orderBy: { name: 'asc' },
    select: {
      name: true,
      unrestricted: true,
      disabled: true,
      access: { orderBy: { jobName: 'asc' }, select: { jobName: true } },
    },
  })
  return users.map(({ access, ...facts }) => ({ ...facts, jobs: access.map(({ jobName }) => jobName) }))
}

/** Allow a restricted user to upload builds of a job, which need not exist yet. Throws UserNotFoundError. */
export async function addAccess(writer: Writer, userName: string, jobName: string): Promise<void> {
  await writer.transact([], async (tx) => {
    const { id: userId } = await findUser(tx, userName)
    const key = { userId, jobName }
    await tx.access.upsert({ where: { userId_jobName: key }, create: key, update: {} })
  })
}

/** Take that right back. Returns false when there was none. Throws UserNotFoundError. */
export async function removeAccess(writer: Writer, userName: string, jobName: string): Promise<boolean> {
  return writer.transact([], async (tx) => {
    const { id: userId } = await findUser(tx, userName)
    const { count } = await tx.access.deleteMany({ where: { userId, jobName } })
    return count > 0
  })
}

/** `user`: one who is known to the hub otherwise than by a request has no credential, and only an access list. */
export async function mayUpload(
  db: Reader,
  user: Uploader & { credential?: Credential },
  jobName: string,
): Promise<boolean> {
  const { credential } = user
  if (credential?.kind === 'token' && credential.jobs?.some((pattern) => isJobOf(pattern, jobName)) === false)
    return false
  if (user.unrestricted) return true
  const access = await db.access.findUnique({ where: { userId_jobName: { userId: user.id, jobName } } })
  return access !== null
}

/** The user of this name, as one who uploads. Throws UserNotFoundError, BadUserError for a disabled user. */
export async function findUploader(db: Reader, name: string): Promise<Uploader> {
  const { id } = await findUser(db, name)
  const user = await db.user.findUniqueOrThrow({ where: { id } })
  if (user.disabled)
    throw new BadUserError(`user ${name} is disabled: "hub user enable ${name}" takes that back`)
  return { id: user.id, name: user.name, unrestricted: user.unrestricted }
}

async function findUser(db: Reader, name: string) {
  const user = await db.user.findUnique({ where: { name }, select: { id: true } })
  if (!user) throw new UserNotFoundError(`no user ${name}: "hub user add ${name}" creates one`)
  return user
}
