import type { Run, RunTry } from '../generated/prisma/client.ts'
import { visibleLine } from './visible-line.ts'

/** What commands print of a run. */
export type PrintedRun = Pick<
  Run,
  | ('uuid' | 'job' | 'platform' | 'state' | 'cause' | 'kind' | 'requestedBy' | 'reason' | 'priority')
  | ('queuedAt' | 'startedAt' | 'endedAt' | 'error' | 'reproduces' | 'tryCount')
>

/** What commands print of a try. `address` is null for who may not see it. */
export type PrintedTry = Pick<
  RunTry,
  'number' | 'uuid' | 'workerName' | 'state' | 'ending' | 'assignedAt' | 'startedAt' | 'endedAt' | 'error'
> & { address: string | null }

/** A run as JSON has it. */
export function shownRun(run: PrintedRun): PrintedRun {
  const { uuid, job, platform, state, cause, kind, requestedBy, reason, priority, queuedAt } = run
  const { startedAt, endedAt, error, reproduces, tryCount } = run
  return {
    ...{ uuid, job, platform, state, cause, kind, requestedBy, reason, priority, queuedAt },
    ...{ startedAt, endedAt, error, reproduces, tryCount },
  }
}

/** A try as JSON has it. */
export function shownTry(attempt: PrintedTry): PrintedTry {
  const { number, uuid, workerName, address, state, ending, assignedAt, startedAt, endedAt, error } = attempt
  return { number, uuid, workerName, address, state, ending, assignedAt, startedAt, endedAt, error }
}

/** `4a44… hello on debian-12: running, since 2026-…`. */
export function describeRun(run: PrintedRun): string {
  const { uuid, job, platform, state, cause, queuedAt, startedAt, endedAt, error, requestedBy, reason } = run
  const parts = [
    state.toLowerCase(),
    `${cause.toLowerCase().replaceAll('_', ' ')}${requestedBy === null ? '' : ` by ${requestedBy}`}`,
    ...(reason === null ? [] : [`“${reason}”`]),
    endedAt
      ? `ended ${endedAt.toISOString()}`
      : startedAt && state !== 'QUEUED'
        ? `since ${startedAt.toISOString()}`
        : `queued ${queuedAt.toISOString()}`,
    ...(error === null ? [] : [error]),
  ]
  return visibleLine(`${uuid} ${job} on ${platform}: ${parts.join('; ')}`)
}

export function describeTry(attempt: PrintedTry): string {
  const { number, uuid, workerName, state, ending, assignedAt, endedAt, error } = attempt
  const parts = [
    (ending ?? state).toLowerCase().replaceAll('_', ' '),
    `from ${assignedAt.toISOString()}`,
    ...(endedAt ? [`to ${endedAt.toISOString()}`] : []),
    ...(error === null ? [] : [error]),
  ]
  return visibleLine(`  try ${number} ${uuid} on ${workerName}: ${parts.join('; ')}`)
}
