import type { ScriptJob } from './builder-commands.ts'
import type { ExecResult } from './exec-values.ts'

/** The version in Client_hello of a peer that speaks this protocol. builder's server hangs up on it. */
export const extensionVersion = 1000

/** The most that a `bytes` message may carry, and roughly that of one `lines` message. */
export const maxPieceBytes = 2 ** 20

/** What a run may use. Null: no limit. `cpus` may be a fraction, of which thousandths are kept. */
export type WireLimits = {
  allowsNetwork: boolean
  memoryBytes: number | null
  diskBytes: number | null
  cpus: number | null
}

/** A line of a console, with the time since the run began. */
export type WireLine = { deltaNs: bigint; text: Uint8Array }

export type ExtensionMessage =
  /** Of a worker: `slot` counts from 0 among its `slots`. `token` is empty for none. */
  | {
      kind: 'introduction'
      name: string
      platform: string
      slot: number
      slots: number
      software: string
      token: string
    }
  /** The hub has taken the introduction. Whoever gets nothing for three times as long knows that the other has gone. */
  | { kind: 'welcome'; heartbeatSeconds: number }
  | { kind: 'request' }
  | { kind: 'run'; uuid: string; job: ScriptJob; timeoutSeconds: number; limits: WireLimits }
  /** `first` is the number of the first line, from 0. */
  | { kind: 'lines'; uuid: string; first: number; lines: readonly WireLine[] }
  /** So many lines of the run are stored. */
  | { kind: 'linesStored'; uuid: string; count: number }
  | { kind: 'resume'; uuid: string }
  | { kind: 'resumed'; uuid: string; lineCount: number }
  /** A file of a run that has ended; `sizeBytes` follow as `bytes`. `mode` as of chmod. */
  | { kind: 'file'; uuid: string; path: string; mode: number; sizeBytes: number }
  | { kind: 'bytes'; data: Uint8Array }
  /** `fileCount` files follow. `detail` says why a run was killed; empty: it was not. */
  | { kind: 'ended'; uuid: string; result: ExecResult; detail: string; fileCount: number }
  | { kind: 'refused'; uuid: string; reason: string }
  | { kind: 'stored'; uuid: string }
  | { kind: 'cancel'; uuid: string; reason: string }
  | { kind: 'ping' }
  | { kind: 'pong' }
  /** The worker takes no further run. */
  | { kind: 'leaving' }
  /** Of a client, before its command. */
  | { kind: 'authorization'; token: string }

/** The [n] of each message. */
export const messageNumbers: Record<ExtensionMessage['kind'], number> = {
  introduction: 0,
  welcome: 1,
  request: 2,
  run: 3,
  lines: 4,
  linesStored: 5,
  resume: 6,
  resumed: 7,
  file: 8,
  bytes: 9,
  ended: 10,
  refused: 11,
  stored: 12,
  cancel: 13,
  ping: 14,
  pong: 15,
  leaving: 16,
  authorization: 17,
}
