import { Option, type Command } from 'commander'
import { RunNotFoundError } from '../scheduling/errors.ts'
import { listRuns } from '../scheduling/list-runs.ts'
import { runCauses, runStates } from '../scheduling/run-state.ts'
import { cancelRun, findRun, retryRun } from '../scheduling/runs.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { parseNumber } from './parse-number.ts'
import { parseUuid } from './parse-uuid.ts'
import {
  describeRun,
  describeTry,
  shownRun,
  shownTry,
  type PrintedRun,
  type PrintedTry,
} from './print-runs.ts'
import { onSite } from './remote/on-site.ts'
import { cancelRunAt, listRunsAt, retryRunAt, showRunAt } from './remote/runs.ts'
import { addObserveRun } from './run-observe.ts'

type ListOptions = {
  job?: string
  platform?: string
  state?: string[]
  cause?: string[]
  worker?: string
  limit: number
  json: boolean
}

const example = '4a44d3b0-5ad5-4a45-a8e5-2fc7c7a1a2a0'
const inCapitals = (values: string[]) => values.map((one) => one.toUpperCase().replaceAll('-', '_'))
const inSmall = (values: readonly string[]) => values.map((one) => one.toLowerCase().replaceAll('_', '-'))

/** `hub run …`; returns the command, to which others add. */
export function addRunCommands(hub: Command): Command {
  const run = hub.command('run').description('see what was, is and will be built, and end or repeat it')
  addExamples(
    run
      .command('list')
      .description('print runs, those that were queued last first')
      .option('--job <name>', 'only of this job')
      .option('--platform <name>', 'only on this platform')
      .addOption(new Option('--state <states...>', 'only in these states').choices(inSmall(runStates)))
      .addOption(new Option('--cause <causes...>', 'only for these causes').choices(inSmall(runCauses)))
      .option('--worker <name>', 'only those that this worker had')
      .option('--limit <number>', 'at most so many', parseNumber, 50)
      .option('--json', 'print JSON', false)
      .action(async (options: ListOptions, command: Command) => {
        const { cause, job, json: asJson, limit, platform, state, worker } = options
        const filter = {
          ...(job === undefined ? {} : { job }),
          ...(platform === undefined ? {} : { platform }),
          ...(state === undefined ? {} : { states: inCapitals(state) }),
          ...(cause === undefined ? {} : { causes: inCapitals(cause) }),
          ...(worker === undefined ? {} : { worker }),
        }
        const runs = await onSite<PrintedRun[]>(command, {
          remote: (site) => listRunsAt(site, filter, limit),
          local: ({ db }) => listRuns(db, filter, limit),
        })
        ioOf(command).stdout.write(asJson ? jsonText(runs.map(shownRun)) : runs.map(describeRun).join(''))
      }),
    ['hub run list --state running assigned', 'hub run list --job hello --state failed lost --json'],
  )
  addExamples(
    run
      .command('show')
      .argument('<uuid>', 'UUID of the run, or of a try', parseUuid)
      .description('print a run with its tries')
      .option('--json', 'print JSON', false)
      .action(async (uuid: string, { json: asJson }: { json: boolean }, command: Command) => {
        const { tries, ...own } = await onSite<PrintedRun & { tries: PrintedTry[] }>(command, {
          remote: (site) => showRunAt(site, uuid),
          local: async ({ db }) => {
            const found = await findRun(db, uuid)
            if (!found) throw new RunNotFoundError(uuid)
            return found
          },
        })
        const shown = asJson
          ? jsonText({ ...shownRun(own), tries: tries.map(shownTry) })
          : `${describeRun(own)}${tries.map(describeTry).join('')}`
        ioOf(command).stdout.write(shown)
      }),
    [`hub run show ${example}`],
  )
  addExamples(
    run
      .command('cancel')
      .argument('<uuid>', 'UUID of the run, or of a try', parseUuid)
      .description('end a run, whether it waits or is under way')
      .option('--reason <text>', 'why, for its page')
      .action(async (uuid: string, { reason }: { reason?: string }, command: Command) => {
        const asked = { uuid, reason: reason ?? null }
        await onSite(command, {
          remote: (site) => cancelRunAt(site, asked),
          local: ({ writer }) => cancelRun({ writer }, actOfCommand(), asked),
        })
        ioOf(command).stdout.write(`run ${uuid} is cancelled\n`)
      }),
    [`hub run cancel ${example} --reason "wrong branch"`],
  )
  addExamples(
    run
      .command('retry')
      .argument('<uuid>', 'UUID of the run, or of a try', parseUuid)
      .description('queue once more what a run that has ended built; print the UUID of the new run')
      .option('--reason <text>', 'why, for its page')
      .action(async (uuid: string, { reason }: { reason?: string }, command: Command) => {
        const asked = { uuid, reason: reason ?? null }
        const again = await onSite(command, {
          remote: (site) => retryRunAt(site, asked),
          local: ({ writer }) => retryRun({ writer }, actOfCommand(), asked),
        })
        ioOf(command).stdout.write(`${again}\n`)
      }),
    [`hub run retry ${example}`],
  )
  addObserveRun(run)
  return run
}
