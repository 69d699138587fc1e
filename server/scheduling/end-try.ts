import type { Transaction } from '../database/writer.ts'
import type { Run } from '../generated/prisma/client.ts'
import type { RunTryId } from '../ids.ts'
import { readRunDefinition } from './definition.ts'
import { TryOverError } from './errors.ts'
import { endOfQueue, queueKeyOf } from './queue-runs.ts'
import type { RunState, TryEnding } from './run-state.ts'

type Ended = { ending: TryEnding; error?: string | null; lineCount?: number }

/** Writes how a try ended. Throws TryOverError if it has ended already: whoever was first decides. */
export async function endTry(
  tx: Transaction,
  id: RunTryId,
  { ending, error = null, lineCount }: Ended,
  at: Date,
): Promise<void> {
  const { count } = await tx.runTry.updateMany({
    where: { id, state: { not: 'ENDED' } },
    data: {
      ...{ state: 'ENDED', ending, error, endedAt: at, leaseUntil: null },
      ...(lineCount === undefined ? {} : { lineCount }),
    },
  })
  if (count > 0) return
  const found = await tx.runTry.findUnique({ where: { id }, select: { uuid: true } })
  throw new TryOverError(found?.uuid ?? String(id))
}

/** Ends a run. */
export async function endRun(
  tx: Transaction,
  { id }: Pick<Run, 'id'>,
  state: Extract<RunState, 'DONE' | 'FAILED' | 'CANCELLED' | 'LOST'>,
  error: string | null,
  at: Date,
): Promise<void> {
  await tx.run.updateMany({ where: { id }, data: { state, error, queueKey: null, endedAt: at } })
}

/**
 * Lets a run wait again after a try without a result, at the end of its queue, and says why. It ends where that has no point:
 * after its last try with `lastState`; where its schedule or its platform is gone, or a newer run of the job waits, as CANCELLED.
 */
export async function putBack(
  tx: Transaction,
  run: Run,
  why: string,
  lastState: 'LOST' | 'FAILED',
  at: Date,
): Promise<'PUT_BACK' | 'LOST'> {
  const { maxTries } = readRunDefinition(run.definition)
  const { id, platform } = run
  if (run.tryCount >= maxTries) {
    const tries = maxTries === 1 ? 'one try' : `${maxTries} tries`
    await endRun(tx, run, lastState, `${why}; it was given up after ${tries}`, at)
    return 'LOST'
  }
  const queueKey = queueKeyOf(run)
  const obstacle = await obstacleOf(tx, run, queueKey)
  if (obstacle !== null) {
    await endRun(tx, run, 'CANCELLED', `${why}; it does not wait again: ${obstacle}`, at)
    return 'LOST'
  }
  const position = await endOfQueue(tx, platform)
  await tx.run.updateMany({
    where: { id },
    data: { state: 'QUEUED', queueKey, position, error: why, startedAt: null, notBefore: null },
  })
  return 'PUT_BACK'
}

async function obstacleOf(tx: Transaction, run: Run, queueKey: string): Promise<string | null> {
  if (run.scheduleId === null && run.cause !== 'REPRODUCTION' && run.kind !== 'REBUILD')
    return 'the schedule of the job was removed'
  const queue = await tx.platformQueue.findUnique({ where: { platform: run.platform } })
  if (!queue || queue.droppedAt) return 'the platform was dropped'
  const waiting = await tx.run.findUnique({ where: { queueKey }, select: { uuid: true } })
  return waiting && `run ${waiting.uuid} of the job waits already`
}
