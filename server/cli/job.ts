import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Database } from '../database/connections.ts'
import type { BuildId, JobId } from '../ids.ts'
import { BuildPinnedError } from '../retention/pins.ts'
import { UnknownPlaceError } from '../retention/places.ts'
import { buildsPerTransaction, removeBuilds } from '../retention/remove-builds.ts'
import { ioOf } from './command-io.ts'
import { confirm } from './confirm.ts'
import { addExamples } from './examples.ts'
import { progressOf } from './progress.ts'
import { restMs } from './rest.ts'
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
      .option('--yes', 'do not ask on a terminal', false)
      .action(async (name: string, options: Options, command: Command) => {
        await withDatabase(command, (database) => remove(database, name, options, command))
      }),
    ['hub job remove dns-primary --dry-run', 'hub job remove dns-primary'],
  )
}

type Options = { dryRun: boolean; yes: boolean }

async function remove(
  { db, writer }: Database,
  name: string,
  { dryRun, yes }: Options,
  command: Command,
): Promise<void> {
  const io = ioOf(command)
  const job = await db.job.findUnique({ where: { name }, select: { id: true } })
  if (!job) {
    const isRemoved = await db.tombstone.findFirst({ where: { job: name }, select: { id: true } })
    if (!isRemoved) throw new UnknownPlaceError(`there is no job ${JSON.stringify(name)}`)
    io.stdout.write(`the job ${name} is removed already\n`)
    return
  }
  const ofJob = { jobId: job.id }
  const buildCount = await db.build.count({ where: ofJob })
  const pinned = await db.pin.findMany({
    where: { build: ofJob },
    select: { build: { select: { uuid: true } } },
  })
  if (pinned.length > 0)
    throw new BuildPinnedError(
      `pinned builds of ${name}: ${pinned.map(({ build }) => build.uuid).join(', ')}. Nothing was removed; ` +
        '"hub build unpin" takes a pin back',
    )
  const builds = `${buildCount} ${buildCount === 1 ? 'build' : 'builds'}`
  if (dryRun) {
    io.stdout.write(`the job ${name} with ${builds} would be removed\n`)
    return
  }
  await confirm(io, yes, `Remove the job ${name} with ${builds}?`)
  const progress = progressOf(io)
  // Builds that arrive from now on stay.
  const newest = await db.build.findFirst({ where: ofJob, orderBy: { id: 'desc' }, select: { id: true } })
  const removal = { reason: `hub job remove ${name}`, removedAt: new Date() }
  let removedCount = 0
  let after = 0 as BuildId
  for (;;) {
    const ids = await nextBuilds(db, job.id, after, newest?.id ?? after)
    if (ids.length === 0) break
    const startedAt = performance.now()
    const step = await removeBuilds(writer, ids, removal, { leavesNewest: false })
    removedCount += step.removed.length
    // Builds that were pinned meanwhile are passed over.
    after = step.notReached.length > 0 ? after : (ids.at(-1) ?? after)
    progress.show(`${removedCount} of ${builds}`)
    await sleep(restMs(performance.now() - startedAt))
  }
  progress.clear()
  const isLeft = await db.job.findUnique({ where: { name }, select: { id: true } })
  const outcome = isLeft
    ? `${removedCount} builds of the job ${name} are removed; it has others, which have arrived or were pinned meanwhile`
    : `the job ${name} is removed with ${removedCount} ${removedCount === 1 ? 'build' : 'builds'}`
  io.stdout.write(`${outcome}\n`)
}

/** In the order of arrival: the newest builds, from which the facts of the job are derived, come last. */
async function nextBuilds(
  db: Database['db'],
  jobId: JobId,
  after: BuildId,
  last: BuildId,
): Promise<BuildId[]> {
  const builds = await db.build.findMany({
    // A number behind an id, not the id of a build.
    where: { jobId, id: { gt: after, lt: (last + 1) as BuildId } },
    orderBy: { id: 'asc' },
    take: buildsPerTransaction,
    select: { id: true },
  })
  return builds.map(({ id }) => id)
}
