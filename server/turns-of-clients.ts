import { LRUCache } from 'lru-cache'
import { growingTo } from './growing-to.ts'
import pLimit, { type LimitFunction } from 'p-limit'

/** Clients that are remembered, by their address; the least recently seen ones are forgotten. */
const maxClients = 10_000

/**
 * A queue for each client: of its tasks, `atOnce` run at the same time, and the others wait in order. So the tasks
 * of one client leave room for those of all others.
 */
export function turnsOfClients(atOnce: number): (address: string) => LimitFunction {
  const byAddress = new LRUCache<string, LimitFunction>(growingTo(maxClients))
  return (address) => {
    const turns = byAddress.get(address) ?? pLimit(atOnce)
    byAddress.set(address, turns)
    return turns
  }
}
