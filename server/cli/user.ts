import type { Command } from 'commander'
import { addUser, listUsers, removeUser, updateUser, type UserFacts } from '../users/users.ts'
import { ioOf } from './command-io.ts'
import { readPassword } from './read-password.ts'
import { withDatabase } from './with-database.ts'

/** `hub user …` */
export function addUserCommands(hub: Command): void {
  const user = hub.command('user').description('manage the users who upload builds')
  user
    .command('add <name>')
    .description(
      'create a user; the password is the first line of standard input, or asked for on a terminal',
    )
    .option('--unrestricted', 'allow uploads of every job, not only of the jobs in the access list', false)
    .action(async (name: string, { unrestricted }: { unrestricted: boolean }, command: Command) => {
      const password = await readPassword(ioOf(command), `password for ${name}: `)
      // An operator may create the first user before the server has ever run.
      await withDatabase(command, ({ writer }) => addUser(writer, { name, password, unrestricted }), {
        isCreated: true,
      })
      const next = unrestricted ? '' : `; "hub access add ${name} JOB" lets them upload builds of a job`
      ioOf(command).stdout.write(`user ${name} is created${next}\n`)
    })
  user
    .command('list')
    .description('print every user, and which jobs each may upload')
    .action(async (_options: unknown, command: Command) => {
      await withDatabase(command, async ({ db }) => {
        for (const facts of await listUsers(db)) ioOf(command).stdout.write(`${describeUser(facts)}\n`)
      })
    })
  user
    .command('password <name>')
    .description('change the password; the old one is refused from the next request on')
    .action(async (name: string, _options: unknown, command: Command) => {
      const password = await readPassword(ioOf(command), `new password for ${name}: `)
      await withDatabase(command, ({ writer }) => updateUser(writer, name, { password }))
      ioOf(command).stdout.write(`user ${name} has a new password\n`)
    })
  user
    .command('disable <name>')
    .description('refuse every request of a user from now on; nothing is removed')
    .action(async (name: string, _options: unknown, command: Command) => {
      await withDatabase(command, ({ writer }) => updateUser(writer, name, { disabled: true }))
      ioOf(command).stdout.write(`user ${name} is disabled; "hub user enable ${name}" takes it back\n`)
    })
  user
    .command('enable <name>')
    .description('accept a disabled user again')
    .action(async (name: string, _options: unknown, command: Command) => {
      await withDatabase(command, ({ writer }) => updateUser(writer, name, { disabled: false }))
      ioOf(command).stdout.write(`user ${name} is enabled\n`)
    })
  user
    .command('remove <name>')
    .description('remove a user who has uploaded no build')
    .action(async (name: string, _options: unknown, command: Command) => {
      await withDatabase(command, ({ writer }) => removeUser(writer, name))
      ioOf(command).stdout.write(`user ${name} is removed\n`)
    })
}

/** `alice: every job`, or `bob (disabled): dns-primary, dns-secondary`. */
function describeUser({ name, unrestricted, disabled, jobs }: UserFacts): string {
  const allowed = unrestricted ? 'every job' : jobs.length > 0 ? jobs.join(', ') : 'no job'
  return `${name}${disabled ? ' (disabled)' : ''}: ${allowed}`
}
