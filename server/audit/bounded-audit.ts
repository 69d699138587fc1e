import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { Writer } from '../database/writer.ts'
import { recordAudit, type Audited } from './record-audit.ts'

/** Of one network, and of all, in an hour. The log of the server has those above it, too. */
const hourly = { ofNetwork: 20, ofAll: 500 }

/** Writes an entry that anybody can cause, or does not because there are too many: false. */
export type BoundedAudit = (writer: Writer, network: string, entry: Audited) => Promise<boolean>

/** Entries of what anybody can cause without a right: a bounded number. One for each server. */
export function createBoundedAudit({ ofNetwork, ofAll } = hourly): BoundedAudit {
  const limiters = [
    {
      limiter: new RateLimiterMemory({ points: ofNetwork, duration: 3_600 }),
      keyOf: (network: string) => network,
    },
    { limiter: new RateLimiterMemory({ points: ofAll, duration: 3_600 }), keyOf: () => '' },
  ]
  return async (writer, network, entry) => {
    for (const { limiter, keyOf } of limiters) if (!(await hasPoint(limiter, keyOf(network)))) return false
    await writer.transact([], (tx) => recordAudit(tx, entry))
    return true
  }
}

async function hasPoint(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limiter.consume(key)
    return true
  } catch (reason) {
    // Rejecting with its state is how the limiter says "no points left".
    if (reason instanceof RateLimiterRes) return false
    throw reason
  }
}
