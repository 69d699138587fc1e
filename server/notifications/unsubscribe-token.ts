import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SubscriptionId, UserId } from '../ids.ts'

/** Whom a mail went to, and which subscriptions asked for it; null: all of the user, because there are too many. */
export type Unsubscribe = { userId: UserId; subscriptions: readonly SubscriptionId[] | null }

/** A token names so many subscriptions at most. */
const maxNamed = 20

/**
 * A text that ends subscriptions without signing in: `USER.SUBSCRIPTIONS.SIGNATURE`, signed with the site's key. It counts for ever,
 * for that mail may be opened late, and it can do nothing else.
 */
export function unsubscribeToken(key: Uint8Array, { userId, subscriptions }: Unsubscribe): string {
  const isAll = subscriptions === null || subscriptions.length > maxNamed
  const named = `${userId}.${isAll ? 'all' : subscriptions.join('-')}`
  return `${named}.${signatureOf(key, named)}`
}

/** The opposite of `unsubscribeToken`; null: this site has not made it. */
export function parseUnsubscribeToken(key: Uint8Array, token: string): Unsubscribe | null {
  const [, named = '', userId = '', ids = '', signature = ''] =
    /^((\d{1,9})\.(all|\d{1,9}(?:-\d{1,9}){0,19}))\.([\w-]{43})$/.exec(token) ?? []
  if (named === '') return null
  // Both have 43 characters of base64url.
  if (!timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(key, named)))) return null
  return {
    userId: Number(userId) as UserId,
    subscriptions: ids === 'all' ? null : ids.split('-').map((id) => Number(id) as SubscriptionId),
  }
}

const signatureOf = (key: Uint8Array, named: string): string =>
  createHmac('sha256', key).update(`unsubscribe ${named}`).digest('base64url')
