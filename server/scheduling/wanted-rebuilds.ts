import type { Reader } from '../database/reader.ts'
import { readDefinition, type ReproducePolicy } from './definition.ts'
import type { WantedRun } from './queue-runs.ts'
import { platformsOf } from './queue-schedules.ts'
import { readRebuildable, rebuildRun } from './rebuild-build.ts'
import { findSectionPolicies } from './section-policies.ts'

const hourMs = 3_600_000

/** A build with an output and inputs that has arrived. */
export type ArrivedOutput = { uuid: string; job: string }

/** `7d` or `12h` as milliseconds. */
export function durationMs(text: string): number {
  return Number(text.slice(0, -1)) * (text.endsWith('d') ? 24 : 1) * hourMs
}

/**
 * The rebuilds that a build asks for now that it has arrived, by the policy of its job, or else of its section. A build that itself repeats another one
 * counts for that one. Rebuilds on one platform come one after the other: what the first one shows decides about the next. Where it
 * has another output there is one more than the policy says, which tells a build that sometimes differs from one that always does.
 */
export async function wantedRebuilds(
  db: Reader,
  { uuid, job }: ArrivedOutput,
  now: Date,
): Promise<(WantedRun & { reproduces: string })[]> {
  const schedule = await db.schedule.findUnique({ where: { job }, select: { definition: true } })
  const definition = schedule && readDefinition(schedule.definition)
  const policy = definition?.reproduce ?? (await findSectionPolicies(db, [job])).get(job)?.reproduce
  if (!policy || policy.times < 2) return []
  const attempt = await db.runTry.findUnique({
    where: { uuid },
    select: { run: { select: { reproduces: true } } },
  })
  const original = await db.build.findUnique({
    where: { uuid: attempt?.run.reproduces ?? uuid },
    select: {
      ...{ uuid: true, verdict: true, inputId: true, receivedAt: true, mainBinarySha256: true },
      platform: { select: { name: true } },
    },
  })
  const isDone = !original?.inputId || original.mainBinarySha256 === null
  if (isDone || isTooLate(policy, original.receivedAt, now)) return []
  const queues = await db.platformQueue.findMany({ where: { droppedAt: null }, select: { platform: true } })
  const open = queues.map(({ platform }) => platform)
  const here = original.platform.name
  const others = otherPlatforms(policy, definition ? platformsOf(definition, open) : open, open)
  const hasDiffered = original.verdict === 'NOT_REPRODUCIBLE'
  const wanted: (WantedRun & { reproduces: string })[] = []
  const rebuildable = await readRebuildable(db, original.uuid)
  for (const platform of new Set([here, ...others])) {
    if (!open.includes(platform)) continue
    const times = platform === here ? policy.times - 1 : 1
    const runs = await db.run.findMany({
      where: { reproduces: original.uuid, platform, state: { not: 'CANCELLED' } },
      select: { state: true },
    })
    const isUnderWay = runs.some(({ state }) => ['QUEUED', 'ASSIGNED', 'RUNNING', 'UPLOADED'].includes(state))
    const isWanted = runs.length < (hasDiffered && platform === here && runs.length > 0 ? times + 1 : times)
    if (isWanted && !isUnderWay) wanted.push(rebuildRun(rebuildable, platform))
  }
  return wanted
}

const isTooLate = ({ within }: ReproducePolicy, receivedAt: Date, now: Date) =>
  now.getTime() - receivedAt.getTime() > durationMs(within)

function otherPlatforms({ platforms }: ReproducePolicy, ofJob: readonly string[], open: readonly string[]) {
  if (platforms === 'any') return []
  return platforms === 'all' ? ofJob : platforms.filter((platform) => open.includes(platform))
}
