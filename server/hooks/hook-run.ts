/**
 * States of a run. PENDING: it waits, for its first attempt or for another one. RUNNING: an attempt has begun. SUCCEEDED: the
 * hook exited 0. FAILED: it did not, and is not tried again by itself. SKIPPED: there was nothing to run any more.
 */
export type HookRunState = 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'SKIPPED'

/** States of runs that do not run again by themselves. */
export const endedHookRunStates = ['SUCCEEDED', 'FAILED', 'SKIPPED'] as const satisfies HookRunState[]

export const hookRunStates = ['PENDING', 'RUNNING', ...endedHookRunStates] as const satisfies HookRunState[]

/** The kind of the queued tasks that run hooks; the key is the id of the run. */
export const hookTaskKind = 'HOOK'
