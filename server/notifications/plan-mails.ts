import type { Notification } from '../generated/prisma/client.ts'
import { isQuiet, lastDigestTime, lastHour, type QuietHours } from './quiet-hours.ts'
import type { Digest } from './transition.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** After the last of several notifications, further ones are waited for so long, */
const settleMs = 10 * minuteMs
/** and after the first of them so long at most. */
const maxWaitMs = hourMs
/** Jobs that a common cause has broken are told as fixed together, unless it takes longer than this. */
const maxFixMs = 6 * hourMs

/** A recipient gets so many mails of notifications in ten minutes; all else is in a digest. */
export const floodLimit = 10
export const floodMs = 10 * minuteMs

export type Pending = Pick<Notification, 'id' | 'transition' | 'job' | 'platform' | 'build'> & {
  subscriptionId: Notification['subscriptionId']
  at: Date
  digest: string
  cause: string | null
}

/** A broken group of jobs that a mail has told of. */
export type BrokenGroup = { memberCount: number; fixedCount: number }

export type Due = { instant: Pending[]; digests: { digest: Exclude<Digest, 'INSTANT'>; items: Pending[] }[] }

/**
 * Which notifications of a user are due now. Soon ones wait until no further one has come for 10 minutes, for an hour at most, so that
 * those with one cause are one mail. `groupOf`: the broken group that a fixed job belongs to.
 * `isStillComing`: further ones were found just now.
 */
export function findDue(
  pending: readonly Pending[],
  user: QuietHours,
  now: Date,
  groupOf: (fixed: Pending) => BrokenGroup | null = () => null,
  isStillComing = false,
): Due {
  if (isQuiet(user, now)) return { instant: [], digests: [] }
  const ofDigest = (digest: Digest) => pending.filter((one) => one.digest === digest)
  const soon = ofDigest('INSTANT')
  const isHeld = (one: Pending): boolean => {
    const group = one.transition === 'FIXED' ? groupOf(one) : null
    return group !== null && group.fixedCount < group.memberCount
  }
  const held = soon.filter(isHeld)
  const free = soon.filter((one) => !held.includes(one))
  const dueHeld = isOver(held, now, maxFixMs) ? held : []
  const before = (items: Pending[], limit: Date) => (items.some(({ at }) => at < limit) ? items : [])
  const digests = [
    { digest: 'HOURLY' as const, items: before(ofDigest('HOURLY'), lastHour(now)) },
    { digest: 'DAILY' as const, items: before(ofDigest('DAILY'), lastDigestTime(now, user.timeZone)) },
  ]
  return {
    instant: [...(isSettled(free, now, isStillComing) ? free : []), ...dueHeld],
    digests: digests.filter(({ items }) => items.length > 0),
  }
}

function isSettled(items: readonly Pending[], now: Date, isStillComing: boolean): boolean {
  if (items.length === 0) return false
  const newest = Math.max(...items.map(({ at }) => at.getTime()))
  return (!isStillComing && now.getTime() - newest >= settleMs) || isOver(items, now, maxWaitMs)
}

function isOver(items: readonly Pending[], now: Date, afterMs: number): boolean {
  return items.some(({ at }) => now.getTime() - at.getTime() >= afterMs)
}

/** Whether it is time to send although a console is not analysed yet. */
export const isOverdue = (items: readonly Pending[], now: Date): boolean => isOver(items, now, maxWaitMs)
