import type { ExecResult } from './exec-values.ts'

/**
 * The commands of builder's protocol (robur-coop/builder, lib/builder.ml; client protocol 13, worker protocol 5).
 * docs/builder-protocol.md has the protocol as a whole.
 */

export const clientProtocolVersion = 13
export const workerProtocolVersion = 5

/** The [n] of each command that has one shape. 0, 1 and 8 are reserved. 4 is Output with and without a time. */
export const commandNumbers = {
  jobSchedule: 2,
  jobFinished: 3,
  output: 4,
  schedule: 5,
  info: 6,
  oldInfoReply: 7,
  unschedule: 9,
  observe: 10,
  oldExecute: 11,
  scheduleOrbBuild: 12,
  reschedule: 13,
  clientHello: 14,
  serverHello: 15,
  jobRequested: 16,
  dropPlatform: 17,
  success: 18,
  failure: 19,
  execute: 20,
  undropPlatform: 21,
  infoReply: 22,
  /** Commands of Builder Hub's own: worker-extension.ts. */
  extension: 30,
} as const

/** How often a job is built. builder writes them as hourly, daily, weekly and never, in this order. */
export const periods = ['HOURLY', 'DAILY', 'WEEKLY', 'NEVER'] as const
export type Period = (typeof periods)[number]

/** A job that is a script for one platform. The script may have any bytes. */
export type ScriptJob = { name: string; script: Uint8Array; platform: string }

/** A job that builds an opam package on every platform that has a template. */
export type OrbBuildJob = { name: string; opamPackage: string }

export type BuilderJob = { kind: 'SCRIPT'; job: ScriptJob } | { kind: 'OPAM_PACKAGE'; job: OrbBuildJob }

/** What is built when. For a period `NEVER`, `next` is `neverAt`. */
export type ScheduledJob = { next: Date; period: Period; job: BuilderJob }

/** A platform and the jobs that wait for one of its workers, the next one first. */
export type QueuedJobs = { platform: string; jobs: readonly BuilderJob[] }

/** What builder's server knows: the answer to Info. `uuid` has the form 8-4-4-4-12 in lower case. */
export type BuilderInfo = {
  schedules: readonly ScheduledJob[]
  queues: readonly QueuedJobs[]
  running: readonly { startedAt: Date; uuid: string; job: ScriptJob }[]
  droppedPlatforms: readonly string[]
}

/** The instant that builder has as the next one of what is never due. */
export const neverAt = new Date('9999-12-31T23:59:59.999Z')

/** A file of a finished job, in memory. */
export type FinishedFile = { path: string; data: Uint8Array }

export type BuilderCommand =
  | { kind: 'clientHello'; peer: 'client' | 'worker'; version: bigint }
  | { kind: 'serverHello' }
  | { kind: 'jobRequested'; platform: string }
  | { kind: 'jobSchedule'; uuid: string; job: ScriptJob }
  /** A line of a console, without its line end. */
  | { kind: 'output'; uuid: string; text: Uint8Array }
  /** A line for observers, with the time since the job was given away. */
  | { kind: 'outputTimestamped'; uuid: string; text: Uint8Array; deltaNs: bigint }
  | { kind: 'jobFinished'; uuid: string; result: ExecResult; files: readonly FinishedFile[] }
  | { kind: 'schedule'; period: Period; job: ScriptJob }
  | { kind: 'scheduleOrbBuild'; period: Period; job: OrbBuildJob }
  | { kind: 'unschedule'; name: string }
  | { kind: 'reschedule'; name: string; next: Date; period: Period | null }
  | { kind: 'execute'; name: string; platform: string | null }
  | { kind: 'info' }
  | { kind: 'infoReply'; info: BuilderInfo }
  | { kind: 'observe'; uuid: string }
  | { kind: 'dropPlatform'; platform: string }
  | { kind: 'undropPlatform'; platform: string }
  | { kind: 'success' }
  | { kind: 'failure'; message: string }
