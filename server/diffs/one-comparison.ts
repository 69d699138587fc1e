import { LRUCache } from 'lru-cache'
import pLimit, { type LimitFunction } from 'p-limit'

const byAddress = new LRUCache<string, LimitFunction>({ max: 1_000 })

/**
 * Runs the comparisons of one client one after the other. Workers are few, and their queue is short: without
 * this, one client that compares hundreds of builds would have all of them.
 */
export function oneComparison({ address }: { address: string }): LimitFunction {
  const limit = byAddress.get(address) ?? pLimit(1)
  byAddress.set(address, limit)
  return limit
}
