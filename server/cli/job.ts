import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import type { Database } from '../database/connections.ts'
import type { BuildId, JobId } from '../ids.ts'
import { BuildPinnedError, BuildsLeftError } from '../retention/pins.ts'
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
      .option('--json', 'print JSON', false)
      .option('--yes', 'do not ask on a terminal', false)
      .action(async (name: string, options: Options, command: Command) => {
        await withDatabase(command, (database) => remove(database, name, options, command))
      }),
    ['hub job remove dns-primary --dry-run', 'hub job remove dns-primary'],
  )
}

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
  const job = await db.job.findUnique({ where: { name }, select: { id: true } })
  if (!job) {
    const isRemoved = await db.tombstone.findFirst({ where: { job: name }, select: { id: true } })
    if (!isRemoved) throw new UnknownPlaceError(`there is no job ${JSON.stringify(name)}`)
    print(`the job ${name} is removed already`, { isRemoved: true, removedCount: 0, left: [] })
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
    print(`the job ${name} with ${builds} would be removed`, {
      ...{ isRemoved: false, removedCount: buildCount, left: [] },
    })
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
  if (left.length > 0)
    throw new BuildsLeftError(
      `the job ${name} has builds that were pinned, or have arrived, meanwhile: ${uuids.join(', ')}` +
        `${left.length < mostNamed ? '' : ', and perhaps more'}. "hub build unpin" takes a pin back; then run this again`,
    )
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
