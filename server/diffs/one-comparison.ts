import type { LimitFunction } from 'p-limit'
import { perServer } from '../per-server.ts'
import { turnsOfClients } from '../turns-of-clients.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'

const turnsOf = perServer(() => turnsOfClients(1))

/**
 * Runs the comparisons of one client one after the other. Workers are few, and their queue is short: without
 * this, one client that compares hundreds of builds would have all of them.
 */
export function oneComparison({ address, workers }: { address: string; workers: WorkerPool }): LimitFunction {
  return turnsOf(workers)(address)
}
