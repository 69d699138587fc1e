import type { Log } from '../log.ts'
import type { Negotiation } from './negotiate.ts'
import type { RunLimits } from './run-limits.ts'
import type { RunSite, RunUnderWay } from './run-under-way.ts'
import type { ServerAddress } from './server-connection.ts'

/** Limits of the operator. `timeMs` null: those of the hub, and with builder's protocol an hour. */
export type OwnLimits = Omit<RunLimits, 'timeMs' | 'allowsNetwork'> & {
  timeMs: number | null
  /** `run`: as the hub says; builder's server cannot say, and its scripts have the network. */
  network: 'run' | 'always' | 'never'
}

/** What all slots of a worker have in common. */
export type SlotSite = {
  server: ServerAddress
  negotiation: Negotiation
  name: string
  platform: string
  slots: number
  software: string
  limits: OwnLimits
  /** Read for each connection, so that it can be exchanged. null: no token. */
  readToken: () => Promise<string | null>
  runs: RunSite
  /** Between two attempts to connect: at first, and at most. */
  pauses: { minMs: number; maxMs: number }
  log: Log
  /** Aborted: the worker takes no new run. */
  draining: AbortSignal
  /** Aborted: the worker ends its runs, too. */
  stopping: AbortSignal
}

/** A slot has a connection of its own, and at most one run, which outlives connections. */
export type Slot = { number: number; run: RunUnderWay | null }

/** Ends with the run of a slot: nobody waits for it any more. */
export async function dropRun(slot: Slot, reason: string): Promise<void> {
  const { run } = slot
  if (!run) return
  run.stop(reason)
  await run.dispose()
  slot.run = null
}
