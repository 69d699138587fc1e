import type { Reader } from '../database/reader.ts'
import type { Writer } from '../database/writer.ts'
import { BusyError } from '../errors.ts'
import type { SessionId } from '../ids.ts'
import { idleSince, seenMinutes } from '../sessions/session-times.ts'
import { BadCredentialsError } from './bad-credentials.ts'
import { sha256Of } from './token-text.ts'
import { viewerOf, type Viewer } from './viewer.ts'

/** The user whose session this is. Throws BadCredentialsError. */
export async function authenticateSession(
  { db, writer }: { db: Reader; writer: Writer },
  secret: string,
  { address, now }: { address: string; now: Date },
): Promise<Viewer> {
  const session = await db.session.findUnique({
    where: { sha256: sha256Of(secret) },
    include: { user: true },
  })
  const isOver =
    !session || session.expiresAt <= now || session.lastSeenAt <= idleSince(now) || session.user.disabled
  if (isOver) throw new BadCredentialsError('this session is over: sign in again')
  const { id, authenticatedAt, lastSeenAt, user } = session
  if (now.getTime() - lastSeenAt.getTime() >= seenMinutes * 60_000)
    await noteUse(writer, { id, lastSeenAt: now, lastSeenFrom: address })
  return viewerOf(user, { kind: 'session', id, authenticatedAt })
}

type Use = { id: SessionId; lastSeenAt: Date; lastSeenFrom: string }

/** Reading goes on while the database cannot be written: the next request tries again. */
async function noteUse(writer: Writer, { id, ...seen }: Use): Promise<void> {
  try {
    // It may have ended meanwhile.
    await writer.transact([], (tx) => tx.session.updateMany({ where: { id }, data: seen }))
  } catch (error) {
    if (!(error instanceof BusyError)) throw error
  }
}
