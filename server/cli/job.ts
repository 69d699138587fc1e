import { Option, type Command } from 'commander'
import type { Database } from '../database/connections.ts'
import { updateJob } from '../jobs/update-job.ts'
import { BuildsLeftError } from '../retention/pins.ts'
import { checkNonePinned, findJobRemoval, removeJob } from '../retention/remove-job.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { confirm } from './confirm.ts'
import { addExamples } from './examples.ts'
import { progressOf } from './progress.ts'
import { restMs } from './rest.ts'
import { StoppedError, untilSignal } from './until-signal.ts'
import { withDatabase } from './with-database.ts'

/** `hub job …` */
export function addJobCommands(hub: Command): void {
  const job = hub.command('job').description('manage jobs')
  addExamples(
    job
      .command('remove <name>')
      .description(
        'remove a job with all of its builds, oldest first. An interrupted command is run again: it goes on. Refused if ' +
          'builds are pinned. Rights of users to upload the job stay: see "hub access remove"',
      )
      .option('--dry-run', 'only print what would be removed', false)
      .option('--json', 'print JSON', false)
      .option('--yes', 'do not ask on a terminal', false)
      .action(async (name: string, options: Options, command: Command) => {
        await withDatabase(command, (database) => remove(database, name, options, command))
      }),
    ['hub job remove dns-primary --dry-run', 'hub job remove dns-primary'],
  )
  addExamples(
    job
      .command('update <name>')
      .description('say where lists show a job, whatever its builds say')
      .option('--section <text>', 'heading under which it is listed; empty: the one that its builds name')
      .addOption(new Option('--hide', 'leave it out of lists of jobs; its own pages stay').conflicts('show'))
      .addOption(new Option('--show', 'list it again'))
      .action(async (name: string, options: UpdateOptions, command: Command) => {
        const { section, hide, show } = options
        if (section === undefined && !hide && !show)
          command.error('error: say what to change: --section, --hide or --show')
        const change = {
          ...(section === undefined ? {} : { section: section === '' ? null : section }),
          ...(hide || show ? { isHidden: hide === true } : {}),
        }
        await withDatabase(command, async ({ writer }) => {
          await updateJob(writer, actOfCommand(), name, change)
        })
        ioOf(command).stdout.write(`the job ${name} is updated\n`)
      }),
    ['hub job update dns-primary --section "Name servers"', 'hub job update old-thing --hide'],
  )
}

type UpdateOptions = { section?: string; hide?: boolean; show?: boolean }

/** Of the builds that are left, so many are named. */
const mostNamed = 100

type Options = { dryRun: boolean; json: boolean; yes: boolean }

async function remove(
  { db, writer }: Database,
  name: string,
  { dryRun, json, yes }: Options,
  command: Command,
): Promise<void> {
  const io = ioOf(command)
  const print = (words: string, facts: { isRemoved: boolean; removedCount: number; left: string[] }) =>
    io.stdout.write(
      json ? `${JSON.stringify({ job: name, isDryRun: dryRun, ...facts }, null, 2)}\n` : `${words}\n`,
    )
  const found = await findJobRemoval(db, name)
  if (!found) {
    print(`the job ${name} is removed already`, { isRemoved: true, removedCount: 0, left: [] })
    return
  }
  checkNonePinned(name, found)
  const { jobId, buildCount } = found
  const builds = `${buildCount} ${buildCount === 1 ? 'build' : 'builds'}`
  if (dryRun) {
    print(`the job ${name} with ${builds} would be removed`, {
      ...{ isRemoved: false, removedCount: buildCount, left: [] },
    })
    return
  }
  await confirm(io, yes, `Remove the job ${name} with ${builds}?`)
  const progress = progressOf(io)
  const asked = { jobId, reason: `hub job remove ${name}` }
  let removedCount = 0
  const isStopped = await untilSignal(async (signal) => {
    for await (const count of removeJob({ db, writer }, actOfCommand(), name, asked, restMs)) {
      removedCount += count
      progress.show(`${removedCount} of ${builds}`)
      if (signal.aborted) return true
    }
    return false
  })
  progress.clear()
  const left = await db.build.findMany({
    where: { job: { name } },
    orderBy: { id: 'asc' },
    take: mostNamed,
    select: { uuid: true },
  })
  const uuids = left.map(({ uuid }) => uuid)
  const removed = `${removedCount} ${removedCount === 1 ? 'build' : 'builds'}`
  const outcome =
    left.length > 0 ? `${removed} of the job ${name} removed` : `the job ${name} is removed with ${removed}`
  print(outcome, { isRemoved: left.length === 0, removedCount, left: uuids })
  if (isStopped) throw new StoppedError('stopped by a signal: run this again, and it goes on')
  if (left.length > 0)
    throw new BuildsLeftError(
      `the job ${name} has builds that were pinned, or have arrived, meanwhile: ${uuids.join(', ')}` +
        `${left.length < mostNamed ? '' : ', and perhaps more'}. "hub build unpin" takes a pin back; then run this again`,
    )
}
