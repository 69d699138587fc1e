import { createHash } from 'node:crypto'
import { timestamp } from '../database/sql.ts'
import type { Transaction } from '../database/writer.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { MailId, SubscriptionId, UserId } from '../ids.ts'
import { enqueue } from '../runner/enqueue.ts'
import { priorities } from '../runner/task.ts'

/** The kind of the tasks that send mails; the key is the id of the mail. */
export const sendMailKind = 'SEND_MAIL'

export type MailKind = 'NOTIFICATION' | 'DIGEST' | 'CONFIRMATION' | 'TEST' | 'ALERT'

export type NewMail = {
  userId: UserId
  kind: MailKind
  /** Two mails with one key are one. */
  dedupeKey: string
  recipient: string
  subject: string
  text: string
  html: string
  /** Mails with the same topic are one thread in mail programs; null: it is alone. */
  topic: string | null
  /** Those that asked for it; null: nobody subscribes to such mails. */
  subscriptions: readonly SubscriptionId[] | null
}

/** Writes a mail, and lets it be sent. Returns its id; null: it was written before. Raw SQL: see `recordEvents`. */
export async function writeMail(
  tx: Transaction,
  mail: NewMail,
  siteUrl: string,
  now: Date,
): Promise<MailId | null> {
  const { userId, kind, dedupeKey, recipient, subject, text, html, topic, subscriptions } = mail
  const messageId = messageIdOf('mail', dedupeKey, siteUrl)
  const inReplyTo = topic === null ? null : messageIdOf('thread', `${userId} ${topic}`, siteUrl)
  const [row] = await tx.$queryRaw<{ id: MailId }[]>(
    Prisma.sql`INSERT INTO "Mail" ("userId", kind, "dedupeKey", recipient, subject, text, html, "messageId", "inReplyTo",
        subscriptions, state, "createdAt")
      VALUES (${userId}, ${kind}, ${dedupeKey}, ${recipient}, ${subject}, ${text}, ${html}, ${messageId}, ${inReplyTo},
        ${subscriptions === null ? null : JSON.stringify(subscriptions)}, 'PENDING', ${timestamp(now)})
      ON CONFLICT DO NOTHING RETURNING id`,
  )
  if (!row) return null
  // Somebody waits for what they have asked for in a page.
  const priority = kind === 'CONFIRMATION' || kind === 'TEST' ? priorities.first : priorities.normal
  await enqueue(tx, [{ kind: sendMailKind, key: String(row.id), priority, ifKnown: 'keep' }], now)
  return row.id
}

/** An id that depends on nothing but what the mail tells, so that a mail that is sent twice has the same. Source: RFC 5322 §3.6.4. */
function messageIdOf(what: 'mail' | 'thread', key: string, siteUrl: string): string {
  const hash = createHash('sha256').update(`${what} ${key}`).digest('hex').slice(0, 32)
  return `<${what}.${hash}@${hostOf(siteUrl)}>`
}

/** The host of an address, as it stands in headers. */
export const hostOf = (siteUrl: string): string =>
  new URL(siteUrl).hostname.replace(/[[\]:]/g, '') || 'localhost'
