/** What a script may use. null: as much as the machine has. */
export type RunLimits = {
  timeMs: number
  allowsNetwork: boolean
  /** Memory of all processes together, without what the kernel caches of files. */
  memoryBytes: number | null
  /** All files of the run together, with its console. */
  diskBytes: number | null
  /** CPUs that the processes use together, such as 1.5. */
  cpus: number | null
  maxProcesses: number
}

/** Why a script was ended before its time. */
export type EndReason = { kind: 'time' | 'memory' | 'disk' | 'processes' | 'cancelled'; text: string }

/** The limits of the server and those of the worker: the smaller one counts. */
export function smallerLimits(asked: Omit<RunLimits, 'maxProcesses'>, own: RunLimits): RunLimits {
  return {
    timeMs: Math.min(asked.timeMs, own.timeMs),
    allowsNetwork: asked.allowsNetwork && own.allowsNetwork,
    memoryBytes: smaller(asked.memoryBytes, own.memoryBytes),
    diskBytes: smaller(asked.diskBytes, own.diskBytes),
    cpus: smaller(asked.cpus, own.cpus),
    maxProcesses: own.maxProcesses,
  }
}

function smaller(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other
  return Math.min(one, other)
}
