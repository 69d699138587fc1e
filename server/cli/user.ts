import type { Command } from 'commander'
import { removeSecondFactor } from '../sessions/second-factor.ts'
import { setEmailOfUser } from '../notifications/change-address.ts'
import { addUser } from '../users/add-user.ts'
import { updateUser, type UserChange } from '../users/update-user.ts'
import { listUsers, removeUser } from '../users/users.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { roleOfFlag, roleOption } from './parse-role.ts'
import { describeUser, shownUser } from './print-users.ts'
import { readPassword } from './read-password.ts'
import { onSite } from './remote/on-site.ts'
import { listUsersAt, removeUserAt, setEmailAt } from './remote/users.ts'
import { withDatabase } from './with-database.ts'

/** `hub user …` */
export function addUserCommands(hub: Command): void {
  const user = hub
    .command('user')
    .description('manage users: who uploads, reads a private site, or administers')
  addExamples(
    user
      .command('add <name>')
      .description(
        'create a user; the password is the first line of standard input, or asked for on a terminal. A worker has none',
      )
      .addOption(
        roleOption(
          'admin: everything; uploader: sees the site, and uploads builds; reader: sees the site, if it is private; ' +
            'worker: its tokens connect workers',
        ).default('uploader'),
      )
      .option('--unrestricted', 'allow uploads of every job, not only of the jobs in the access list', false)
      .action(async (name: string, options: { role: string; unrestricted: boolean }, command: Command) => {
        const { unrestricted } = options
        const role = roleOfFlag(options.role) ?? 'UPLOADER'
        const password =
          role === 'WORKER' ? null : await readPassword(ioOf(command), `password for ${name}: `)
        // An operator may create the first user before the server has ever run.
        await withDatabase(
          command,
          async ({ writer }) =>
            void (await addUser(writer, actOfCommand(), { name, password, role, unrestricted })),
          { isCreated: true },
        )
        const isRestricted = role === 'UPLOADER' && !unrestricted
        const next = isRestricted
          ? `; "hub access add ${name} JOB" lets them upload builds of a job`
          : role === 'WORKER'
            ? `; "hub token create ${name} NAME --scope work" makes a token for a worker`
            : ''
        ioOf(command).stdout.write(`user ${name} is created${next}\n`)
      }),
    [
      'hub user add alice --role admin',
      'hub user add builder --unrestricted < password-file',
      'hub user add visitor --role reader',
      'hub user add builders --role worker',
    ],
  )
  addExamples(
    user
      .command('list')
      .description('print every user with role, and which jobs each may upload')
      .option('--json', 'print JSON', false)
      .action(async ({ json }: { json: boolean }, command: Command) => {
        const users = await onSite(command, { remote: listUsersAt, local: ({ db }) => listUsers(db) })
        ioOf(command).stdout.write(
          json ? jsonText(users.map(shownUser)) : users.map((facts) => `${describeUser(facts)}\n`).join(''),
        )
      }),
    ['hub user list', 'hub user list --json'],
  )
  addExamples(
    user
      .command('update <name>')
      .description(
        'change the role of a user, whether the user may upload every job, or the address for notifications. It counts from the next request on',
      )
      .addOption(roleOption('new role'))
      .option('--unrestricted', 'allow uploads of every job')
      .option('--no-unrestricted', 'allow uploads of the jobs in the access list alone')
      .option('--email <address>', 'where notifications go, as confirmed; empty: nowhere')
      .action(async (name: string, options: UpdateFlags, command: Command) => {
        const role = roleOfFlag(options.role)
        const { email, unrestricted } = options
        if (role === undefined && unrestricted === undefined && email === undefined)
          command.error('error: give --role, --unrestricted, --no-unrestricted or --email')
        if (email !== undefined) {
          await onSite(command, {
            remote: (site) => setEmailAt(site, name, email),
            local: ({ writer }) => setEmailOfUser(writer, actOfCommand(), name, email),
          })
          ioOf(command).stdout.write(
            email === '' ? `user ${name} gets no mail\n` : `notifications of user ${name} go to ${email}\n`,
          )
          if (role === undefined && unrestricted === undefined) return
        }
        const change = {
          ...(role && { role }),
          ...(unrestricted === undefined ? {} : { unrestricted }),
        }
        await update(command, name, change, {
          done: `user ${name} is changed`,
          already: `user ${name} is so already: nothing was changed`,
        })
      }),
    [
      'hub user update alice --role admin',
      'hub user update builder --no-unrestricted',
      'hub user update alice --email alice@example.org',
    ],
  )
  addExamples(
    user
      .command('password <name>')
      .description(
        'change the password: the old one is refused from the next request on, and all sessions of the user end. ' +
          'It is the first line of standard input, or asked for on a terminal. Tokens stay',
      )
      .action(async (name: string, _options: unknown, command: Command) => {
        const password = await readPassword(ioOf(command), `new password for ${name}: `)
        const done = `user ${name} has a new password`
        await update(command, name, { password }, { done, already: done })
      }),
    ['hub user password alice', 'hub user password builder < password-file'],
  )
  addExamples(
    user
      .command('disable <name>')
      .description(
        'refuse every request of a user from now on, also with tokens, and end all sessions; nothing is removed',
      )
      .action(async (name: string, _options: unknown, command: Command) => {
        await update(
          command,
          name,
          { disabled: true },
          {
            done: `user ${name} is disabled; "hub user enable ${name}" takes it back`,
            already: `user ${name} was disabled before`,
          },
        )
      }),
    ['hub user disable mallory'],
  )
  addExamples(
    user
      .command('enable <name>')
      .description('accept a disabled user again')
      .action(async (name: string, _options: unknown, command: Command) => {
        await update(
          command,
          name,
          { disabled: false },
          { done: `user ${name} is enabled`, already: `user ${name} was enabled before` },
        )
      }),
    ['hub user enable alice'],
  )
  addExamples(
    user
      .command('remove-second-factor <name>')
      .description(
        'take the second factor from a user who has lost the telephone and the recovery codes: the password suffices then',
      )
      .action(async (name: string, _options: unknown, command: Command) => {
        await withDatabase(command, async ({ writer }) => {
          const hadOne = await removeSecondFactor(writer, actOfCommand(), name)
          ioOf(command).stdout.write(
            hadOne ? `user ${name} has no second factor now\n` : `user ${name} had no second factor\n`,
          )
        })
      }),
    ['hub user remove-second-factor alice'],
  )
  addExamples(
    user
      .command('remove <name>')
      .description('remove a user who has uploaded no build, with access list, tokens and sessions')
      .action(async (name: string, _options: unknown, command: Command) => {
        await onSite(command, {
          remote: (site) => removeUserAt(site, name),
          local: ({ writer }) => removeUser(writer, actOfCommand(), name),
        })
        ioOf(command).stdout.write(`user ${name} is removed\n`)
      }),
    ['hub user remove bob'],
  )
}

type UpdateFlags = { role?: string; unrestricted?: boolean; email?: string }

async function update(
  command: Command,
  name: string,
  change: UserChange,
  { done, already }: { done: string; already: string },
): Promise<void> {
  await withDatabase(command, async ({ writer }) => {
    const isChanged = await updateUser(writer, actOfCommand(), name, change)
    ioOf(command).stdout.write(`${isChanged ? done : already}\n`)
  })
}
