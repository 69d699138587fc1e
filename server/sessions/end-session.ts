import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Writer } from '../database/writer.ts'
import type { SessionId } from '../ids.ts'
import { SessionNotFoundError } from './sessions.ts'

/** Ends a session of any user. Throws SessionNotFoundError. */
export async function endSession(writer: Writer, { actor, at }: Act, id: SessionId): Promise<void> {
  await writer.transact([], async (tx) => {
    const session = await tx.session.findUnique({
      where: { id },
      select: { user: { select: { name: true } } },
    })
    if (!session) throw new SessionNotFoundError()
    await tx.session.delete({ where: { id }, select: { id: true } })
    await recordAudit(tx, {
      ...{ at, actor, action: 'session.revoke', target: session.user.name },
      detail: { session: id },
    })
  })
}
