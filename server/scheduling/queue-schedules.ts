import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import type { Schedule } from '../generated/prisma/client.ts'
import type { ScheduleId } from '../ids.ts'
import { readDefinition, type Definition, type RunDefinition } from './definition.ts'
import { queueRuns, type WantedRun } from './queue-runs.ts'
import type { RunCause } from './run-state.ts'

/** A row of Schedule, as far as runs are made of it. */
export type ScheduleRow = { id: ScheduleId; job: string; definition: string }

/** What a run takes from the definition of its schedule. */
export function runDefinitionOf({
  work,
  timeoutSeconds,
  maxTries,
  maxParallel,
  limits,
  reproduce,
}: Definition): RunDefinition {
  return { work, timeoutSeconds, maxTries, maxParallel, limits, reproduce }
}

/** Which of these platforms a job is built on. */
export function platformsOf({ work }: Definition, platforms: readonly string[]): string[] {
  return platforms.filter((platform) => {
    if (work.kind === 'SCRIPT') return work.platform === platform
    return work.platforms === null || work.platforms.includes(platform)
  })
}

/** The runs of a schedule on these platforms. */
export function runsOfSchedule(
  { id, job, definition: json }: ScheduleRow,
  platforms: readonly string[],
  cause: RunCause,
): WantedRun[] {
  const definition = readDefinition(json)
  const { priority } = definition
  return platformsOf(definition, platforms).map((platform) => ({
    ...{ scheduleId: id, job, platform, cause, priority },
    definition: runDefinitionOf(definition),
  }))
}

/** The platforms that have a queue, in the order of their names. */
export async function queuedPlatforms(tx: Transaction): Promise<string[]> {
  const rows = await tx.platformQueue.findMany({
    where: { droppedAt: null },
    orderBy: { platform: 'asc' },
    select: { platform: true },
  })
  return rows.map(({ platform }) => platform)
}

/** Whether something is scheduled that a new platform would get. */
export async function fitsPlatform(db: Reader, platform: string, hasTemplate: boolean): Promise<boolean> {
  return (await schedulesFor(db, platform, hasTemplate)).length > 0
}

async function schedulesFor(db: Reader, platform: string, hasTemplate: boolean): Promise<Schedule[]> {
  const schedules = await db.schedule.findMany({
    where: { isPaused: false, ...(hasTemplate ? {} : { kind: 'SCRIPT' }) },
    orderBy: { id: 'asc' },
  })
  return schedules.filter(({ definition }) => platformsOf(readDefinition(definition), [platform]).length > 0)
}

/**
 * Makes the queue of a platform, with everything that is scheduled and fits: its scripts, and with a template all opam packages.
 * Does nothing, and returns false, if the queue is there, if the platform was dropped, or if nothing fits. `isWanted`: something
 * is about to be queued.
 */
export async function openQueue(
  tx: Transaction,
  platform: string,
  { hasTemplate, isWanted = false }: { hasTemplate: boolean; isWanted?: boolean },
  now: Date,
): Promise<boolean> {
  if (await tx.platformQueue.findUnique({ where: { platform }, select: { platform: true } })) return false
  const schedules = await schedulesFor(tx, platform, hasTemplate)
  const wanted = schedules.flatMap((schedule) => runsOfSchedule(schedule, [platform], 'NEW_PLATFORM'))
  if (wanted.length === 0 && !isWanted) return false
  await tx.platformQueue.create({ data: { platform, createdAt: now } })
  await queueRuns(tx, wanted, now)
  return true
}
