import type { Reader } from '../database/reader.ts'
import { groupBy } from '../group-by.ts'
import type { UserId } from '../ids.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'
import type { BrokenGroup, Pending } from './plan-mails.ts'
import type { QuietHours } from './quiet-hours.ts'
import type { Transition } from './transition.ts'

const hourMs = 3_600_000

export type Recipient = QuietHours & { id: UserId; email: string }

/** A cause of which a mail has told is told again in digests alone, for so long. */
const silentMs: Record<Transition, number> = {
  ...{ NEWLY_FAILING: 24 * hourMs, FIXED: 24 * hourMs },
  ...{ OUTPUT_CHANGED: 6 * hourMs, NOT_REPRODUCIBLE: 6 * hourMs, REPRODUCED: 6 * hourMs },
  SILENT: 24 * hourMs,
  KNOWN_ISSUE: 6 * hourMs,
}

/** Notifications that wait at once are looked at in parts. */
const maxPending = 5_000

/** The notifications that wait for a mail, the first ones first. */
export async function findPending(db: Reader): Promise<(Pending & { userId: UserId })[]> {
  return db.notification.findMany({ where: { mailId: null }, orderBy: { id: 'asc' }, take: maxPending })
}

/**
 * The broken group of a job that is fixed: the jobs that one mail has told of as failing, and how many of them are fixed. The
 * notification takes over the cause of that mail. null: the mail told of this job alone, or of none.
 */
export async function brokenGroups(
  db: Reader,
  userId: UserId,
  pending: readonly Pending[],
): Promise<(fixed: Pending) => BrokenGroup | null> {
  const fixed = pending.filter(({ transition }) => transition === 'FIXED')
  if (fixed.length === 0) return () => null
  const groups = new Map<Pending, BrokenGroup>()
  const failures = await failuresOf(db, userId, fixed)
  for (const one of fixed) {
    const failure = failures.find((other) => placeOf(other) === placeOf(one) && other.id < one.id)
    one.cause = failure?.cause ?? null
  }
  const causes = [...new Set(fixed.flatMap(({ cause }) => (cause === null ? [] : [cause])))]
  for (const cause of causes) {
    const times = failures.filter((one) => one.cause === cause).map(({ at }) => at.getTime())
    const members = await db.notification.findMany({
      where: {
        ...{ userId, cause, transition: 'NEWLY_FAILING' },
        at: { gte: new Date(Math.min(...times) - 24 * hourMs) },
      },
      distinct: ['job', 'platform'],
      select: { job: true, platform: true },
      take: maxPending,
    })
    const places = new Set(members.map(placeOf))
    const ofCause = fixed.filter((one) => one.cause === cause)
    const fixedCount = new Set(ofCause.map(placeOf).filter((place) => places.has(place))).size
    if (places.size > 1) for (const one of ofCause) groups.set(one, { memberCount: places.size, fixedCount })
  }
  return (one) => groups.get(one) ?? null
}

/** When jobs were told as failing last, the newest first. */
async function failuresOf(db: Reader, userId: UserId, fixed: readonly Pending[]) {
  const jobs = [...groupBy(fixed, ({ job }) => job).keys()]
  const found = await Promise.all(
    slicesOf(jobs, parametersPerStatement).map((slice) =>
      db.notification.findMany({
        where: { userId, transition: 'NEWLY_FAILING', job: { in: slice }, cause: { not: null } },
        orderBy: { id: 'desc' },
        select: { id: true, job: true, platform: true, cause: true, at: true },
        take: maxPending,
      }),
    ),
  )
  return found.flat()
}

const placeOf = ({ job, platform }: { job: string; platform: string }) => JSON.stringify([job, platform])

/** What mails have told a user lately, and how many mails there were within `floodMs`. */
export async function causesToldLately(
  db: Reader,
  userId: UserId,
  now: Date,
  floodMs: number,
): Promise<{
  isTold: (transition: Transition, causes: readonly string[]) => boolean
  mailCount: number
}> {
  const since = (ms: number) => ({ gt: new Date(now.getTime() - ms) })
  const mails = await db.mail.findMany({
    where: { userId, kind: 'NOTIFICATION', createdAt: since(24 * hourMs) },
    select: {
      createdAt: true,
      notifications: { take: 1, orderBy: { id: 'asc' }, select: { transition: true, cause: true } },
    },
    orderBy: { id: 'desc' },
    take: 500,
  })
  const told = mails.flatMap(({ createdAt, notifications }) =>
    notifications.map((one) => ({ ...one, passedMs: now.getTime() - createdAt.getTime() })),
  )
  return {
    isTold: (transition, causes) =>
      told.some(
        (one) =>
          one.transition === transition &&
          one.passedMs < silentMs[transition] &&
          one.cause !== null &&
          causes.includes(one.cause) &&
          !one.cause.startsWith('place '),
      ),
    mailCount: told.filter(({ passedMs }) => passedMs < floodMs).length,
  }
}
