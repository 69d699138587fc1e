import { randomUUID } from 'node:crypto'
import type { Transaction } from '../database/writer.ts'
import type { UserId } from '../ids.ts'
import { element, printHtml } from '../pages/html.ts'
import type { MailSettings } from './mail-settings.ts'
import { writeMail, type MailKind } from './mail.ts'

/** A mail of some paragraphs and a link, which no subscription asks for. */
export type PlainMail = {
  userId: UserId
  recipient: string
  kind: MailKind
  subject: string
  paragraphs: readonly string[]
  link: string
  /** Two mails with one key are one; absent: there is no second one. */
  dedupeKey?: string
}

/** Writes a mail, and lets it be sent. */
export async function writePlainMail(
  tx: Transaction,
  { siteUrl }: MailSettings,
  now: Date,
  { paragraphs, link, dedupeKey, ...mail }: PlainMail,
): Promise<void> {
  const html = printHtml([
    ...paragraphs.map((text) => element('p', {}, text)),
    element('p', {}, element('a', { href: link }, link)),
  ])
  const rest = { topic: null, subscriptions: null, dedupeKey: dedupeKey ?? `${mail.kind} ${randomUUID()}` }
  await writeMail(
    tx,
    { ...mail, ...rest, text: `${[...paragraphs, link].join('\n\n')}\n`, html },
    siteUrl,
    now,
  )
}

type Alert = Pick<PlainMail, 'subject' | 'paragraphs' | 'link'> & { dedupeKey: string }

/** Mails every administrator who has a confirmed address. */
export async function mailAdministrators(
  tx: Transaction,
  settings: MailSettings,
  now: Date,
  { dedupeKey, ...alert }: Alert,
): Promise<void> {
  const administrators = await tx.user.findMany({
    where: {
      ...{ role: 'ADMIN', disabled: false, emailProblem: null },
      ...{ email: { not: null }, emailConfirmedAt: { not: null } },
    },
    select: { id: true, email: true },
  })
  for (const { id: userId, email } of administrators) {
    if (email === null) continue
    const mail = {
      ...alert,
      userId,
      recipient: email,
      kind: 'ALERT',
      dedupeKey: `${dedupeKey} ${userId}`,
    } as const
    await writePlainMail(tx, settings, now, mail)
  }
}
