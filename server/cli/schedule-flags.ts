import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { InvalidArgumentError, Option, type Command } from 'commander'
import { periods, type Period } from '../scheduling/definition.ts'
import { InvalidScheduleError } from '../scheduling/errors.ts'
import type { ReproduceInput, ScheduleOptions, WorkInput } from '../scheduling/schedule-input.ts'
import { ioOf } from './command-io.ts'
import { parseCpus, parseSize } from './parse-limits.ts'
import { parseNumber } from './parse-number.ts'

type WorkOptions = { script?: string; opam?: string; platform?: string[] }
export type ScheduleFlags = WorkOptions & {
  period?: string
  cron?: string
  timeZone?: string
  priority?: number
  timeout?: number
  tries?: number
  parallel?: number
  network?: string
  memory?: number | 'none'
  disk?: number | 'none'
  cpus?: number | 'none'
  reproduce?: number | 'section'
  reproduceOn?: string[]
  reproduceWithin?: string
}

/** Gives a command the options that say what is built, when and how. */
export const withScheduleFlags = (command: Command) =>
  command
    .addOption(new Option('--script <file>', 'the script; - reads it from the input').conflicts('opam'))
    .option('--opam <package>', 'the opam package, built by templates')
    .option('--platform <names...>', 'of a script: its platform; of an opam package: all, if not given')
    .addOption(
      new Option('--period <period>', 'when it is queued').choices(
        periods.filter((one) => one !== 'CRON').map((one) => one.toLowerCase()),
      ),
    )
    .addOption(new Option('--cron <expression>', 'when it is queued, in five parts').conflicts('period'))
    .option('--time-zone <name>', 'of the expression, such as Europe/Berlin')
    .option('--priority <number>', '-100 to 100: lower numbers run first', parseInteger)
    .option('--timeout <seconds>', 'how long each try may take', parseNumber)
    .option('--tries <number>', 'how often a run is tried at most', parseNumber)
    .option('--parallel <number>', 'runs of the job on one platform at once', parseNumber)
    .addOption(new Option('--network <allowed>', 'whether it reaches the network').choices(['yes', 'no']))
    .option('--memory <size>', 'memory of a try, such as 4G; none: no limit', orNone(parseSize))
    .option('--disk <size>', 'files of a try, such as 20G; none: no limit', orNone(parseSize))
    .option('--cpus <number>', 'processors of a try, such as 1.5; none: no limit', orNone(parseCpus))
    .option(
      '--reproduce <times>',
      'build each output so often in all; 1: once; section: as the policy of its section says',
      timesOrSection,
    )
    .option('--reproduce-on <names...>', onHelp)
    .option('--reproduce-within <time>', withinHelp)

const onHelp = 'where: any platform with a worker, all platforms of the job, or these (default: any)'
const withinHelp = 'later, it is not worth it: 12h, 7d (default: 7d)'

/** The options of a policy for a section. */
export const withPolicyFlags = (command: Command) =>
  command
    .option('--times <number>', 'build each output so often in all', parseNumber)
    .option('--on <names...>', onHelp)
    .option('--within <time>', withinHelp)

export type PolicyFlags = { times?: number; on?: string[]; within?: string }

/** What the options say; those that are not given are missing. */
export const policyOf = ({ times, on, within }: PolicyFlags): ReproduceInput => ({
  ...(times === undefined ? {} : { times }),
  ...(on === undefined ? {} : { platforms: placesOf(on) }),
  ...(within === undefined ? {} : { within }),
})

const timesOrSection = (text: string): number | 'section' => (text === 'section' ? text : parseNumber(text))

/** The word stays: Commander makes an empty text of a null. */
const orNone =
  (parse: (text: string) => number) =>
  (text: string): number | 'none' =>
    text === 'none' ? text : parse(text)

const limitOf = (given: number | 'none') => (given === 'none' ? null : given)

function parseInteger(text: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw new InvalidArgumentError('it must be an integer')
  return Number(text)
}

/** What the options say that it builds; null: nothing. */
export async function workOf(
  command: Command,
  { script, opam, platform }: WorkOptions,
): Promise<WorkInput | null> {
  if (opam !== undefined) return { kind: 'OPAM_PACKAGE', opamPackage: opam, platforms: platform ?? null }
  if (script === undefined) return null
  const [only, ...others] = platform ?? []
  if (only === undefined || others.length > 0)
    throw new InvalidScheduleError('a script is for one platform: --platform NAME')
  return { kind: 'SCRIPT', platform: only, script: await readScriptFile(command, script) }
}

async function readScriptFile(command: Command, file: string): Promise<Uint8Array> {
  if (file === '-') return buffer(ioOf(command).stdin)
  try {
    return await readFile(file)
  } catch (error) {
    throw new InvalidScheduleError(`the script cannot be read: ${(error as Error).message}`)
  }
}

/** What the options say of when and how; those that are not given are missing. */
export function optionsOf(options: ScheduleFlags): Partial<ScheduleOptions> {
  const { cron, parallel, period, priority, timeout, timeZone, tries } = options
  const [limits, reproduce] = [limitsOf(options), reproduceOf(options)]
  return {
    ...(cron === undefined ? {} : { period: 'CRON' as const, cron }),
    ...(period === undefined ? {} : { period: period.toUpperCase() as Period }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(priority === undefined ? {} : { priority }),
    ...(timeout === undefined ? {} : { timeoutSeconds: timeout }),
    ...(tries === undefined ? {} : { maxTries: tries }),
    ...(parallel === undefined ? {} : { maxParallel: parallel }),
    ...(limits === undefined ? {} : { limits }),
    ...(reproduce === undefined ? {} : { reproduce }),
  }
}

function limitsOf({ cpus, disk, memory, network }: ScheduleFlags): ScheduleOptions['limits'] {
  const limits = {
    ...(network === undefined ? {} : { allowsNetwork: network === 'yes' }),
    ...(memory === undefined ? {} : { memoryBytes: limitOf(memory) }),
    ...(disk === undefined ? {} : { diskBytes: limitOf(disk) }),
    ...(cpus === undefined ? {} : { cpus: limitOf(cpus) }),
  }
  return Object.keys(limits).length > 0 ? limits : undefined
}

function reproduceOf({
  reproduce: times,
  reproduceOn: on,
  reproduceWithin: within,
}: ScheduleFlags): ScheduleOptions['reproduce'] {
  if (times === 'section') return null
  const policy = policyOf({
    ...(times === undefined ? {} : { times }),
    ...(on === undefined ? {} : { on }),
    ...(within === undefined ? {} : { within }),
  })
  return Object.keys(policy).length > 0 ? policy : undefined
}

function placesOf(names: string[]): 'any' | 'all' | string[] {
  const [only, ...others] = names
  return others.length === 0 && (only === 'any' || only === 'all') ? only : names
}
