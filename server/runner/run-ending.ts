import { isDatabaseFull } from '../database/database-errors.ts'
import { BusyError } from '../errors.ts'
import { TaskFailedError, type TaskHandler } from './handler.ts'
import type { RunEnding } from './finish.ts'
import type { ClaimedTask } from './task.ts'

/** No pause between two attempts is longer. */
const longestPauseMs = 3_600_000

/**
 * Pause after a failed attempt, in ms: `retryPauseMs` after the first, four times as long after each further one,
 * at most an hour. Up to a half of it is left to chance (`random`: 0 to 1), so that tasks that failed together,
 * for example because of a full disk, do not all return together.
 */
export function pauseAfter(attempts: number, retryPauseMs: number, random: number): number {
  const pauseMs = Math.min(longestPauseMs, retryPauseMs * 4 ** (attempts - 1))
  return Math.round(pauseMs * (0.5 + random / 2))
}

/** How an error of the runner itself is logged. Uploads tell the operator of a full disk, or of a locked database, too. */
export const levelOf = (error: unknown): 'warn' | 'error' =>
  isDatabaseFull(error) || error instanceof BusyError ? 'warn' : 'error'

/** The error of a task that was tried for the last time. */
export const triedTimes = (reason: string, attempts: number) => `${reason}; it was tried ${attempts} times`

/** How a run ends that threw `error`. */
export function endingAfter(
  error: unknown,
  { attempts }: ClaimedTask,
  { version, maxAttempts, retryPauseMs }: TaskHandler,
  { now, random }: { now: Date; random: number },
): RunEnding {
  // Reasons quote content of builds. PostgreSQL stores no NUL character.
  const reason = (error instanceof Error ? error.message : String(error)).replaceAll('\0', '\ufffd')
  if (error instanceof TaskFailedError) return { state: 'FAILED', version, error: reason }
  if (attempts >= maxAttempts) return { state: 'DEAD', version, error: triedTimes(reason, attempts) }
  const dueAt = new Date(now.getTime() + pauseAfter(attempts, retryPauseMs, random))
  return { state: 'RETRY', error: reason, dueAt }
}
