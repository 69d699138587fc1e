import type { Reader } from '../database/reader.ts'
import type { SessionId, UserId } from '../ids.ts'
import { findByNewestId } from '../list-by-id.ts'
import type { Page } from '../page.ts'
import { findUser } from '../users/find-user.ts'
import { describeUserAgent } from './describe-user-agent.ts'
import { idleSince } from './session-times.ts'

/** `lastSeenAt`: to some minutes. `program`: in words. `expiresAt`: when the session ends at the latest. */
export type SessionFacts = {
  id: SessionId
  userName: string
  createdAt: Date
  lastSeenAt: Date
  lastSeenFrom: string
  program: string
  expiresAt: Date
}

/** What is shown of a session: no secret is read. */
const columns = {
  ...{ id: true, createdAt: true, lastSeenAt: true, lastSeenFrom: true, userAgent: true },
  expiresAt: true,
} as const

const withUser = { ...columns, user: { select: { name: true } } } as const

type SessionRow = Omit<SessionFacts, 'userName' | 'program'> & { userAgent: string }

const factsOf = ({ userAgent, ...row }: SessionRow, userName: string): SessionFacts => ({
  ...row,
  userName,
  program: describeUserAgent(userAgent),
})

const factsWithUser = ({ user, ...row }: SessionRow & { user: { name: string } }) => factsOf(row, user.name)

/** Sessions that are not over. */
const countAt = (now: Date) => ({ expiresAt: { gt: now }, lastSeenAt: { gt: idleSince(now) } })

/** The sessions of a user that count, the one that was used last first. At most 1,000. */
export async function listSessions(
  db: Reader,
  user: { id: UserId; name: string },
  now: Date,
): Promise<SessionFacts[]> {
  const sessions = await db.session.findMany({
    where: { userId: user.id, ...countAt(now) },
    orderBy: [{ lastSeenAt: 'desc' }, { id: 'desc' }],
    take: 1_000,
    select: columns,
  })
  return sessions.map((row) => factsOf(row, user.name))
}

/** The sessions that count, the newest first: of all users, or of one. Throws UserNotFoundError. */
export async function listSessionsOfUsers(
  db: Reader,
  { userName, now }: { userName?: string; now: Date },
): Promise<SessionFacts[]> {
  const ofUser = userName === undefined ? {} : { userId: (await findUser(db, userName)).id }
  const sessions = await db.session.findMany({
    where: { ...ofUser, ...countAt(now) },
    orderBy: { id: 'desc' },
    select: withUser,
  })
  return sessions.map(factsWithUser)
}

/** Which sessions are asked for: those that count `now`, of all users or of the one with this name. */
export type SessionFilter = { userName?: string | null | undefined; now: Date }

/** A page of sessions, the newest first, and one more if it exists. */
export async function findSessions(
  db: Reader,
  filter: SessionFilter,
  page: Page<number>,
): Promise<SessionFacts[]> {
  const rows = await findByNewestId(page, ({ range, ...asked }) =>
    db.session.findMany({
      ...asked,
      where: { ...conditionsOf(filter), id: range as { lt?: SessionId; gt?: SessionId } },
      select: withUser,
    }),
  )
  return rows.map(factsWithUser)
}

/** Number of sessions in all pages. */
export const countSessions = (db: Reader, filter: SessionFilter): Promise<number> =>
  db.session.count({ where: conditionsOf(filter) })

const conditionsOf = ({ userName, now }: SessionFilter) => ({
  ...countAt(now),
  ...(userName == null ? {} : { user: { name: userName } }),
})
