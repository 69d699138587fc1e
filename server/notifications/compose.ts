import { createHash } from 'node:crypto'
import type { Deps } from '../deps.ts'
import type { KindRegistry } from '../analyses/kind.ts'
import type { NotificationId, UserId } from '../ids.ts'
import { groupBy } from '../group-by.ts'
import { siteKey } from '../secrets/site-key.ts'
import { causesOf, groupByCauses, mainCause } from './cause.ts'
import { reachable } from './collect.ts'
import { explainBuild } from './explain.ts'
import { nothingKnown, type Explained } from './explained.ts'
import type { NewMail } from './mail.ts'
import type { MailSettings } from './mail-settings.ts'
import { writeDigest, writeNotification, type Links, type Told, type Written } from './mail-text.ts'
import { findDue, floodLimit, floodMs, isOverdue, type Pending } from './plan-mails.ts'
import { brokenGroups, causesToldLately, findPending, type Recipient } from './pending.ts'
import type { Digest, ToldTransition, Transition } from './transition.ts'
import { unsubscribeToken } from './unsubscribe-token.ts'

export type ComposeParts = Pick<Deps, 'blobs' | 'clock' | 'config' | 'db' | 'log' | 'workers'> & {
  kinds: KindRegistry
}

/** What a run has decided: mails with the notifications in them, and those that wait for a digest after all. */
export type Composed = {
  mails: { mail: NewMail; cause: string | null; notifications: readonly NotificationId[] }[]
  postponed: { digest: Digest; cause: string | null; notifications: readonly NotificationId[] }[]
}

/** Builds that are compared and read for one run: further ones are told without what changed. */
const maxExplained = 100

/** The mails that are due now. `stillComing`: users for whom this run has found further notifications. */
export async function composeMails(
  parts: ComposeParts,
  settings: MailSettings,
  stillComing: ReadonlySet<UserId> = new Set(),
): Promise<Composed> {
  const composed: Composed = { mails: [], postponed: [] }
  const pending = await findPending(parts.db)
  if (pending.length === 0) return composed
  const users = await parts.db.user.findMany({
    where: { id: { in: [...new Set(pending.map(({ userId }) => userId))] }, ...reachable },
    select: { id: true, email: true, quietFrom: true, quietUntil: true, timeZone: true },
  })
  const explain = explainer(parts)
  for (const [userId, items] of groupBy(pending, ({ userId }) => userId)) {
    const user = users.find(({ id }) => id === userId)
    // Who cannot be reached any more gets nothing later either: their notifications are removed when they are old.
    if (user?.email == null) continue
    await composeForUser(
      { ...parts, settings, explain, stillComing },
      { ...user, email: user.email },
      items,
      composed,
    )
  }
  return composed
}

type Explain = (of: Pick<Pending, 'build' | 'transition'>) => Promise<Explained>

/** Of each build once in a run, whoever is told of it. */
function explainer(parts: ComposeParts): Explain {
  const known = new Map<string, Promise<Explained>>()
  return ({ build: uuid, transition }) => {
    // What is told is that nothing came after it.
    if (transition === 'SILENT') return Promise.resolve(nothingKnown)
    const before = known.get(uuid)
    if (before) return before
    const explained = known.size >= maxExplained ? Promise.resolve(nothingKnown) : explainBuild(parts, uuid)
    known.set(uuid, explained)
    return explained
  }
}

type UserParts = ComposeParts & {
  settings: MailSettings
  explain: Explain
  stillComing: ReadonlySet<UserId>
}

async function composeForUser(
  parts: UserParts,
  user: Recipient,
  pending: readonly Pending[],
  composed: Composed,
): Promise<void> {
  const now = parts.clock.now()
  const groupOf = await brokenGroups(parts.db, user.id, pending)
  const { instant, digests } = findDue(pending, user, now, groupOf, parts.stillComing.has(user.id))
  await composeInstant(parts, user, instant, now, composed)
  for (const { digest, items } of digests) {
    const told = await Promise.all(items.map((item) => tell(parts.explain, item)))
    const title = digest === 'HOURLY' ? 'The last hour' : 'The last day'
    const written = writeDigest(told, title, linksOf(parts, user.id, items))
    composed.mails.push(mailOf('DIGEST', user, items, written, null))
  }
}

