import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Reader } from '../database/reader.ts'
import type { Deps } from '../deps.ts'
import { priorities, readRunDefinition } from './definition.ts'
import { endTry } from './end-try.ts'
import { PlatformDroppedError, RunNotFoundError, RunStateError } from './errors.ts'
import { queueRuns } from './queue-runs.ts'
import { endedRunStates, type RunState } from './run-state.ts'

/** The run with that UUID, or one of whose tries has it; null: there is none. */
export async function findRun(db: Reader, uuid: string) {
  const include = { tries: { orderBy: { number: 'asc' as const } } }
  const run = await db.run.findUnique({ where: { uuid }, include })
  if (run) return run
  const attempt = await db.runTry.findUnique({ where: { uuid }, select: { runId: true } })
  return attempt && db.run.findUnique({ where: { id: attempt.runId }, include })
}

export const hasEnded = (state: string) => endedRunStates.includes(state as (typeof endedRunStates)[number])

/** Ends a run, whether it waits or runs; its worker is told to stop. Throws RunNotFoundError, RunStateError. */
export async function cancelRun(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  { uuid, reason = null }: { uuid: string; reason?: string | null },
): Promise<void> {
  await writer.transact(['runs'], async (tx) => {
    const run = await findRun(tx, uuid)
    if (!run) throw new RunNotFoundError(uuid)
    if (hasEnded(run.state))
      throw new RunStateError(`the run ${run.uuid} has ended already: ${run.state as RunState}`)
    const by = actor.name === null ? '' : ` by ${actor.name}`
    const error = `cancelled${by}${reason === null ? '' : `: ${reason}`}`
    const current = run.tries.at(-1)
    if (current && current.state !== 'ENDED') await endTry(tx, current.id, { ending: 'CANCELLED', error }, at)
    await tx.run.updateMany({
      where: { id: run.id },
      data: { state: 'CANCELLED', queueKey: null, endedAt: at, error },
    })
    const detail = { job: run.job, platform: run.platform, ...(reason === null ? {} : { reason }) }
    await recordAudit(tx, { at, actor, action: 'run.cancel', target: run.uuid, detail })
  })
}

/**
 * Queues what a run that has ended built once more, as it was defined then, in front of all others. Returns the UUID of the new
 * run. Throws RunNotFoundError, RunStateError, PlatformDroppedError.
 */
export async function retryRun(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  { uuid, reason = null }: { uuid: string; reason?: string | null },
): Promise<string> {
  return writer.transact(['runs'], async (tx) => {
    const run = await findRun(tx, uuid)
    if (!run) throw new RunNotFoundError(uuid)
    if (!hasEnded(run.state))
      throw new RunStateError(`the run ${run.uuid} has not ended: it goes on by itself`)
    const { job, platform, scheduleId, reproduces } = run
    const queue = await tx.platformQueue.findUnique({ where: { platform } })
    if (!queue || queue.droppedAt) throw new PlatformDroppedError(platform)
    const [again = ''] = await queueRuns(
      tx,
      [
        {
          ...{ scheduleId, job, platform, reproduces, cause: 'RETRY' },
          definition: readRunDefinition(run.definition),
          priority: Math.min(run.priority, priorities.requested),
          ...{ requestedBy: actor.name, reason: reason ?? `again: ${run.uuid}` },
        },
      ],
      at,
      'front',
    )
    const detail = { job, platform, run: again, ...(reason === null ? {} : { reason }) }
    await recordAudit(tx, { at, actor, action: 'run.retry', target: run.uuid, detail })
    return again
  })
}
