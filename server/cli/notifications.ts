import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { listMails } from '../notifications/list-mails.ts'
import { listSubscribers } from '../notifications/list-subscribers.ts'
import { mailSettingsOf } from '../notifications/mail-settings.ts'
import { sendMessage } from '../notifications/smtp.ts'
import { testMessageTo } from '../notifications/test-message.ts'
import { findUser } from '../users/find-user.ts'
import { visibleText } from '../visible-text.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { describeMail, shownMail, type PrintedMail } from './print-site.ts'
import { describeSubscriber, shownSubscriber, type PrintedSubscriber } from './print-subscribers.ts'
import { listSubscribersAt } from './remote/administered.ts'
import { onSite } from './remote/on-site.ts'
import { listMailsAt } from './remote/site.ts'
import { addSettings, environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

/** `hub notifications …` */
export function addNotificationCommands(hub: Command): void {
  const notifications = hub
    .command('notifications')
    .description('see what users are told of by e-mail, and the mails; try the mail server out')
  addList(notifications)
  addMails(notifications)
  addTest(notifications)
}

function addList(notifications: Command): void {
  addExamples(
    notifications
      .command('list')
      .description('print the subscriptions of all users, and whether their addresses get mails')
      .option('--json', 'print JSON', false)
      .action(async ({ json }: { json: boolean }, command: Command) => {
        const users = await onSite<PrintedSubscriber[]>(command, {
          remote: listSubscribersAt,
          local: ({ db }) => listSubscribers(db),
        })
        const shown = json ? jsonText(users.map(shownSubscriber)) : users.map(describeSubscriber).join('')
        ioOf(command).stdout.write(shown)
      }),
    ['hub notifications list', 'hub notifications list --json'],
  )
}

function addMails(notifications: Command): void {
  addExamples(
    notifications
      .command('mails')
      .description('print the last 50 mails, the newest first')
      .option('--failed', 'only those that could not be delivered', false)
      .option('--json', 'print JSON', false)
      .action(async ({ failed, json }: { failed: boolean; json: boolean }, command: Command) => {
        const mails = await onSite<PrintedMail[]>(command, {
          remote: (site) => listMailsAt(site, failed),
          local: ({ db }) => listMails(db, { isFailed: failed }),
        })
        ioOf(command).stdout.write(json ? jsonText(mails.map(shownMail)) : mails.map(describeMail).join(''))
      }),
    ['hub notifications mails', 'hub notifications mails --failed'],
  )
}

function addTest(notifications: Command): void {
  addExamples(
    addSettings(notifications.command('test <user>'), ['smtpUrl', 'mailFrom', 'publicUrl'])
      .description('send a mail to the address of a user at once, and print what the mail server says')
      .action(async (name: string, _options: unknown, command: Command) => {
        const settings = mailSettingsOf(readConfig(environmentOf(command)))
        if (!settings) command.error('error: set --smtp-url, --mail-from and --public-url')
        await withDatabase(command, async ({ db }) => {
          const { id } = await findUser(db, name)
          const { email } = await db.user.findUniqueOrThrow({ where: { id }, select: { email: true } })
          if (email === null)
            command.error(`error: user ${name} has no address: "hub user update ${name} --email ADDRESS"`)
          const answer = await sendMessage(settings.smtpUrl, testMessageTo(settings, email)).catch(
            (error: unknown) =>
              command.error(`error: ${error instanceof Error ? error.message : String(error)}`),
          )
          ioOf(command).stdout.write(
            `the mail server has taken the mail to ${email}: ${visibleText(answer)}\n`,
          )
        })
      }),
    ['hub notifications test alice'],
  )
}
