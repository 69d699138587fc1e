import type { Clock } from '../clock.ts'
import type { Deps } from '../deps.ts'
import { BusyError } from '../errors.ts'
import { inSpan } from '../tracing.ts'
import { finishTask } from './finish.ts'
import type { TaskHandler } from './handler.ts'
import { endingAfter } from './run-ending.ts'
import type { ClaimedTask } from './task.ts'

/** Steps of a run. Tests use them to stop the process at a step. `completing`: in the transaction, before its commit. */
export type RunStep = 'claimed' | 'ran' | 'completing' | 'completed'

type Context = Pick<Deps, 'log' | 'writer'> & {
  clock: Clock
  owner: string
  random: () => number
  onStep: (step: RunStep, task: ClaimedTask) => void
  /** Aborted when the server stops its runs. */
  stopping: AbortSignal
}

/**
 * Runs a claimed task and writes how it ended. False: the server stopped, nothing was written, and the task has to be released.
 * Throws only what the database throws.
 */
export async function runTask(context: Context, task: ClaimedTask, handler: TaskHandler): Promise<boolean> {
  const { log, onStep, stopping } = context
  onStep('claimed', task)
  let result
  try {
    result = await runInTime(context, task, handler)
  } catch (error) {
    if (stopping.aborted) return false
    await fail(context, task, handler, error)
    return true
  }
  onStep('ran', task)
  let isKept
  let mayBeCommitted = false
  try {
    isKept = await complete(context, task, handler, result, (isOwn) => (mayBeCommitted = isOwn))
  } catch (error) {
    // Only if the row is still RUNNING, nothing was committed: a COMMIT whose answer was lost may have succeeded.
    let isLost = !mayBeCommitted
    try {
      isLost = (await fail(context, task, handler, error)) || isLost
    } finally {
      if (isLost) await drop(context, task, handler, result)
    }
    if (isLost) return true
    isKept = true
  }
  onStep('completed', task)
  if (!isKept) {
    log.warn(factsOf(task), 'result of a task dropped: the task was claimed or requested again meanwhile')
    await drop(context, task, handler, result)
    return true
  }
  try {
    await handler.kept?.(result)
  } catch (error) {
    log.error({ err: error, ...factsOf(task) }, 'not tidied up after a task')
  }
  if (handler.record?.(result).isPartial !== true) handler.ended?.(task, 'DONE')
  return true
}

/** The row says already how the task ended: an error here does not change that. */
async function drop(
  { log }: Context,
  task: ClaimedTask,
  handler: TaskHandler,
  result: unknown,
): Promise<void> {
  try {
    await handler.dropped?.(result)
  } catch (error) {
    log.error({ err: error, ...factsOf(task) }, 'the lost result of a task is not removed')
  }
}

/** Runs the task until it ends, its time is over, or the server stops. */
async function runInTime(
  { clock, stopping }: Context,
  task: ClaimedTask,
  handler: TaskHandler,
): Promise<unknown> {
  const { timeoutMs } = handler
  // Not AbortSignal.any: what listens to such a signal lives as long as `stopping`, which is as long as the server.
  const ending = new AbortController()
  const { signal } = ending
  const stop = () => ending.abort(stopping.reason)
  const stopTimer =
    timeoutMs === undefined
      ? () => {}
      : clock.after(timeoutMs, () => ending.abort(new Error(`it takes longer than ${timeoutMs / 1000} s`)))
  let onAbort = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error)
  })
  signal.addEventListener('abort', onAbort)
  stopping.addEventListener('abort', stop)
  if (stopping.aborted) stop()
  try {
    const span = {
      attributes: () => ({
        'builder_hub.task.kind': task.kind,
        'builder_hub.task.key': task.key,
        'builder_hub.task.attempt': task.attempts,
      }),
    }
    return await inSpan(handler.spanName ?? 'task', span, () =>
      Promise.race([handler.run(task, signal), aborted]),
    )
  } finally {
    stopTimer()
    stopping.removeEventListener('abort', stop)
    signal.removeEventListener('abort', onAbort)
  }
}

async function complete(
  { clock, onStep, owner, writer }: Context,
  task: ClaimedTask,
  handler: TaskHandler,
  result: unknown,
  onCommit: (isOwn: boolean) => void,
): Promise<boolean> {
  const record = handler.record?.(result) ?? {}
  const state = record.isPartial === true ? 'MORE' : 'DONE'
  const changesOf = (isOwn: boolean) => (isOwn ? handler.changes(result) : [])
  return writer.transact<boolean>(changesOf, async (tx) => {
    const now = clock.now()
    const ending = { state, version: handler.version, record } as const
    const isOwn = await finishTask(
      tx,
      task,
      owner,
      ending,
      now,
      state === 'DONE' ? nextAt(handler, now) : null,
    )
    if (isOwn) await handler.complete?.(tx, task, result)
    onStep('completing', task)
    onCommit(isOwn)
    return isOwn
  })
}

/** When a task of a schedule is due again. */
function nextAt({ standing }: TaskHandler, now: Date): Date | null {
  return standing?.everyMs === undefined ? null : new Date(now.getTime() + standing.everyMs)
}

/** Writes that a run failed. False: the task no longer belonged to the run, and nothing was written. */
async function fail(
  { clock, log, owner, random, writer }: Context,
  task: ClaimedTask,
  handler: TaskHandler,
  error: unknown,
): Promise<boolean> {
  const now = clock.now()
  const ending = endingAfter(error, task, handler, { now, random: random() })
  const level = error instanceof BusyError ? 'info' : 'warn'
  log[level]({ err: error, ...factsOf(task), ending: ending.state }, 'task gave no result')
  const { state } = ending
  const hasEnded = state === 'FAILED' || state === 'DEAD'
  const isOwn = await writer.transact<boolean>(
    (isOwn) => (isOwn && hasEnded ? handler.changes(null) : []),
    async (tx) => {
      const isOwn = await finishTask(tx, task, owner, ending, now, nextAt(handler, now))
      if (isOwn && hasEnded) await handler.failed?.(tx, task)
      return isOwn
    },
  )
  if (isOwn && hasEnded) handler.ended?.(task, state)
  return isOwn
}

const factsOf = ({ kind, key, attempts }: ClaimedTask) => ({ kind, key, attempts })
