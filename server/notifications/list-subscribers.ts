import type { Reader } from '../database/reader.ts'
import { parseSubscription, type SubscriptionFacts } from './subscription.ts'

/** A user who has an address or subscriptions. */
export type Subscriber = {
  name: string
  email: string | null
  emailConfirmedAt: Date | null
  emailProblem: string | null
  subscriptions: SubscriptionFacts[]
}

/** By name; at most `limit`. */
export async function listSubscribers(db: Reader, limit?: number): Promise<Subscriber[]> {
  const users = await db.user.findMany({
    where: { OR: [{ email: { not: null } }, { subscriptions: { some: {} } }] },
    orderBy: { name: 'asc' },
    ...(limit === undefined ? {} : { take: limit }),
    select: {
      ...{ name: true, email: true, emailConfirmedAt: true, emailProblem: true },
      subscriptions: { orderBy: { id: 'asc' } },
    },
  })
  return users.map(({ subscriptions, ...user }) => ({
    ...user,
    subscriptions: subscriptions.map(parseSubscription),
  }))
}
