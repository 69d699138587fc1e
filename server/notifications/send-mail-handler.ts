import * as z from 'zod'
import type { Deps } from '../deps.ts'
import type { Mail } from '../generated/prisma/client.ts'
import type { MailId, SubscriptionId } from '../ids.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { siteKey } from '../secrets/site-key.ts'
import { hostOf, sendMailKind } from './mail.ts'
import { mailSettingsOf, type MailSettings } from './mail-settings.ts'
import { AddressRefusedError, sendMessage, type Message } from './smtp.ts'
import { unsubscribeToken } from './unsubscribe-token.ts'

type Sent = { mail: Mail; state: 'SENT' | 'REFUSED'; answer: string; at: Date }

/** A mail server that is away for a day loses no mail: the pauses grow to an hour. */
const maxAttempts = 30
const maxAnswerCharacters = 500

/**
 * Sends a mail: at least once, and with the same Message-ID each time. An address that the mail server refuses for good gets nothing
 * more until the user gives one again.
 */
export function sendMailHandler(
  deps: Pick<Deps, 'clock' | 'config' | 'db' | 'metrics'>,
): TaskHandler<Sent | null> {
  const { clock, config, db, metrics } = deps
  return {
    ...{ kind: sendMailKind, version: 1, slots: { max: 2 }, yieldsToUploads: false },
    ...{ maxAttempts, retryPauseMs: 15_000, timeoutMs: 120_000 },
    async run({ key }) {
      const mail = await db.mail.findUnique({ where: { id: Number(key) as MailId } })
      // It may have been removed with its user, or sent by a server whose task was thought to be lost.
      if (mail?.state !== 'PENDING') return null
      const settings = mailSettingsOf(config)
      if (!settings) throw new Error('no mail server is configured: --smtp-url, --mail-from and --public-url')
      try {
        const answer = await sendMessage(settings.smtpUrl, messageOf(mail, settings, config.dataDir))
        metrics.mails.inc({ outcome: 'sent' })
        return { mail, state: 'SENT', answer, at: clock.now() }
      } catch (error) {
        const isRefused = error instanceof AddressRefusedError
        metrics.mails.inc({ outcome: isRefused ? 'refused' : 'failed' })
        if (!isRefused) throw error
        return { mail, state: 'REFUSED', answer: error.message, at: clock.now() }
      }
    },
    changes: () => [],
    async complete(tx, _task, sent) {
      if (!sent) return
      const { mail, state, at } = sent
      const answer = sent.answer.slice(0, maxAnswerCharacters)
      await tx.mail.update({
        where: { id: mail.id },
        data: { state, answer, ...(state === 'SENT' && { sentAt: at }) },
        select: { id: true },
      })
      // Unless the user has given another address meanwhile.
      if (state === 'REFUSED')
        await tx.user.updateMany({
          where: { id: mail.userId, email: mail.recipient },
          data: { emailProblem: answer },
        })
    },
  }
}

const Subscriptions = z.array(z.number().transform((id) => id as SubscriptionId))

function messageOf(mail: Mail, { from, siteUrl }: MailSettings, dataDir: string): Message {
  const { recipient: to, subject, text, html, messageId, inReplyTo, userId } = mail
  const subscriptions =
    mail.subscriptions === null ? null : Subscriptions.parse(JSON.parse(mail.subscriptions))
  const token = subscriptions && unsubscribeToken(siteKey(dataDir), { userId, subscriptions })
  return {
    ...{ from, to, subject, text, html, messageId, inReplyTo, listHost: hostOf(siteUrl) },
    unsubscribe: token === null ? null : `${siteUrl}/unsubscribe/${token}`,
  }
}
