import type { Reader } from '../database/reader.ts'
import type { Writer } from '../database/writer.ts'
import type { SubscriptionId, UserId } from '../ids.ts'
import { BadSubscriptionError, SubscriptionNotFoundError } from './notification-errors.ts'
import { columnsOf, parseSubscription, type Choice, type SubscriptionFacts } from './subscription.ts'
import type { Unsubscribe } from './unsubscribe-token.ts'

const maxSubscriptions = 100
const maxNames = 100
const maxNameCharacters = 1_000

/** The subscriptions of a user, the oldest first. */
export async function listSubscriptions(db: Reader, userId: UserId): Promise<SubscriptionFacts[]> {
  const rows = await db.subscription.findMany({ where: { userId }, orderBy: { id: 'asc' } })
  return rows.map(parseSubscription)
}

/** Subscribes a user to what happens from now on. Throws BadSubscriptionError. */
export async function subscribe(
  writer: Writer,
  userId: UserId,
  choice: Choice,
  now: Date,
): Promise<SubscriptionFacts> {
  const checked = checkChoice(choice)
  return writer.transact([], async (tx) => {
    if ((await tx.subscription.count({ where: { userId } })) >= maxSubscriptions)
      throw new BadSubscriptionError(`a user has at most ${maxSubscriptions} subscriptions: end one of them`)
    return parseSubscription(
      await tx.subscription.create({ data: { userId, createdAt: now, ...columnsOf(checked) } }),
    )
  })
}

/** Changes a subscription of a user. Throws BadSubscriptionError, SubscriptionNotFoundError. */
export async function updateSubscription(
  writer: Writer,
  userId: UserId,
  id: SubscriptionId,
  choice: Choice,
): Promise<SubscriptionFacts> {
  const checked = checkChoice(choice)
  return writer.transact([], async (tx) => {
    const { count } = await tx.subscription.updateMany({ where: { id, userId }, data: columnsOf(checked) })
    if (count === 0) throw new SubscriptionNotFoundError()
    return parseSubscription(await tx.subscription.findUniqueOrThrow({ where: { id } }))
  })
}

/** Ends a subscription of a user, and what waits because of it. Throws SubscriptionNotFoundError. */
export async function unsubscribe(writer: Writer, userId: UserId, id: SubscriptionId): Promise<void> {
  const count = await endSubscriptions(writer, { userId, subscriptions: [id] })
  if (count === 0) throw new SubscriptionNotFoundError()
}

/** Ends subscriptions as a mail asks for, and what waits because of them. Returns how many there were. */
export async function endSubscriptions(
  writer: Writer,
  { userId, subscriptions }: Unsubscribe,
): Promise<number> {
  const some = subscriptions === null ? {} : { in: [...subscriptions] }
  return writer.transact([], async (tx) => {
    const { count } = await tx.subscription.deleteMany({
      where: { userId, ...(subscriptions !== null && { id: some }) },
    })
    await tx.notification.deleteMany({
      where: { userId, mailId: null, ...(subscriptions !== null && { subscriptionId: some }) },
    })
    return count
  })
}

function checkChoice({ jobs, platforms, events, digest }: Choice): Choice {
  checkNames(jobs, 'jobs')
  if (platforms !== null) checkNames(platforms, 'platforms')
  if (events.length === 0) throw new BadSubscriptionError('name at least one kind of news')
  return {
    jobs: [...new Set(jobs)],
    platforms: platforms && [...new Set(platforms)],
    events: [...new Set(events)],
    digest,
  }
}

function checkNames(names: readonly string[], what: string): void {
  if (names.length === 0 || names.length > maxNames)
    throw new BadSubscriptionError(`name 1 to ${maxNames} ${what}`)
  const bad = names.find((name) => name === '' || name.length > maxNameCharacters || name.includes('\0'))
  if (bad !== undefined)
    throw new BadSubscriptionError(`names of ${what} have 1 to ${maxNameCharacters} characters`)
  const stars = names.find((name) => (name.match(/\*/g)?.length ?? 0) > 3)
  if (stars !== undefined) throw new BadSubscriptionError('a name has at most three *')
}
