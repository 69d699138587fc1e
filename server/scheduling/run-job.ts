import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Deps } from '../deps.ts'
import { priorities, readDefinition } from './definition.ts'
import { visibleName } from '../visible-text.ts'
import { ExecuteError, noQueue } from './errors.ts'
import { queueRuns } from './queue-runs.ts'
import { queuedPlatforms, runsOfSchedule } from './queue-schedules.ts'

/**
 * Queues a job in front of all others: on these platforms, or on each that it is built on. A job that waits already moves to the
 * front. The schedule's next time stays. Returns the UUIDs of the runs: none for an opam package while no platform has a queue.
 * Throws ExecuteError.
 */
export async function runJob(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  {
    job,
    platforms = null,
    reason = null,
  }: { job: string; platforms?: readonly string[] | null; reason?: string | null },
): Promise<string[]> {
  return writer.transact(['runs'], async (tx) => {
    const schedule = await tx.schedule.findUnique({ where: { job } })
    if (!schedule) throw new ExecuteError(`the job ${visibleName(job)} has no schedule`, 'job not found')
    const existing = await queuedPlatforms(tx)
    const { work } = readDefinition(schedule.definition)
    for (const platform of platforms ?? []) {
      if (work.kind === 'SCRIPT' && work.platform !== platform)
        throw new ExecuteError(
          builtOn(job, [work.platform]),
          `job is for a different platform: ${work.platform}`,
        )
      if (!existing.includes(platform)) throw new ExecuteError(noQueue(platform), 'no such platform')
      if (work.kind === 'OPAM_PACKAGE' && work.platforms?.includes(platform) === false)
        throw new ExecuteError(
          builtOn(job, work.platforms),
          `job is for different platforms: ${work.platforms.join(', ')}`,
        )
    }
    const wanted = runsOfSchedule(schedule, platforms ?? existing, 'REQUEST').map((run) => ({
      ...run,
      ...{ priority: Math.min(run.priority, priorities.requested), requestedBy: actor.name, reason },
    }))
    const uuids = await queueRuns(tx, wanted, at, 'front')
    const detail = { runs: uuids, ...(reason === null ? {} : { reason }) }
    await recordAudit(tx, { at, actor, action: 'run.request', target: job, detail })
    return uuids
  })
}

const builtOn = (job: string, platforms: readonly string[]) =>
  `the job ${visibleName(job)} is built on ${platforms.map(visibleName).join(', ')} alone`
