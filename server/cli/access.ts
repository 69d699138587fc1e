import type { Command } from 'commander'
import { addAccess, listUsers, removeAccess } from '../users/users.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { onSite } from './remote/on-site.ts'
import { addAccessAt, listUsersAt, removeAccessAt } from './remote/users.ts'

/** `hub access …` */
export function addAccessCommands(hub: Command): void {
  const access = hub.command('access').description('manage the jobs that a restricted user may upload')
  addExamples(
    access
      .command('add <user> <job>')
      .description(
        'add a job to the access list of a user, who may upload its builds, unless a reader; the job need not exist yet',
      )
      .action(async (user: string, job: string, _options: unknown, command: Command) => {
        const isNew = await onSite(command, {
          remote: (site) => addAccessAt(site, user, job),
          local: ({ writer }) => addAccess(writer, actOfCommand(), user, job),
        })
        ioOf(command).stdout.write(
          `job ${job} is on the access list of user ${user}${isNew ? '' : ', as before'}\n`,
        )
      }),
    ['hub access add bob dns-primary'],
  )
  addExamples(
    access
      .command('remove <user> <job>')
      .description('take a job from the access list of a user; users without restrictions still upload it')
      .action(async (user: string, job: string, _options: unknown, command: Command) => {
        const isRemoved = await onSite(command, {
          remote: (site) => removeAccessAt(site, user, job),
          local: ({ writer }) => removeAccess(writer, actOfCommand(), user, job),
        })
        ioOf(command).stdout.write(
          isRemoved
            ? `job ${job} is no longer on the access list of user ${user}\n`
            : `job ${job} was not on the access list of user ${user}\n`,
        )
      }),
    ['hub access remove bob dns-primary'],
  )
  addExamples(
    access
      .command('list')
      .description('print the access lists: a line for each user and job')
      .option('--json', 'print JSON', false)
      .action(async ({ json }: { json: boolean }, command: Command) => {
        const users = await onSite(command, { remote: listUsersAt, local: ({ db }) => listUsers(db) })
        const rows = users.flatMap(({ name, jobs }) => jobs.map((job) => ({ user: name, job })))
        ioOf(command).stdout.write(
          json ? jsonText(rows) : rows.map(({ user, job }) => `${user}: ${job}\n`).join(''),
        )
      }),
    ['hub access list', 'hub access list --json'],
  )
}
