import { InvalidArgumentError, type Command } from 'commander'
import {
  createToken,
  defaultTokenDays,
  findToken,
  listTokens,
  maxTokenDays,
  revokeToken,
} from '../users/tokens.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { describeToken, shownToken, type PrintedToken } from './print-users.ts'
import { onSite } from './remote/on-site.ts'
import { listTokensAt, revokeTokenAt } from './remote/tokens.ts'
import { withDatabase } from './with-database.ts'

const dayMs = 86_400_000

type CreateOptions = { scope: string[]; expires: number | 'never'; network: string[] }

/** `hub token …` */
export function addTokenCommands(hub: Command): void {
  const token = hub
    .command('token')
    .description('manage tokens: passwords of machines, each with only the rights that it needs')
  addExamples(
    token
      .command('create <user> <name>')
      .description(
        'create a token of a user, and print it: it is shown this once. It is sent as "Authorization: Bearer", or as the ' +
          'password of Basic authentication with any user name. It never has a right that its user lacks',
      )
      .requiredOption(
        '--scope <scopes...>',
        'what it may do: upload:JOB (with * for any characters), upload:*, read, schedule, work, admin:read, admin',
      )
      .option(
        '--expires <days>',
        `days until it ends, at most ${maxTokenDays}; never: only for machines that nobody can reach`,
        parseExpiry,
        defaultTokenDays,
      )
      .option('--network <networks...>', 'accept it only from these, such as 10.0.0.0/8', [])
      .action(async (userName: string, name: string, options: CreateOptions, command: Command) => {
        const { stdout, stderr } = ioOf(command)
        await withDatabase(command, async ({ writer }) => {
          const act = actOfCommand()
          const { expires, scope: scopes, network } = options
          const expiresAt = expires === 'never' ? expires : new Date(act.at.getTime() + expires * dayMs)
          const networks = network.length > 0 ? network : null
          const created = await createToken(writer, act, { userName, name, scopes, networks, expiresAt })
          stdout.write(`${created.text}\n`)
          stderr.write(
            created.expiresAt
              ? `this token of ${userName} counts until ${created.expiresAt.toISOString()}, and is not shown again\n`
              : `this token of ${userName} is not shown again. Warning: it never ends: ` +
                  `"hub token revoke ${created.prefix}" ends it\n`,
          )
        })
      }),
    [
      'hub token create builder "builder at example.org" --scope "upload:*" > token-file',
      'hub token create ci website --scope upload:website upload:website-docs --expires 30',
      'hub token create alice watch --scope admin:read --network 10.0.0.0/8',
    ],
  )
  addExamples(
    token
      .command('list')
      .description('print all tokens, the newest first: what they may do, when they end, and their last use')
      .option('--user <name>', 'only tokens of this user')
      .option('--json', 'print JSON', false)
      .action(async ({ user, json }: { user?: string; json: boolean }, command: Command) => {
        const asked = { now: new Date(), ...(user === undefined ? {} : { userName: user }) }
        const tokens = await onSite<PrintedToken[]>(command, {
          remote: (site) => listTokensAt(site, user ?? null),
          local: ({ db }) => listTokens(db, asked),
        })
        ioOf(command).stdout.write(
          json ? jsonText(tokens.map(shownToken)) : tokens.map(describeToken).join(''),
        )
      }),
    ['hub token list', 'hub token list --user builder --json'],
  )
  addExamples(
    token
      .command('revoke <token>')
      .description(
        'end a token from the next request on. It is named by its number, by its first nine characters, or by the whole text of it',
      )
      .action(async (text: string, _options: unknown, command: Command) => {
        const { id, isRevoked } = await onSite<{ id: number; isRevoked: boolean }>(command, {
          remote: (site) => revokeTokenAt(site, text),
          async local({ db, writer }) {
            const id = await findToken(db, text)
            return { id, isRevoked: await revokeToken(writer, actOfCommand(), id) }
          },
        })
        ioOf(command).stdout.write(
          isRevoked ? `token ${id} is revoked\n` : `token ${id} was revoked before\n`,
        )
      }),
    ['hub token revoke bhub_Ab3x', 'hub token revoke 7'],
  )
}

/** Throws InvalidArgumentError. */
function parseExpiry(text: string): number | 'never' {
  if (text === 'never') return text
  const days = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (days < 1 || days > maxTokenDays)
    throw new InvalidArgumentError(`it must be a number of days from 1 to ${maxTokenDays}, or never`)
  return days
}
