import { actorOf, type Actor } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Reader } from '../database/reader.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { SessionId, UserId } from '../ids.ts'
import { findUser } from '../users/find-user.ts'
import { describeUserAgent } from './describe-user-agent.ts'
import { endSessionsOf } from './end-sessions.ts'
import type { SessionViewer } from './require-fresh-session.ts'
import { idleSince } from './session-times.ts'

/** The user has no such session. */
export class SessionNotFoundError extends DomainError {
  override readonly name = 'SessionNotFoundError'
  constructor() {
    super('there is no such session: it may have ended already')
  }
}

/** `lastSeenAt`: to some minutes. `program`: in words. */
export type SessionFacts = {
  id: SessionId
  createdAt: Date
  lastSeenAt: Date
  lastSeenFrom: string
  program: string
}

/** The sessions of a user that count, the one that was used last first. */
export async function listSessions(db: Reader, userId: UserId, now: Date): Promise<SessionFacts[]> {
  const sessions = await db.session.findMany({
    where: { userId, expiresAt: { gt: now }, lastSeenAt: { gt: idleSince(now) } },
    orderBy: [{ lastSeenAt: 'desc' }, { id: 'desc' }],
    take: 1_000,
    select: { id: true, createdAt: true, lastSeenAt: true, lastSeenFrom: true, userAgent: true },
  })
  return sessions.map(({ userAgent, ...facts }) => ({ ...facts, program: describeUserAgent(userAgent) }))
}

/** The sessions that count, the newest first: of all users, or of one. Throws UserNotFoundError. */
export async function listSessionsOfUsers(
  db: Reader,
  { userName, now }: { userName?: string; now: Date },
): Promise<(SessionFacts & { userName: string; expiresAt: Date })[]> {
  const ofUser = userName === undefined ? {} : { userId: (await findUser(db, userName)).id }
  const sessions = await db.session.findMany({
    where: { ...ofUser, expiresAt: { gt: now }, lastSeenAt: { gt: idleSince(now) } },
    orderBy: { id: 'desc' },
    select: {
      ...{ id: true, createdAt: true, lastSeenAt: true, lastSeenFrom: true, userAgent: true },
      ...{ expiresAt: true, user: { select: { name: true } } },
    },
  })
  return sessions.map(({ user, userAgent, ...facts }) => ({
    ...facts,
    userName: user.name,
    program: describeUserAgent(userAgent),
  }))
}

type Parts = Pick<Deps, 'clock' | 'writer'> & Pick<Actor, 'address' | 'requestId'>

/** Ends one session of the viewer. Throws SessionNotFoundError. */
export async function revokeSession(
  { clock, writer, ...from }: Parts,
  viewer: SessionViewer,
  id: SessionId,
): Promise<void> {
  await writer.transact([], async (tx) => {
    const { count } = await tx.session.deleteMany({ where: { id, userId: viewer.id } })
    if (count === 0) throw new SessionNotFoundError()
    const act = { at: clock.now(), actor: actorOf(viewer, from) }
    await recordAudit(tx, { ...act, action: 'session.revoke', target: viewer.name, detail: { session: id } })
  })
}

/** Ends all sessions of the viewer, this one, too. Returns how many. */
export async function signOutEverywhere(
  { clock, writer, ...from }: Parts,
  viewer: SessionViewer,
): Promise<number> {
  return writer.transact([], async (tx) => {
    const count = await endSessionsOf(tx, viewer.id)
    const act = { at: clock.now(), actor: actorOf(viewer, from) }
    await recordAudit(tx, { ...act, action: 'session.revoke', target: viewer.name, detail: { count } })
    return count
  })
}
