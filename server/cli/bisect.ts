import type { Command } from 'commander'
import { bisectBuilds, type Bisection } from '../bisect/bisect-builds.ts'
import { describeChange } from '../bisect/describe-bisection.ts'
import { findBrokenTogether, type BrokenTogether } from '../bisect/find-broken-together.ts'
import { findStoredBuilds } from '../bisect/find-series.ts'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { systemClock } from '../clock.ts'
import { readConfig } from '../config.ts'
import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import { showControls } from '../diffs/show-controls.ts'
import { DomainError } from '../errors.ts'
import type { BuildId } from '../ids.ts'
import { createWorkerPool } from '../workers/worker-pool.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { parseUuid } from './parse-uuid.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

/** The two builds are not of one job of the site. */
class NothingToBisectError extends DomainError {
  override readonly name = 'NothingToBisectError'
}

type Asking = Parameters<typeof bisectBuilds>[0]

/** `hub bisect` */
export function addBisectCommand(hub: Command): void {
  addExamples(
    hub
      .command('bisect')
      .argument('[left]', 'UUID of a build, such as the last good one', parseUuid)
      .argument('[right]', 'UUID of another build of the job, such as the first bad one', parseUuid)
      .description(
        'print which change of the inputs broke or fixed a job between two builds, or changed its output; without builds, print which jobs broke within two hours of each other, and what they share',
      )
      .option('--json', 'print JSON', false)
      .action(
        async (
          left: string | undefined,
          right: string | undefined,
          { json }: { json: boolean },
          command: Command,
        ) => {
          if (left !== undefined && right === undefined)
            throw new NothingToBisectError('name two builds, or none')
          const { stdout } = ioOf(command)
          await withInputs(command, async (asking) => {
            if (left === undefined || right === undefined) {
              const found = await findBrokenTogether(asking)
              stdout.write(json ? toJson(found) : await printTogether(asking.db, found))
              return
            }
            const found = await bisectBuilds(asking, left, right)
            if (!found)
              throw new NothingToBisectError(
                `${left} and ${right} are not two builds of one job of this site`,
              )
            stdout.write(json ? toJson(found) : await printBisection(asking.db, found))
          })
        },
      ),
    ['hub bisect', 'hub bisect 8ac70b2e-5d6c-4d3c-9f1e-0d4ad3c2a1b0 1f9a3c64-7e0b-4a52-8b1c-6c2f5e9d7a10'],
  )
}

async function withInputs(command: Command, action: (asking: Asking) => Promise<void>): Promise<void> {
  const workers = createWorkerPool()
  try {
    const blobs = await siteBlobStore(readConfig(environmentOf(command)))
    await withDatabase(command, ({ db }) => action({ db, blobs, workers, clock: systemClock }))
  } finally {
    await workers.close()
  }
}

/** What tells the builds apart is told by `side`: their inputs are many. */
const toJson = (found: object): string =>
  `${JSON.stringify(found, (key, value: unknown) => (key === 'inputs' ? undefined : value), 2)}\n`

async function uuidsOf(db: Reader, ids: readonly BuildId[]): Promise<(id: BuildId) => string> {
  const builds = ids.length === 0 ? [] : await findStoredBuilds(db, { ids })
  const uuids = new Map(builds.map(({ id, uuid }) => [id, uuid]))
  return (id) => uuids.get(id) ?? ''
}

async function printBisection(db: Reader, found: Bisection): Promise<string> {
  const { job, platform, before, after, changes, together } = found
  const cleared = changes.flatMap(({ clearedBy }) => clearedBy ?? [])
  const uuidOf = await uuidsOf(db, [before, after, ...cleared])
  const lines = [
    `${job} on ${platform}: ${found.words}`,
    `  before ${uuidOf(before)}`,
    `  after  ${uuidOf(after)}`,
    ...changes.map((change) => {
      const by = change.clearedBy === null ? '' : ` (${uuidOf(change.clearedBy)})`
      const reason = change.reason === '' ? '' : `: ${change.reason}${by}`
      return `  ${change.standing.toLowerCase().padEnd(8)} ${describeChange(change)}${reason}`
    }),
  ]
  return showControls(`${lines.join('\n')}\n`) + (together ? await printTogether(db, [together]) : '')
}

async function printTogether(db: Reader, all: readonly BrokenTogether[]): Promise<string> {
  if (all.length === 0) return 'no jobs broke within two hours of each other in the last 30 days\n'
  const uuidOf = await uuidsOf(
    db,
    all.flatMap(({ incidents }) => incidents.map(({ firstBadId }) => firstBadId)),
  )
  const lines = all.flatMap(({ incidents, jobCount, firstAt, changes }) => [
    `${counted(jobCount, 'job')} broke together, the first at ${firstAt.toISOString()}`,
    ...incidents.map(({ job, platform, firstBadId }) => `  ${job} on ${platform} (${uuidOf(firstBadId)})`),
    changes.length === 0 ? '  their inputs share no change' : '  they share:',
    ...changes.map((change) => `    ${describeChange(change)} (${counted(change.jobCount, 'job')})`),
  ])
  return showControls(`${lines.join('\n')}\n`)
}
