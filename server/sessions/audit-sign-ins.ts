import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { recordAudit, type Audited } from '../audit/record-audit.ts'
import type { Writer } from '../database/writer.ts'

/** Of one address, and of all, in an hour. The log of the server has those above it, too. */
const hourlyFailures = { ofAddress: 20, ofAll: 500 }

/** Writes an entry about a sign-in that failed, or does not because there are too many: false. */
export type FailureAudit = (
  writer: Writer,
  address: string,
  entry: Omit<Audited, 'action' | 'result'>,
) => Promise<boolean>

/** Failed sign-ins in the audit log: a bounded number, because anybody can make them. One for each server. */
export function createFailureAudit({
  ofAddress,
  ofAll,
}: { ofAddress: number; ofAll: number } = hourlyFailures): FailureAudit {
  const limiters = [
    {
      limiter: new RateLimiterMemory({ points: ofAddress, duration: 3_600 }),
      keyOf: (address: string) => address,
    },
    { limiter: new RateLimiterMemory({ points: ofAll, duration: 3_600 }), keyOf: () => '' },
  ]
  return async (writer, address, entry) => {
    for (const { limiter, keyOf } of limiters) if (!(await hasPoint(limiter, keyOf(address)))) return false
    await writer.transact([], (tx) =>
      recordAudit(tx, { ...entry, action: 'session.sign-in', result: 'FAILED' }),
    )
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