type Item = Pending & { explained: Explained; causes: readonly string[] }

async function composeInstant(
  parts: UserParts,
  user: Recipient,
  due: readonly Pending[],
  now: Date,
  composed: Composed,
): Promise<void> {
  if (due.length === 0) return
  const items: Item[] = []
  for (const one of due) {
    const explained = await parts.explain(one)
    // Without the console the cause is not known: it is waited for, though not for ever.
    if (one.transition === 'NEWLY_FAILING' && explained.isUnfinished && !isOverdue(due, now)) return
    items.push({ ...one, explained, causes: causesOfItem(one, explained) })
  }
  const { isTold, mailCount } = await causesToldLately(parts.db, user.id, now, floodMs)
  let left = floodLimit - mailCount
  for (const transitionItems of groupBy(items, ({ transition }) => transition).values())
    for (const group of groupByCauses(transitionItems, ({ causes }) => causes)) {
      const transition = group.items[0]?.transition as Transition
      const cause = mainCause(group.items.map(({ causes }) => causes))
      const ids = group.items.map(({ id }) => id)
      if (isTold(transition, group.causes))
        composed.postponed.push({ digest: 'DAILY', cause, notifications: ids })
      else if (left <= 0) composed.postponed.push({ digest: 'HOURLY', cause, notifications: ids })
      else {
        left--
        const told = group.items.map(toldOf)
        const written = writeNotification(told, shownCause(cause), linksOf(parts, user.id, group.items))
        composed.mails.push(mailOf('NOTIFICATION', user, group.items, written, cause))
      }
    }
}

/** Notifications of good news and of outputs are one mail for each transition, or for what had broken the jobs. */
function causesOfItem(
  { transition, cause, job, platform }: Pending,
  explained: Explained,
): readonly string[] {
  if (transition === 'FIXED') return cause === null ? [`place ${job} ${platform}`] : [cause]
  if (transition !== 'NEWLY_FAILING') return [`transition ${transition}`]
  const causes = causesOf(explained)
  return causes.length > 0 ? causes : [`place ${job} ${platform}`]
}

const shownCause = (cause: string | null) =>
  cause !== null && /^(package|failure) /.test(cause) ? cause : null

const toldOf = ({ transition, job, platform, build, explained }: Item): Told => ({
  ...{ transition: transition as ToldTransition, job, platform, build, explained },
})

async function tell(explain: Explain, item: Pending): Promise<Told> {
  const { transition, job, platform, build } = item
  return { transition: transition as Transition, job, platform, build, explained: await explain(item) }
}

const subscriptionsOf = (items: readonly Pending[]) =>
  [...new Set(items.map(({ subscriptionId }) => subscriptionId))].sort((one, other) => one - other)

function linksOf(
  { config, settings: { siteUrl } }: UserParts,
  userId: UserId,
  items: readonly Pending[],
): Links {
  const subscriptions = subscriptionsOf(items)
  const token = unsubscribeToken(siteKey(config.dataDir), { userId, subscriptions })
  return {
    siteUrl,
    unsubscribe: `${siteUrl}/unsubscribe/${token}`,
    reason: 'You get this because you have subscribed to these jobs.',
  }
}

function mailOf(
  kind: 'NOTIFICATION' | 'DIGEST',
  { id: userId, email }: Recipient,
  items: readonly Pending[],
  written: Written,
  cause: string | null,
): Composed['mails'][number] {
  const [first] = items
  // With the time: a build may be told of again, when a further advisory is about it.
  const names = items.map(({ transition, job, platform, build, at }) => [
    transition,
    job,
    platform,
    build,
    at,
  ])
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex')
  const isAlone = items.length === 1 && first !== undefined
  const topic = isAlone ? JSON.stringify([first.job, first.platform]) : cause
  return {
    mail: {
      ...{ userId, kind, dedupeKey: `${kind} ${userId} ${hash}`, recipient: email, ...written },
      topic: kind === 'DIGEST' ? null : topic,
      subscriptions: subscriptionsOf(items),
    },
    cause,
    notifications: items.map(({ id }) => id),
  }
}
