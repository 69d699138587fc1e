/**
 * States of a run. QUEUED: it waits for a worker. ASSIGNED: a worker has it. RUNNING: the worker has shown life. UPLOADED: the
 * worker is done, and the build is being stored. DONE: its build is stored, and exited 0. FAILED: it has another result, or
 * could not be stored. CANCELLED: somebody has ended it. LOST: no try came to a result.
 */
export const runStates = [
  'QUEUED',
  'ASSIGNED',
  'RUNNING',
  'UPLOADED',
  'DONE',
  'FAILED',
  'CANCELLED',
  'LOST',
] as const
export type RunState = (typeof runStates)[number]

/** A worker has the run. */
export const activeRunStates = ['ASSIGNED', 'RUNNING', 'UPLOADED'] as const satisfies RunState[]
/** Nothing happens to the run by itself any more. */
export const endedRunStates = ['DONE', 'FAILED', 'CANCELLED', 'LOST'] as const satisfies RunState[]

/** Why a run was queued. RETRY: somebody has asked for it again after it ended. */
export const runCauses = ['SCHEDULE', 'REQUEST', 'NEW_PLATFORM', 'REPRODUCTION', 'RETRY'] as const
export type RunCause = (typeof runCauses)[number]

export const tryStates = ['ASSIGNED', 'RUNNING', 'ENDED'] as const
export type TryState = (typeof tryStates)[number]

/**
 * How a try ended. STORED: its build is stored. PUT_BACK: its run waits again. TIMED_OUT: its time was over; what it printed is
 * stored as a build. CANCELLED: somebody has ended it. LOST: its worker is gone, and its run is not tried again.
 */
export const tryEndings = ['STORED', 'PUT_BACK', 'TIMED_OUT', 'CANCELLED', 'LOST'] as const
export type TryEnding = (typeof tryEndings)[number]
