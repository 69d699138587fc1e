import type { Reader } from '../database/reader.ts'
import { timestamp } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import { parseEventData, type EventData } from '../event-log/event-data.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { EventId, SubscriptionId, UserId } from '../ids.ts'
import { slicesOf } from '../slices.ts'
import { isJobOf } from '../users/scopes.ts'
import { parseSubscription, type SubscriptionFacts } from './subscription.ts'
import {
  transitionEvents,
  transitionOf,
  type Digest,
  type ToldTransition,
  type Transition,
} from './transition.ts'

const { sql, join } = Prisma

const dayMs = 86_400_000
/** Events that one run looks at; the next run goes on. */
const eventsPerRun = 1_000
/** Nine parameters each, of the 32,766 that SQLite takes. */
const rowsPerStatement = 1_000

export type NewNotification = {
  userId: UserId
  subscriptionId: SubscriptionId
  transition: ToldTransition
  job: string
  platform: string
  build: string
  at: Date
  digest: Digest
}

/** `cursor`: the last event that was looked at. `hasMore`: there are further ones. */
export type Collected = { notifications: NewNotification[]; cursor: number; hasMore: boolean }

/**
 * Who is to be told of which events after `cursor`. Without one, of those of the last day: a notification that is known is not
 * written twice. Nobody is told of copies from another site, nor of what happened before the subscription. News of a build that ended
 * more than a day before waits for a daily digest.
 */
export async function collectNotifications(db: Reader, cursor: number | null, now: Date): Promise<Collected> {
  const { id: last = 0 } = (await db.event.findFirst({ orderBy: { id: 'desc' }, select: { id: true } })) ?? {}
  if (cursor !== null && last <= cursor) return { notifications: [], cursor, hasMore: false }
  const events = await db.event.findMany({
    where: {
      id: { ...(cursor !== null && { gt: cursor as EventId }), lte: last as EventId },
      type: { in: transitionEvents },
      ...(cursor === null && { at: { gte: new Date(now.getTime() - dayMs) } }),
    },
    orderBy: { id: 'asc' },
    take: eventsPerRun,
  })
  const hasMore = events.length === eventsPerRun
  const reached = hasMore ? (events.at(-1)?.id ?? last) : last
  if (events.length === 0) return { notifications: [], cursor: reached, hasMore }
  const subscriptions = await findSubscriptions(db)
  const notifications = events.flatMap(({ type, job, build, at, data: json, ...event }) => {
    const transition = transitionOf(type)
    const data = parseEventData(json)
    // A job is silent on all platforms: it is told with that of its newest build.
    const platform = event.platform ?? data.platform ?? null
    if (transition === null || job === null || platform === null || build === null) return []
    if (data.isCopy === true) return []
    return oneForEachUser(subscriptions, { transition, job, platform, at }).map(
      ({ userId, id: subscriptionId, digest }) => ({
        ...{ userId, subscriptionId, transition, job, platform, build, at },
        digest: isLate(data, at) ? 'DAILY' : digest,
      }),
    )
  })
  return { notifications, cursor: reached, hasMore }
}

/** That an older build has another verdict now is news, however old the build is. */
function isLate({ cause, build }: EventData, at: Date): boolean {
  if (cause !== undefined || build?.finishedAt === undefined) return false
  return at.getTime() - build.finishedAt.getTime() > dayMs
}

type Of = { transition: Transition; job: string; platform: string; at: Date }

/** Of several subscriptions of a user to one event, the one that tells it soonest. */
function oneForEachUser(subscriptions: readonly SubscriptionFacts[], of: Of): SubscriptionFacts[] {
  const byUser = new Map<UserId, SubscriptionFacts>()
  const soonest = { INSTANT: 0, HOURLY: 1, DAILY: 2 } as const
  for (const one of subscriptions) {
    if (!isMeant(one, of)) continue
    const known = byUser.get(one.userId)
    if (!known || soonest[one.digest] < soonest[known.digest]) byUser.set(one.userId, one)
  }
  return [...byUser.values()]
}

/** Whether a subscription asks for a change of a job on a platform. */
export function isMeant(
  { jobs, platforms, events, createdAt }: SubscriptionFacts,
  { transition, job, platform, at }: Of,
): boolean {
  return (
    at >= createdAt &&
    events.includes(transition) &&
    (platforms === null || platforms.includes(platform)) &&
    jobs.some((pattern) => isJobOf(pattern, job))
  )
}

/** Those of all users who get notifications. */
export async function findSubscriptions(db: Reader): Promise<SubscriptionFacts[]> {
  const rows = await db.subscription.findMany({
    where: { user: reachable },
    orderBy: { id: 'asc' },
  })
  return rows.map(parseSubscription)
}

/** Prisma's condition for users who get notifications. */
export const reachable = {
  disabled: false,
  email: { not: null },
  emailConfirmedAt: { not: null },
  emailProblem: null,
} as const

/**
 * What is known already is not written again. A build may get further known issues: then the notification waits for a mail anew.
 * Raw SQL: Prisma ignores rows that are known in no statement of both databases.
 */
export async function writeNotifications(
  tx: Transaction,
  notifications: readonly NewNotification[],
): Promise<void> {
  for (const slice of slicesOf(notifications, rowsPerStatement)) {
    const rows = slice.map(
      ({ userId, subscriptionId, transition, job, platform, build, at, digest }) =>
        sql`(${userId}, ${subscriptionId}, ${transition}, ${job}, ${platform}, ${build}, ${timestamp(at)}, ${digest})`,
    )
    await tx.$executeRaw(
      sql`INSERT INTO "Notification" ("userId", "subscriptionId", transition, job, platform, build, at, digest)
        VALUES ${join(rows)} ON CONFLICT ("userId", job, platform, transition, build) DO UPDATE
        SET at = excluded.at, "mailId" = NULL WHERE "Notification".transition = 'KNOWN_ISSUE' AND "Notification".at < excluded.at`,
    )
  }
}
