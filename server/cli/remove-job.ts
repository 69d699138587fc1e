import type { Command } from 'commander'
import type { Database } from '../database/connections.ts'
import { BuildPinnedError, BuildsLeftError } from '../retention/pins.ts'
import { checkNonePinned, findJobRemoval, removeJob } from '../retention/remove-job.ts'
import { counted } from '../counted.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { confirm } from './confirm.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { progressOf } from './progress.ts'
import { buildsOfJobAt, measureJobAt, noJob, removeJobAt } from './remote/jobs.ts'
import { onSite } from './remote/on-site.ts'
import type { RemoteSite } from './remote/remote-site.ts'
import { restMs } from './rest.ts'
import { StoppedError, untilSignal } from './until-signal.ts'

/** Of the builds that are left, so many are named. */
const mostNamed = 100

type Options = { dryRun: boolean; json: boolean; yes: boolean }

/** `hub job remove`. */
export function addRemoveJob(job: Command): void {
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
        await onSite(command, {
          remote: (site) => remove(name, options, command, removalAt(site, name)),
          local: (database) => remove(name, options, command, removalOf(database, name)),
        })
      }),
    ['hub job remove dns-primary --dry-run', 'hub job remove dns-primary'],
  )
}

/** How a job is removed: of the data directory, or by the API. */
type JobRemoval = {
  /** Number of its builds; null: it is removed already. Throws if it must not be removed. */
  measure: (dryRun: boolean) => Promise<number | null>
  /** Yields how many builds it has removed so far. */
  remove: (buildCount: number) => AsyncIterable<number>
  /** UUIDs of builds that it still has, 100 at most. */
  findLeft: () => Promise<string[]>
}

function removalOf({ db, writer }: Database, name: string): JobRemoval {
  return {
    async measure() {
      const found = await findJobRemoval(db, name)
      if (found) checkNonePinned(name, found)
      return found && found.buildCount
    },
    async *remove() {
      const found = await findJobRemoval(db, name)
      if (!found) return
      const asked = { jobId: found.jobId, reason: `hub job remove ${name}` }
      let removedCount = 0
      for await (const count of removeJob({ db, writer }, actOfCommand(), name, asked, restMs))
        yield (removedCount += count)
    },
    async findLeft() {
      const select = { uuid: true }
      const left = await db.build.findMany({
        ...{ where: { job: { name } }, orderBy: { id: 'asc' }, take: mostNamed, select },
      })
      return left.map(({ uuid }) => uuid)
    },
  }
}

function removalAt(site: RemoteSite, name: string): JobRemoval {
  return {
    async measure(dryRun) {
      const found = await measureJobAt(site, name)
      if (!found && dryRun) throw noJob(name)
      if (!found) {
        // The site knows whether there was such a job, and refuses what never was.
        for await (const _left of removeJobAt(site, name));
        return null
      }
      const { buildCount, pinnedCount } = found
      if (pinnedCount > 0)
        throw new BuildPinnedError(
          `${name} has ${counted(pinnedCount, 'pinned build')}. Nothing was removed; "hub build unpin" takes a pin back`,
        )
      return buildCount
    },
    async *remove(buildCount) {
      for await (const leftCount of removeJobAt(site, name)) yield Math.max(buildCount - leftCount, 0)
    },
    findLeft: () => buildsOfJobAt(site, name, mostNamed),
  }
}

async function remove(
  name: string,
  { dryRun, json, yes }: Options,
  command: Command,
  removal: JobRemoval,
): Promise<void> {
  const io = ioOf(command)
  const print = (words: string, facts: { isRemoved: boolean; removedCount: number; left: string[] }) =>
    io.stdout.write(json ? jsonText({ job: name, isDryRun: dryRun, ...facts }) : `${words}\n`)
  const buildCount = await removal.measure(dryRun)
  if (buildCount === null) {
    print(`the job ${name} is removed already`, { isRemoved: true, removedCount: 0, left: [] })
    return
  }
  const builds = counted(buildCount, 'build')
  if (dryRun) {
    print(`the job ${name} with ${builds} would be removed`, {
      ...{ isRemoved: false, removedCount: buildCount, left: [] },
    })
    return
  }
  await confirm(io, yes, `Remove the job ${name} with ${builds}?`)
  const progress = progressOf(io)
  let removedCount = 0
  const isStopped = await untilSignal(async (signal) => {
    for await (const count of removal.remove(buildCount)) {
      removedCount = count
      progress.show(`${removedCount} of ${builds}`)
      if (signal.aborted) return true
    }
    return false
  })
  progress.clear()
  const left = await removal.findLeft()
  const removed = counted(removedCount, 'build')
  const outcome =
    left.length > 0 ? `${removed} of the job ${name} removed` : `the job ${name} is removed with ${removed}`
  print(outcome, { isRemoved: left.length === 0, removedCount, left })
  if (isStopped) throw new StoppedError('stopped by a signal: run this again, and it goes on')
  if (left.length > 0)
    throw new BuildsLeftError(
      `the job ${name} has builds that were pinned, or have arrived, meanwhile: ${left.join(', ')}` +
        `${left.length < mostNamed ? '' : ', and perhaps more'}. "hub build unpin" takes a pin back; then run this again`,
    )
}
