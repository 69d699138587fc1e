import type { Command } from 'commander'
import type { SessionId } from '../ids.ts'
import { endSession } from '../sessions/end-session.ts'
import { listSessionsOfUsers } from '../sessions/list-sessions.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { describeSession, shownSession } from './print-users.ts'
import { onSite } from './remote/on-site.ts'
import { endSessionAt, listSessionsAt } from './remote/sessions.ts'

/** `hub session …` */
export function addSessionCommands(hub: Command): void {
  const session = hub.command('session').description('see who is signed in, and where, and end that')
  addExamples(
    session
      .command('list')
      .description('print all sessions that count, the newest first: whose, since when, and their last use')
      .option('--user <name>', 'only sessions of this user')
      .option('--json', 'print JSON', false)
      .action(async ({ user, json }: { user?: string; json: boolean }, command: Command) => {
        const asked = { now: new Date(), ...(user === undefined ? {} : { userName: user }) }
        const sessions = await onSite(command, {
          remote: (site) => listSessionsAt(site, user ?? null),
          local: ({ db }) => listSessionsOfUsers(db, asked),
        })
        ioOf(command).stdout.write(
          json ? jsonText(sessions.map(shownSession)) : sessions.map(describeSession).join(''),
        )
      }),
    ['hub session list', 'hub session list --user alice --json'],
  )
  addExamples(
    session
      .command('end <number>')
      .description('end a session from the next request on. "hub session list" prints the numbers')
      .action(async (text: string, _options: unknown, command: Command) => {
        if (!/^\d{1,9}$/.test(text))
          command.error(`error: not the number of a session: ${JSON.stringify(text)}`)
        const id = Number(text) as SessionId
        await onSite(command, {
          remote: (site) => endSessionAt(site, id),
          local: ({ writer }) => endSession(writer, actOfCommand(), id),
        })
        ioOf(command).stdout.write(`session ${text} has ended\n`)
      }),
    ['hub session end 7'],
  )
}
