import type { Prisma } from '../generated/prisma/client.ts'
import { buildResultOf } from './build-result.ts'
import { byOrder, findBuildIds, type BuildFilter, type BuildOrder } from './list-builds.ts'
import { signalName } from './signal-name.ts'
import { toVerdict } from './verdict.ts'
import type { BuildId } from '../ids.ts'
import type { Reader } from '../database/reader.ts'
import { gradeOf, type Grade } from '../policy/grade.ts'

const columns = {
  id: true,
  uuid: true,
  startedAt: true,
  finishedAt: true,
  receivedAt: true,
  recordStartedAt: true,
  verdictAt: true,
  status: true,
  resultKind: true,
  resultCode: true,
  resultMessage: true,
  verdict: true,
  mainBinaryPath: true,
  mainBinarySha256: true,
  debugBinarySha256: true,
  opamSwitchSha256: true,
  consoleSha256: true,
  consoleIndexSha256: true,
  mainBinarySizeBytes: true,
  job: { select: { name: true } },
  platform: { select: { name: true } },
} as const

/** A build with the facts that feeds, badges and pages without JavaScript show. */
export type DescribedBuild = Prisma.BuildGetPayload<{ select: typeof columns }> & { grade: Grade }

/** The newest builds, in the given order, that match the filter. */
export async function findNewestBuilds(
  db: Reader,
  filter: BuildFilter,
  count: number,
  order: BuildOrder = 'STARTED',
): Promise<DescribedBuild[]> {
  // A page may contain one item more than its limit.
  const page = { limit: count - 1, backward: false, after: null, before: null }
  const ids = await findBuildIds(db, filter, page, order)
  const builds = await db.build.findMany({ select: columns, where: { id: { in: ids } } })
  return withGrades(db, builds.toSorted(byOrder(order)))
}

/** The builds with these ids, in their order. Those that do not exist are left out. */
export async function findDescribedBuilds(db: Reader, ids: readonly BuildId[]): Promise<DescribedBuild[]> {
  const builds = await db.build.findMany({ select: columns, where: { id: { in: [...ids] } } })
  return withGrades(
    db,
    builds.toSorted((left, right) => ids.indexOf(left.id) - ids.indexOf(right.id)),
  )
}

/** The build of this job with this UUID. Null if it does not exist. */
export async function findDescribedBuild(
  db: Reader,
  job: string,
  uuid: string,
): Promise<DescribedBuild | null> {
  const build = await db.build.findFirst({ select: columns, where: { uuid, job: { name: job } } })
  const [described] = await withGrades(db, build ? [build] : [])
  return described ?? null
}

async function withGrades<Build extends { verdict: string; mainBinarySha256: string | null }>(
  db: Reader,
  builds: readonly Build[],
): Promise<(Build & { grade: Grade })[]> {
  const hashes = [...new Set(builds.flatMap(({ mainBinarySha256 }) => mainBinarySha256 ?? []))]
  const outputs = hashes.length === 0 ? [] : await db.output.findMany({ where: { sha256: { in: hashes } } })
  const byHash = new Map(outputs.map((output) => [output.sha256, output]))
  return builds.map((build) => ({
    ...build,
    grade: gradeOf(toVerdict(build.verdict), byHash.get(build.mainBinarySha256 ?? '') ?? null),
  }))
}

/** Result in words: `succeeded`, `failed: exited 20`, `failed: killed by SIGKILL`, `failed: aborted: timeout`. */
export function describeOutcome(
  build: Pick<DescribedBuild, 'uuid' | 'status' | 'resultKind' | 'resultCode' | 'resultMessage'>,
): string {
  if (build.status === 'SUCCEEDED') return 'succeeded'
  const result = buildResultOf(build)
  const nameOf = (signal: bigint) => signalName(signal) ?? `signal ${signal}`
  switch (result.kind) {
    case 'ExitedResult':
      return `failed: exited ${result.code}`
    case 'SignalledResult':
    case 'StoppedResult':
      return `failed: ${result.kind === 'StoppedResult' ? 'stopped' : 'killed'} by ${nameOf(result.signal)}`
    case 'AbortedResult':
      return `failed: aborted: ${firstCharacters(result.message)}`
  }
}

/** The most characters of a message that a line of a list has room for. */
const mostCharacters = 200

function firstCharacters(message: string): string {
  const characters = Array.from(message.slice(0, 2 * mostCharacters + 2))
  return characters.length > mostCharacters ? `${characters.slice(0, mostCharacters).join('')} …` : message
}

/** Duration in words: `took 61 s`. The duration is negative if the clock was set back during the build. */
export function describeDuration({ startedAt, finishedAt }: { startedAt: Date; finishedAt: Date }): string {
  const seconds = Math.round((finishedAt.getTime() - startedAt.getTime()) / 1000)
  return seconds < 0 ? 'ended before it started, by the clock of its worker' : `took ${seconds} s`
}

/** What is wrong with the builder's clock: `The builder's clock was ahead: …`. Null if nothing is known to be. */
export function describeClock(build: Pick<DescribedBuild, 'recordStartedAt'>): string | null {
  const { recordStartedAt: claimed } = build
  return claimed && `The builder's clock was ahead: its record claims a start at ${claimed.toISOString()}.`
}

/** Result and grade in words: `failed: exited 20`, or `succeeded, repeated here ×3`. */
export function describeBuild(build: DescribedBuild): string {
  const outcome = describeOutcome(build)
  return build.mainBinarySha256 === null ? outcome : `${outcome}, ${build.grade.brief}`
}
