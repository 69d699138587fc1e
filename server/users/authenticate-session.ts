import type { Reader } from '../database/reader.ts'
import { BadCredentialsError } from './bad-credentials.ts'
import { sha256Of } from './token-text.ts'
import { viewerOf, type Viewer } from './viewer.ts'

/** A session ends so long after the last request in it. */
export const idleHours = 12

/** The user whose session this is. Throws BadCredentialsError. */
export async function authenticateSession(db: Reader, secret: string, now: Date): Promise<Viewer> {
  const session = await db.session.findUnique({
    where: { sha256: sha256Of(secret) },
    include: { user: true },
  })
  const isOver =
    !session ||
    session.expiresAt <= now ||
    session.lastSeenAt.getTime() + idleHours * 3_600_000 <= now.getTime() ||
    session.user.disabled
  if (isOver) throw new BadCredentialsError('this session is over: sign in again')
  const { id, authenticatedAt, user } = session
  return viewerOf(user, { kind: 'session', id, authenticatedAt })
}
