import { randomBytes } from 'node:crypto'
import { actorOf, type Actor } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import type { User } from '../generated/prisma/client.ts'
import { perServer } from '../per-server.ts'
import { networkOf } from '../users/authenticate.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { sha256Of } from '../users/token-text.ts'
import { viewerOf, type Viewer, type Viewing } from '../users/viewer.ts'
import { createFailureAudit } from './audit-sign-ins.ts'
import { countCode, useCode } from './second-factor.ts'
import { SecondFactorRequiredError } from './second-factor-required.ts'
import { endOfNew } from './session-times.ts'

const failureAudits = perServer(() => createFailureAudit())

/** What a person gives to sign in. `code`: of the second factor; null: none. */
export type GivenSecrets = { name: string; password: string; code: string | null }

/** From where somebody signs in. `endedSecret`: of the session that the new one takes the place of; null: none. */
export type SignInClient = {
  address: string
  requestId: string
  userAgent: string
  endedSecret: string | null
}

/** A new session. `secret` is for the cookie, and stored nowhere. */
export type NewSession = { secret: string; viewer: Viewer }

type Parts = Pick<Deps, 'clock' | 'config' | 'db' | 'events' | 'log' | 'writer'> &
  Pick<Viewing, 'checkPassword'>

/**
 * Begins a session for a user with a password. Throws NotAuthorizedError, SecondFactorRequiredError. What failed is in the
 * audit log, too.
 */
export async function signIn(parts: Parts, given: GivenSecrets, client: SignInClient): Promise<NewSession> {
  const { clock, db, writer } = parts
  const { name, password, code } = given
  const known = await db.user.findUnique({ where: { name }, select: { id: true } })
  let isPasswordRight = false
  try {
    const { id } = await parts.checkPassword(name, password)
    isPasswordRight = true
    if (code !== null) await countCode(parts, id, code, client.address)
    const session = await writer.transact([], async (tx) => {
      const user = await tx.user.findUniqueOrThrow({ where: { id } })
      if (user.totpSecret !== null) {
        if (code === null) throw new SecondFactorRequiredError()
        await useCode(tx, parts, user, code, clock.now())
      }
      const now = clock.now()
      return beginSession(tx, user, client, { now, authenticatedAt: now })
    })
    // A change of the password ends the sessions that are there: this one may have come after it.
    await parts.checkPassword(name, password).catch(async (error: unknown) => {
      await signOut(parts, session.secret, client)
      throw error
    })
    return session
  } catch (error) {
    if (error instanceof NotAuthorizedError || error instanceof SecondFactorRequiredError)
      await noteFailure(parts, error, { user: known ? name : null, isPasswordRight }, client)
    throw error
  }
}

/** When a session begins, when the user gave a secret for it, and what else the audit log says. */
type Beginning = { now: Date; authenticatedAt: Date; detail?: Record<string, unknown> }

/** Begins a session, in the transaction in which the user was read. */
export async function beginSession(
  tx: Transaction,
  user: User,
  { address, requestId, userAgent, endedSecret }: SignInClient,
  { now, authenticatedAt, detail }: Beginning,
): Promise<NewSession> {
  const secret = randomBytes(32).toString('base64url')
  if (endedSecret !== null) await tx.session.deleteMany({ where: { sha256: sha256Of(endedSecret) } })
  const { id } = await tx.session.create({
    data: {
      ...{ userId: user.id, sha256: sha256Of(secret), userAgent },
      ...{ createdAt: now, authenticatedAt, lastSeenAt: now, lastSeenFrom: address },
      expiresAt: endOfNew(now),
    },
    select: { id: true },
  })
  const viewer = viewerOf(user, { kind: 'session', id, authenticatedAt })
  const actor = actorOf(viewer, { address, requestId })
  await recordAudit(tx, {
    ...{ at: now, actor, action: 'session.sign-in', target: user.name },
    ...(detail === undefined ? {} : { detail }),
  })
  return { secret, viewer }
}

/**
 * `user`: null if nobody has the name, which then goes into no log: people type passwords into the wrong field. A right password
 * without a right code is told, too: somebody else may know it.
 */
async function noteFailure(
  parts: Parts,
  error: NotAuthorizedError | SecondFactorRequiredError,
  { user, isPasswordRight }: { user: string | null; isPasswordRight: boolean },
  { address, requestId }: SignInClient,
): Promise<void> {
  parts.log.info({ user, address, requestId, reason: error.message }, 'sign-in refused')
  const detail = { reason: reasonOf(error, isPasswordRight) }
  await auditFailure(parts, { user, detail }, { address, requestId })
}

function reasonOf(error: NotAuthorizedError | SecondFactorRequiredError, isPasswordRight: boolean): string {
  if (error instanceof SecondFactorRequiredError) return 'right password, no code of the second factor'
  const isTooOften = error.code === 'RATE_LIMIT'
  if (isPasswordRight)
    return isTooOften
      ? 'right password, too many codes of the second factor'
      : 'right password, wrong code of the second factor'
  return isTooOften ? 'too many attempts' : 'wrong password'
}

/** A sign-in that failed, in the audit log: a bounded number. `user`: whose; null: nobody's. */
export async function auditFailure(
  { clock, events, writer }: Pick<Deps, 'clock' | 'events' | 'writer'>,
  { user, detail }: { user: string | null; detail?: Record<string, unknown> },
  { address, requestId }: Pick<Actor, 'requestId'> & { address: string },
): Promise<void> {
  const actor = actorOf(null, { address, requestId })
  const entry = { at: clock.now(), actor, target: user }
  await failureAudits(events)(writer, networkOf(address), {
    ...entry,
    ...(detail === undefined ? {} : { detail }),
  })
}

/** Ends the session with this secret. Returns false if there was none. */
export async function signOut(
  { clock, writer }: Pick<Deps, 'clock' | 'writer'>,
  secret: string,
  { address, requestId }: Pick<Actor, 'address' | 'requestId'>,
): Promise<boolean> {
  return writer.transact([], async (tx) => {
    const session = await tx.session.findUnique({
      where: { sha256: sha256Of(secret) },
      select: { id: true, authenticatedAt: true, user: { select: { name: true } } },
    })
    if (!session) return false
    const { id, authenticatedAt, user } = session
    await tx.session.delete({ where: { id }, select: { id: true } })
    const actor = actorOf(
      { name: user.name, credential: { kind: 'session', id, authenticatedAt } },
      { address, requestId },
    )
    await recordAudit(tx, { at: clock.now(), actor, action: 'session.sign-out', target: user.name })
    return true
  })
}
