import type { Command } from 'commander'
import type { SessionId } from '../ids.ts'
import { endSession } from '../sessions/end-session.ts'
import { listSessionsOfUsers, type SessionFacts } from '../sessions/list-sessions.ts'
import { visibleText } from '../visible-text.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { withDatabase } from './with-database.ts'

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
        await withDatabase(command, async ({ db }) => {
          const asked = { now: new Date(), ...(user === undefined ? {} : { userName: user }) }
          const sessions = await listSessionsOfUsers(db, asked)
          ioOf(command).stdout.write(
            json
              ? `${JSON.stringify(sessions, null, 2)}\n`
              : sessions.map((one) => `${visibleText(describeSession(one))}\n`).join(''),
          )
        })
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
        await withDatabase(command, ({ writer }) =>
          endSession(writer, actOfCommand(), Number(text) as SessionId),
        )
        ioOf(command).stdout.write(`session ${text} has ended\n`)
      }),
    ['hub session end 7'],
  )
}

/** `7 alice: Firefox 128 on Linux; since 2026-…; last used 2026-… from 10.0.0.1; ends by 2026-…`. */
function describeSession(one: SessionFacts): string {
  const { id, userName, program, createdAt, lastSeenAt, lastSeenFrom, expiresAt } = one
  const use = `last used ${lastSeenAt.toISOString()} from ${lastSeenFrom}`
  return `${id} ${userName}: ${program}; since ${createdAt.toISOString()}; ${use}; ends by ${expiresAt.toISOString()}`
}
