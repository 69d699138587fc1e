import type { ChangeKind } from '../changes/change.ts'
import { DomainError } from '../errors.ts'
import type { Transaction } from '../database/writer.ts'
import type { ClaimedTask, EndState } from './task.ts'

/** Limits how many tasks run at once on a server. Handlers that have the same object share the limit. */
export type Slots = { readonly max: number }

/** Part of a result that the row of the task keeps. */
export type TaskRecord = {
  /** A blob. It must be durable already. */
  result?: { id: string; sizeBytes: number }
  /** What lists show of the result: JSON, a few kB at most. */
  summary?: string | null
  /** Small JSON for the next run. */
  progress?: string
  /** The task is not finished: it runs again with `progress`, after `pauseMs`. */
  isPartial?: boolean
  pauseMs?: number
}

/**
 * How tasks of one kind are run. A handler is one file. Every task runs at least once: a run must be able to
 * start again after a server died in the middle of it. Only the transaction that completes a task happens once.
 */
export type TaskHandler<Result = unknown> = {
  kind: string
  /** The name of the spans of its runs in traces. Default: `task`. */
  spanName?: string
  /** From 1. Raise it when a task may have another result: see `olderThan` in enqueue.ts. */
  version: number
  slots: Slots
  /** Tasks wait while uploads arrive, except those with the priority `first`. */
  yieldsToUploads: boolean
  /** After so many runs with an error a task is DEAD. */
  maxAttempts: number
  /** Pause before the second attempt; before each further one it is four times as long, up to an hour. */
  retryPauseMs: number
  /** Time limit of a run. Default: none, or the handler has limits of its own. */
  timeoutMs?: number
  /**
   * There is always one task with an empty key. It runs once for each `version`; with `isAtStart`, at each start of
   * a server; with `everyMs`, again that long after it has ended.
   */
  standing?: { isAtStart?: true; everyMs?: number }
  /**
   * Throws TaskFailedError if every other run would fail, too. After all other errors the task is tried again.
   * `signal` is aborted when the server stops, and after `timeoutMs`.
   */
  run(task: ClaimedTask, signal: AbortSignal): Promise<Result>
  record?(result: Result): TaskRecord
  /**
   * What others have to notice of the transaction that completes the task. `null`: the task has failed, and does not run
   * again by itself.
   */
  changes(result: Result | null): readonly ChangeKind[]
  /** Writes rows in the transaction that completes the task. */
  complete?(tx: Transaction, task: ClaimedTask, result: Result): Promise<void>
  /** Writes rows in the transaction that says that the task has failed, and does not run again by itself. */
  failed?(tx: Transaction, task: ClaimedTask): Promise<void>
  /** The transaction is committed. */
  kept?(result: Result): Promise<void>
  /** The result is lost: the transaction failed, or another server has claimed the task meanwhile. */
  dropped?(result: Result): Promise<void>
  /** The task does not run again by itself. Called after the commit. */
  ended?(task: ClaimedTask, state: EndState): void
  /** Ends what still runs, and what the handler holds. Called once, when the server stops. */
  close?(): Promise<void>
}

/** The task cannot succeed, however often it is tried. The message is stored as the error of the task. */
export class TaskFailedError extends DomainError {
  override readonly name = 'TaskFailedError'
}
