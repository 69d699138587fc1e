import type { LimitFunction } from 'p-limit'
import { turnsOfClients } from '../turns-of-clients.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'

/** The queues of a server: each has workers of its own. */
const queues = new WeakMap<WorkerPool, (address: string) => LimitFunction>()

/**
 * Runs the comparisons of one client one after the other. Workers are few, and their queue is short: without
 * this, one client that compares hundreds of builds would have all of them.
 */
export function oneComparison({ address, workers }: { address: string; workers: WorkerPool }): LimitFunction {
  const turnOf = queues.get(workers) ?? turnsOfClients(1)
  queues.set(workers, turnOf)
  return turnOf(address)
}
