import type { QueuedTaskId } from '../ids.ts'

/**
 * States of a queued task. PENDING: it waits until it is due. RUNNING: a server has claimed it. DONE: its last
 * run succeeded. FAILED: its last run gave an error that every other run would give, too. DEAD: all attempts
 * that its handler allows gave an error (a dead letter).
 */
export type TaskState = 'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'DEAD'

/** States of tasks that do not run again by themselves. */
export const endStates = ['DONE', 'FAILED', 'DEAD'] as const satisfies TaskState[]
export type EndState = (typeof endStates)[number]

/** Tasks with a lower number run first. */
export const priorities = {
  /** Somebody waits for it. */
  first: 0,
  normal: 10,
  /** For example a search through older builds. */
  later: 20,
}

/** Names one task: no two tasks have the same kind and key. */
export type TaskName = { kind: string; key: string }

/** A task that this server has claimed and must run. */
export type ClaimedTask = TaskName & {
  id: QueuedTaskId
  /** Number of this attempt, from 1. */
  attempts: number
  /** How often the task was claimed so far: tells this claim from a later one (a fencing token). */
  claims: number
  /** Small JSON from whoever enqueued the task. */
  payload: string | null
  /** Small JSON that the last run of a partial task left. */
  progress: string | null
}
