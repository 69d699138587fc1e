import { InvalidArgumentError, type Command } from 'commander'
import type { Act } from '../audit/actor.ts'
import type { Database } from '../database/connections.ts'
import { countFreedBytes } from '../retention/count-freed-bytes.ts'
import type { Keep } from '../retention/keep.ts'
import { checkFactsKnown } from '../retention/known-facts.ts'
import { listPlaces, placesOf, type Place } from '../retention/places.ts'
import { planOfPolicy, readRetentionPolicy } from '../retention/retention-policy.ts'
import { auditedVacuum, forecastVacuum, type PlaceForecast, type PlannedPlace } from '../retention/vacuum.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf, type CommandIo } from './command-io.ts'
import { confirm } from './confirm.ts'
import { addExamples } from './examples.ts'
import { parseTime } from './parse-time.ts'
import { printVacuum } from './print-vacuum.ts'
import { progressOf } from './progress.ts'
import { remoteSiteOf } from './remote/remote-site.ts'
import { restMs } from './rest.ts'
import { StoppedError, untilSignal } from './until-signal.ts'
import { applyPolicyAt } from './vacuum-policy.ts'
import { withDatabase } from './with-database.ts'

type Options = {
  job: string[]
  platform: string[]
  keepOutputs?: 'first' | 'last' | 'first-and-last'
  dryRun: boolean
  json: boolean
  yes: boolean
}

/** `hub vacuum …` */
export function addVacuumCommands(hub: Command): void {
  const group = hub
    .command('vacuum')
    .description(
      'remove old builds. Of each job on each platform these always stay: pinned builds, the newest build, the newest ' +
        'that succeeded and the newest with a main binary. Addresses and hashes of removed builds lead to a page that says ' +
        'so; their content is deleted by the server within two days. An interrupted command is run again: it goes on',
    )
  const vacuumOf = (command: Command, keep: Keep, words: string) => {
    const options = command.opts<Options>()
    const outputs = options.keepOutputs === undefined ? {} : { outputs: options.keepOutputs }
    const rule = `hub vacuum ${words}`
    return run(command, options, { words: rule, target: rule }, (places) =>
      placesOf(places, { jobs: options.job, platforms: options.platform }).map((place) => ({
        ...{ place, keep: { ...keep, ...outputs } },
        reason: rule,
      })),
    )
  }
  const ofPlaces = (command: Command) =>
    command
      .option('--job <name>', 'only builds of this job; can be given several times', collect, [])
      .option('--platform <name>', 'only builds on this platform; can be given several times', collect, [])
      .option(
        '--keep-outputs <which>',
        'also keep, of each distinct main binary of a job on a platform, the first build, the last, or both: ' +
          'first, last, first-and-last',
        parseOutputs,
      )
  addExamples(
    common(
      ofPlaces(
        group
          .command('older-than')
          .argument('<time>', 'an RFC 3339 time, such as 2026-01-01T00:00:00Z', parseTime)
          .description('remove builds that ended at this time or earlier'),
      ),
    ).action((time: Date, _options: unknown, command: Command) =>
      vacuumOf(command, { finishedAfter: time }, `older-than ${time.toISOString()}`),
    ),
    [
      'hub vacuum older-than 2026-01-01T00:00:00Z --dry-run',
      'hub vacuum older-than 2026-01-01T00:00:00Z --job dns-primary --keep-outputs first',
    ],
  )
  addExamples(
    common(
      ofPlaces(
        group
          .command('except-latest')
          .argument('<number>', 'how many builds stay', parseCount)
          .description('remove all builds of each job on each platform except for the newest ones'),
      ),
    ).action((count: number, _options: unknown, command: Command) =>
      vacuumOf(command, { newest: count }, `except-latest ${count}`),
    ),
    ['hub vacuum except-latest 10 --dry-run', 'hub vacuum except-latest 10 --platform debian-11'],
  )
  addExamples(
    common(
      ofPlaces(
        group
          .command('except-latest-successful')
          .argument('<number>', 'how many builds with a main binary stay', parseCount)
          .description(
            'remove builds that are older than the Nth newest build with a main binary, of each job on each platform; with ' +
              'fewer such builds, nothing',
          ),
      ),
    ).action((count: number, _options: unknown, command: Command) =>
      vacuumOf(command, { sinceSuccessful: count }, `except-latest-successful ${count}`),
    ),
    ['hub vacuum except-latest-successful 5 --job dns-primary --job dns-secondary'],
  )
  addExamples(
    common(
      group
        .command('policy')
        .description(
          'remove what a retention policy does not keep, as the server does once a day. With --hub the server applies its own policy now',
        )
        .option('--file <file>', 'JSON file of the policy'),
    ).action((options: Options & { file?: string }, command: Command) => {
      const site = remoteSiteOf(command)
      if (site) return applyPolicyAt(site, command, options)
      const { file } = options
      if (file === undefined) return command.error('error: name the policy by --file')
      const policy = readRetentionPolicy(file)
      const named = { words: 'the retention policy', target: file }
      return run(command, options, named, (places) => planOfPolicy(policy, places))
    }),
    [
      'hub vacuum policy --file retention.json --dry-run',
      'hub vacuum policy --dry-run --hub https://builds.example.org --token-file token',
    ],
  )
}

