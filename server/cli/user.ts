import type { Command } from 'commander'
import { addUser } from '../users/users.ts'
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
      const password = await readPassword(`password for ${name}: `)
      await withDatabase(command, ({ writer }) => addUser(writer, { name, password, unrestricted }))
      const next = unrestricted ? '' : `; "hub access add ${name} JOB" lets them upload builds of a job`
      process.stdout.write(`user ${name} is created${next}\n`)
    })
}
