import type { Command } from 'commander'
import { addUser } from '../users/users.ts'
import { readPassword } from './read-password.ts'
import { withDatabase } from './with-database.ts'

/** `hub user …` */
export function addUserCommands(hub: Command): void {
  const user = hub.command('user').description('who may upload')
  user
    .command('add <name>')
    .description('make a user; the password is one line on standard input, prompted for on a terminal')
    .option('--unrestricted', 'may upload builds of every job, not only of those in the access list', false)
    .action(async (name: string, { unrestricted }: { unrestricted: boolean }, command: Command) => {
      const password = await readPassword(`password for ${name}: `)
      await withDatabase(command, (db) => addUser(db, { name, password, unrestricted }))
      const next = unrestricted ? '' : `; "hub access add ${name} JOB" lets them upload builds of a job`
      process.stdout.write(`user ${name} is made${next}\n`)
    })
}
