import type { Command } from 'commander'
import { addAccess, removeAccess } from '../users/users.ts'
import { ioOf } from './command-io.ts'
import { withDatabase } from './with-database.ts'

/** `hub access …` */
export function addAccessCommands(hub: Command): void {
  const access = hub.command('access').description('manage the jobs that a restricted user may upload')
  access
    .command('add <user> <job>')
    .description('allow a user to upload builds of a job; the job need not exist yet')
    .action(async (user: string, job: string, _options: unknown, command: Command) => {
      await withDatabase(command, ({ writer }) => addAccess(writer, user, job))
      ioOf(command).stdout.write(`user ${user} may upload builds of job ${job}\n`)
    })
  access
    .command('remove <user> <job>')
    .description('withdraw that permission')
    .action(async (user: string, job: string, _options: unknown, command: Command) => {
      await withDatabase(command, async ({ writer }) => {
        const removed = await removeAccess(writer, user, job)
        ioOf(command).stdout.write(
          removed
            ? `user ${user} may no longer upload builds of job ${job}\n`
            : `user ${user} had no access to job ${job}\n`,
        )
      })
    })
}
