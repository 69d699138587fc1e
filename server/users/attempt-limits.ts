import { RateLimiterMemory, RateLimiterPostgres, type RateLimiterAbstract } from 'rate-limiter-flexible'

/** Counts attempts: those for one user from one address, and all from one address. */
export type AttemptLimits = Record<'ofPair' | 'ofAddress', Pick<RateLimiterAbstract, 'consume' | 'reward'>>

const limits = {
  ofPair: { points: 10, duration: 300 },
  ofAddress: { points: 50, duration: 300 },
}

/** Each server counts by itself. */
export const ownAttemptLimits = (): AttemptLimits => ({
  ofPair: new RateLimiterMemory(limits.ofPair),
  ofAddress: new RateLimiterMemory(limits.ofAddress),
})

/** All servers of a database count together. While it does not answer, each server counts by itself. `pool`: of the driver `pg`. */
export function sharedAttemptLimits(pool: unknown): AttemptLimits {
  const own = ownAttemptLimits()
  const shared = (name: keyof AttemptLimits) =>
    new RateLimiterPostgres({
      ...limits[name],
      storeClient: pool,
      storeType: 'pool',
      tableName: 'AttemptCount',
      tableCreated: true,
      keyPrefix: name,
      insuranceLimiter: own[name] as RateLimiterMemory,
    })
  return { ofPair: shared('ofPair'), ofAddress: shared('ofAddress') }
}
