import { actorOf, type Actor } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { SessionId } from '../ids.ts'
import { endSessionsOf } from './end-sessions.ts'
import type { SessionViewer } from './require-fresh-session.ts'

/** The user has no such session. */
export class SessionNotFoundError extends DomainError {
  override readonly name = 'SessionNotFoundError'
  constructor() {
    super('there is no such session: it may have ended already')
  }
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
