import type { ExecResult } from '../formats/exec-record.ts'
import type { LiveConsole } from '../live-console/live-console.ts'
import type { UserId } from '../ids.ts'
import type { RunLimits } from './definition.ts'

/** What a worker is to execute: one try of a run. `uuid` is that of the build that it makes. */
export type AssignedTry = {
  uuid: string
  runUuid: string
  job: string
  platform: string
  script: Uint8Array
  /** The time that the script has. The hub itself waits a little longer. */
  timeoutMs: number
  assignedAt: Date
  limits: RunLimits
}

/**
 * A worker as it introduces itself. `name` tells it from others: of its connections, the last one says what is known of it.
 * BUILDER: worker protocol 5. HUB: the hub's own, whose workers come back after their connection broke.
 */
export type ConnectedWorker = {
  name: string
  platform: string
  address: string
  protocol: 'BUILDER' | 'HUB'
  /** Its program, with its version, such as `builder-worker` or `builder-hub 1.2`. */
  software: string
  /** Tries that it takes at once. */
  slots: number
  /** The user of its token; null: it has sent none. A try is resumed by a worker of the same user alone: workers choose their names. */
  userId: UserId | null
}

/** A file of a build, in the order in which the worker sends them; without its mode, which no record has. `chunks` is read once, before the next file is asked for. */
export type BuiltFile = {
  path: string
  sizeBytes: number
  chunks: AsyncIterable<Uint8Array>
}

export type StopReason = { kind: 'CANCELLED' | 'TIMED_OUT'; message: string }

/** Gives runs to workers, and takes what they make of them. */
export type Scheduler = {
  /** A worker is connected. Call `close` of the link when its connection ends. */
  connect(worker: ConnectedWorker): Promise<WorkerLink>
  /** Recovers what ran when the hub stopped, and starts its timer. */
  start(): Promise<void>
  /** Requests are rejected. What runs goes on with the next start: see `resume`. */
  close(): Promise<void>
}

/** One connection of a worker. Its methods throw TryOverError for a try that has ended, or that is not the worker's. */
export type WorkerLink = {
  /**
   * Waits for a run of the platform: it resolves at once when one is queued. Rejects when `signal` is aborted, and when the hub
   * stops. One request at a time.
   */
  request(signal: AbortSignal): Promise<AssignedTry>
  /** A try that a worker goes on with after its connection broke; null: it is over, and the worker drops it. */
  resume(uuid: string): Promise<{ attempt: AssignedTry; lineCount: number } | null>
  /** The first sign of life. */
  started(uuid: string): Promise<void>
  /** Where the lines of the try go. */
  console(uuid: string): LiveConsole
  /**
   * Calls `listener` once when somebody cancels the try, or when its time is over; at once if that has happened. The try has ended
   * then. Returns a function that ends this.
   */
  onStop(uuid: string, listener: (reason: StopReason) => void): () => void
  /**
   * Stores the build, and ends the try and its run. Throws what `receiveParts` throws; then nothing is stored, and the run
   * has FAILED, or waits again where the hub was to blame.
   */
  finish(uuid: string, result: ExecResult, files: AsyncIterable<BuiltFile>): Promise<void>
  /**
   * The connection has gone, or broke the rules. The run of a builder-worker waits again at once; the hub's own workers have
   * a minute to come back. Does nothing after the end of the try.
   */
  lost(uuid: string, why: string): Promise<void>
  close(): Promise<void>
}
