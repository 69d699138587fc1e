import { formatByteSize } from '../byte-size.ts'
import { counted } from '../counted.ts'
import { decodeExactly, showInvalidBytes } from '../formats/exact-text.ts'
import type { Definition, Period, ReproducePolicy, RunLimits, Work } from './definition.ts'

/** A definition as it is described: whose script it is does not matter. */
export type DescribedDefinition = Omit<Definition, 'work'> & {
  work:
    | { kind: 'SCRIPT'; platform: string; scriptSha256: string | null }
    | Extract<Work, { kind: 'OPAM_PACKAGE' }>
}

const periodWords: Record<Exclude<Period, 'CRON'>, string> = {
  HOURLY: 'every hour',
  DAILY: 'every day',
  WEEKLY: 'every week',
  NEVER: 'only when somebody asks',
}

/** `every day`, or `cron 30 4 * * 1 (UTC)`. */
export const describePeriod = ({
  period,
  cron,
  timeZone,
}: Pick<Definition, 'period' | 'cron' | 'timeZone'>) =>
  period === 'CRON' ? `cron ${cron} (${timeZone})` : periodWords[period]

/** `debian-12`, `debian-12, debian-13`, or `all platforms`. */
export function describePlatforms({ work }: Pick<DescribedDefinition, 'work'>): string {
  if (work.kind === 'SCRIPT') return work.platform
  return work.platforms === null ? 'all platforms' : work.platforms.join(', ')
}

/** A definition as lines of text, for people and for comparisons. `script`: its bytes; null for an opam package. */
export function describeDefinition(definition: DescribedDefinition, script: Uint8Array | null): string {
  const { work, priority, timeoutSeconds, maxTries, maxParallel, limits, reproduce } = definition
  const lines = [
    work.kind === 'SCRIPT' ? 'builds: a script' : `builds: the opam package ${work.opamPackage}`,
    `on: ${describePlatforms(definition)}`,
    `when: ${describePeriod(definition)}`,
    `priority: ${priority}`,
    `timeout: ${timeoutSeconds} seconds`,
    `tries: ${maxTries} at most`,
    `at once on a platform: ${maxParallel}`,
    ...describeLimits(limits),
    `reproduce: ${reproduce === null ? 'as its section says' : describePolicy(reproduce)}`,
  ]
  const code = script === null ? '' : `\n${showInvalidBytes(decodeExactly(script))}`
  return `${lines.join('\n')}\n${code}`
}

/** `2 builds in all, on any platform, within 7d`. */
export const describePolicy = ({ platforms, times, within }: ReproducePolicy) =>
  times === 1
    ? 'each output is built once'
    : `${counted(times, 'build')} in all, on ${platformWords(platforms)}, within ${within}`

const platformWords = (platforms: 'any' | 'all' | string[]) =>
  platforms === 'any' ? 'any platform' : platforms === 'all' ? 'all platforms' : platforms.join(', ')

const describeLimits = ({ allowsNetwork, memoryBytes, diskBytes, cpus }: RunLimits): string[] => [
  `network: ${allowsNetwork ? 'yes' : 'no'}`,
  ...(memoryBytes === null ? [] : [`memory: ${formatByteSize(memoryBytes)}`]),
  ...(diskBytes === null ? [] : [`disk: ${formatByteSize(diskBytes)}`]),
  ...(cpus === null ? [] : [`processors: ${cpus}`]),
]
