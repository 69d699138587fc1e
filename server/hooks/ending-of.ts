import { pauseAfter } from '../runner/run-ending.ts'
import type { HookRunState } from './hook-run.ts'
import type { ProgramEnd } from './run-program.ts'

/** EX_TEMPFAIL of sysexits(3): the hook asks for another attempt. */
const retryStatus = 75
/** A hook that asks for another attempt each time gets so many, within some hours. */
export const maxHookAttempts = 10
/** Before the second attempt; before each further one it is four times as long, up to an hour. */
const retryPauseMs = 5_000

/** How an attempt ended. */
export type HookEnding = {
  state: Exclude<HookRunState, 'RUNNING'>
  /** Why it is not SUCCEEDED, for people. */
  error: string | null
  /** Null: nothing was run. */
  program: ProgramEnd | null
  /** The next attempt comes after `pauseMs`; `count` attempts have asked for one so far. Null: there is none. */
  retry: { count: number; pauseMs: number } | null
}

/** `retried`: attempts that have asked for another one before. `random`: 0 to 1. */
export function endingOf(program: ProgramEnd, retried: number, random: number): HookEnding {
  const ended = { program, retry: null }
  const { exitStatus, isLate, signal } = program
  if (isLate) return { ...ended, state: 'FAILED', error: 'it took too long, and was ended' }
  if (signal !== null) return { ...ended, state: 'FAILED', error: `it was ended by ${signal}` }
  if (exitStatus === 0) return { ...ended, state: 'SUCCEEDED', error: null }
  if (exitStatus !== retryStatus)
    return { ...ended, state: 'FAILED', error: `it exited with status ${exitStatus}` }
  const count = retried + 1
  const asks = `it exited with status ${retryStatus}, which asks for another attempt`
  return count < maxHookAttempts
    ? {
        program,
        state: 'PENDING',
        error: asks,
        retry: { count, pauseMs: pauseAfter(count, retryPauseMs, random) },
      }
    : { ...ended, state: 'FAILED', error: `${asks}, in each of ${count} attempts` }
}

/** Nothing was run. */
export const notRun = (state: 'FAILED' | 'SKIPPED', error: string): HookEnding => ({
  ...{ state, error },
  ...{ program: null, retry: null },
})
