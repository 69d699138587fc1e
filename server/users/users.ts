import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Reader } from '../database/reader.ts'
import type { Writer } from '../database/writer.ts'
import type { Uploader } from './authenticate.ts'
import { roleOf, type Role } from './rights.ts'
import { isJobOf } from './scopes.ts'
import { checkOtherAdministrator } from './update-user.ts'
import { findUser } from './find-user.ts'
import { BadUserError } from './user-errors.ts'
import type { Credential } from './viewer.ts'

/**
 * Removes a user with the user's access list, tokens and sessions. A user who has uploaded builds stays, because the
 * builds name their uploader. Throws UserNotFoundError, BadUserError, LastAdministratorError.
 */
export async function removeUser(writer: Writer, { actor, at }: Act, name: string): Promise<void> {
  await writer.transact([], async (tx) => {
    const user = await findUser(tx, name)
    await checkOtherAdministrator(tx, user)
    const builds = await tx.build.count({ where: { uploaderId: user.id } })
    if (builds > 0)
      throw new BadUserError(
        `builds name their uploader, and user ${name} has uploaded some (${builds}): "hub user disable ${name}" closes the account`,
      )
    await tx.user.delete({ where: { id: user.id }, select: { id: true } })
    const { role, unrestricted } = user
    await recordAudit(tx, {
      at,
      actor,
      action: 'user.remove',
      target: name,
      detail: { role, unrestricted },
    })
  })
}

export type UserFacts = { name: string; role: Role; unrestricted: boolean; disabled: boolean; jobs: string[] }

/** All users by name, with the jobs of their access lists. */
export async function listUsers(db: Reader): Promise<UserFacts[]> {
  const users = await db.user.findMany({
    orderBy: { name: 'asc' },
    select: {
      name: true,
      role: true,
      unrestricted: true,
      disabled: true,
      access: { orderBy: { jobName: 'asc' }, select: { jobName: true } },
    },
  })
  return users.map(({ access, role, ...facts }) => ({
    ...facts,
    role: roleOf(role),
    jobs: access.map(({ jobName }) => jobName),
  }))
}

/**
 * Allows a restricted user to upload builds of a job, which need not exist yet. Returns false if the user was allowed to.
 * Throws UserNotFoundError.
 */
export async function addAccess(
  writer: Writer,
  { actor, at }: Act,
  userName: string,
  jobName: string,
): Promise<boolean> {
  return writer.transact([], async (tx) => {
    const { id: userId } = await findUser(tx, userName)
    const key = { userId, jobName }
    if (await tx.access.findUnique({ where: { userId_jobName: key }, select: { userId: true } })) return false
    await tx.access.create({ data: key, select: { userId: true } })
    await recordAudit(tx, { at, actor, action: 'access.add', target: userName, detail: { job: jobName } })
    return true
  })
}

/** Takes that right back. Returns false if there was none. Throws UserNotFoundError. */
export async function removeAccess(
  writer: Writer,
  { actor, at }: Act,
  userName: string,
  jobName: string,
): Promise<boolean> {
  return writer.transact([], async (tx) => {
    const { id: userId } = await findUser(tx, userName)
    const { count } = await tx.access.deleteMany({ where: { userId, jobName } })
    if (count > 0)
      await recordAudit(tx, {
        at,
        actor,
        action: 'access.remove',
        target: userName,
        detail: { job: jobName },
      })
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
  const user = await findUser(db, name)
  if (user.disabled)
    throw new BadUserError(`user ${name} is disabled: "hub user enable ${name}" takes that back`)
  return { id: user.id, name: user.name, unrestricted: user.unrestricted }
}
