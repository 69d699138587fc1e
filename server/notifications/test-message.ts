import { randomUUID } from 'node:crypto'
import { hostOf } from './mail.ts'
import type { MailSettings } from './mail-settings.ts'
import type { Message } from './smtp.ts'

export const testSubject = 'Notifications arrive'
export const testText = 'This is the mail that was asked for. Notifications of builds come the same way.'

/** A mail that shows that mails arrive. */
export function testMessageTo({ from, siteUrl }: MailSettings, to: string): Message {
  const listHost = hostOf(siteUrl)
  return {
    ...{ from, to, listHost, subject: testSubject, inReplyTo: null, unsubscribe: null },
    text: `${testText}\n\n${siteUrl}/account#notifications\n`,
    html: `<p>${testText}</p>`,
    messageId: `<test.${randomUUID()}@${listHost}>`,
  }
}