function common(command: Command): Command {
  return command
    .option(
      '--dry-run',
      'only print what would be removed, how many bytes become free, and what stays',
      false,
    )
    .option('--json', 'print JSON', false)
    .option('--yes', 'do not ask on a terminal', false)
}

async function run(
  command: Command,
  { dryRun, json, yes }: Pick<Options, 'dryRun' | 'json' | 'yes'>,
  { words, target }: { words: string; target: string },
  planOf: (places: Place[]) => PlannedPlace[],
): Promise<void> {
  const io = ioOf(command)
  await withDatabase(command, async (database) => {
    // Which jobs and platforms have builds is such a fact, too.
    await checkFactsKnown(database.db)
    const now = new Date()
    const plan = planOf(await listPlaces(database.db))
    if (dryRun) {
      const forecasts = await forecast(database, plan, now, io)
      const freedBytes = await countFreed(database, plan, now, io)
      io.stdout.write(printVacuum(forecasts, { isDryRun: true, freedBytes, json }))
      return
    }
    if (!yes && io.stdin.isTTY === true) {
      const forecasts = await forecast(database, plan, now, io)
      const count = forecasts.reduce((sum, { removedCount }) => sum + removedCount, 0)
      io.stderr.write(printVacuum(forecasts, { isDryRun: true, freedBytes: null, json: false }))
      if (count > 0) await confirm(io, yes, `Remove ${count} ${count === 1 ? 'build' : 'builds'} (${words})?`)
    }
    const act = { ...actOfCommand(), at: now }
    const { isStopped, places } = await removeAll(database, plan, act, target, io)
    io.stdout.write(printVacuum(places, { isDryRun: false, freedBytes: null, json }))
    if (isStopped) throw new StoppedError('stopped by a signal: run this again, and it goes on')
  })
}

async function forecast(database: Database, plan: PlannedPlace[], now: Date, io: CommandIo) {
  const progress = progressOf(io)
  const found: PlaceForecast[] = []
  for await (const one of forecastVacuum(database, plan, now)) {
    found.push(one)
    progress.show(`${found.length} of ${plan.length} jobs and platforms`)
  }
  progress.clear()
  return found
}

async function countFreed({ db }: Database, plan: PlannedPlace[], now: Date, io: CommandIo) {
  const progress = progressOf(io)
  const freedBytes = await countFreedBytes(db, plan, now, (count) =>
    progress.show(`files of ${count} builds`),
  )
  progress.clear()
  return freedBytes
}

/** Returns what was removed of each place. A signal stops it. */
async function removeAll(
  database: Database,
  plan: PlannedPlace[],
  act: Act,
  target: string,
  io: CommandIo,
): Promise<{ isStopped: boolean; places: PlaceForecast[] }> {
  const progress = progressOf(io)
  const buildCount = plan.reduce((sum, { place }) => sum + place.buildCount, 0)
  const removed = new Map<Place, number>()
  let [lookedAt, removedCount] = [0, 0]
  const isStopped = await untilSignal(async (signal) => {
    for await (const step of auditedVacuum(database, act, target, plan, { restMs })) {
      lookedAt += step.lookedAtCount
      removedCount += step.removedCount
      removed.set(step.place, (removed.get(step.place) ?? 0) + step.removedCount)
      progress.show(`${Math.min(lookedAt, buildCount)} of ${buildCount} builds, ${removedCount} removed`)
      if (signal.aborted) return true
    }
    return false
  })
  progress.clear()
  const places = plan.map(({ place }) => ({
    ...{ place, buildCount: place.buildCount, removedCount: removed.get(place) ?? 0 },
    stays: { rule: 0, output: 0, newest: 0, pinned: 0 },
  }))
  return { isStopped, places }
}

const collect = (name: string, before: string[]) => [...before, name]

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text) || Number(text) === 0)
    throw new InvalidArgumentError('it must be a whole number greater than 0')
  return Number(text)
}

function parseOutputs(text: string): NonNullable<Keep['outputs']> {
  if (text !== 'first' && text !== 'last' && text !== 'first-and-last')
    throw new InvalidArgumentError('there are first, last and first-and-last')
  return text
}
