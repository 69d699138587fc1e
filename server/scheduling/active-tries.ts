import type { RunId, RunTryId } from '../ids.ts'
import type { LiveConsole } from '../live-console/live-console.ts'
import type { AssignedTry, ConnectedWorker, StopReason } from './scheduler.ts'

/**
 * A try that has not ended, as this server knows it. Its times are those of `clock.elapsedMs()`: setting the clock of the machine
 * neither ends a try nor keeps it. The rows have them as dates, for the next start of the hub.
 */
export type ActiveTry = {
  readonly id: RunTryId
  readonly runId: RunId
  readonly attempt: AssignedTry
  readonly worker: Pick<ConnectedWorker, 'name' | 'address' | 'protocol' | 'userId'>
  readonly console: LiveConsole
  readonly assignedMs: number
  /** The connection that has it; null: its worker is away, until `leaseMs`. */
  link: object | null
  leaseMs: number
  /** The hub ends it then. */
  deadlineMs: number
  /** Its build is being stored, or its run is being put back: nothing else ends it meanwhile. */
  isFinishing: boolean
  /** Why it was ended; null: it was not. */
  stop: StopReason | null
  readonly listeners: Set<(reason: StopReason) => void>
}

export type ActiveTries = {
  add(active: ActiveTry): void
  find(uuid: string): ActiveTry | undefined
  all(): ActiveTry[]
  /** Its console ends with `result`, which viewers see, and is gone when they have read it. */
  remove(active: ActiveTry, result: string): Promise<void>
  /** Tells its connection to stop. */
  stop(active: ActiveTry, reason: StopReason): void
}

export function activeTries(): ActiveTries {
  const tries = new Map<string, ActiveTry>()
  return {
    add: (active) => void tries.set(active.attempt.uuid, active),
    find: (uuid) => tries.get(uuid),
    all: () => [...tries.values()],

    async remove({ attempt, console }, result) {
      tries.delete(attempt.uuid)
      await console.end(result)
      await console.dispose()
    },

    stop(active, reason) {
      if (active.stop) return
      active.stop = reason
      for (const listener of active.listeners) listener(reason)
      active.listeners.clear()
    },
  }
}
