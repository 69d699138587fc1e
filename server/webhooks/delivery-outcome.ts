import type { Attempt } from './attempt-delivery.ts'
import { askedPauseMs, pauseAfterAttempts, pauseOfSilent } from './retry-times.ts'

/** An endpoint that has failed for so long, and never succeeded meanwhile, is suspended. */
const suspendedAfterMs = 5 * 24 * 3_600_000

type Outcome = {
  delivery: {
    state: 'PENDING' | 'DELIVERED' | 'DEAD'
    attempts: number
    dueAt?: Date
    status: number | null
    error: string | null
  }
  endpoint: {
    failureCount: number
    failingSince: Date | null
    pausedUntil: Date | null
    state?: 'SUSPENDED'
    stateReason?: string
  }
}

/** What an attempt makes of its delivery and its endpoint, which are given as they were before. `random`: 0 to 1. */
export function outcomeOf(
  attempt: Attempt,
  { attempts: earlier }: { attempts: number },
  endpoint: { state: string; failureCount: number; failingSince: Date | null },
  random: number,
): Outcome {
  const { status, error } = attempt
  const endedAt = new Date(attempt.at.getTime() + attempt.durationMs)
  const attempts = earlier + 1
  if (error === null)
    return {
      delivery: { state: 'DELIVERED', attempts, status, error },
      endpoint: { failureCount: 0, failingSince: null, pausedUntil: null },
    }
  const isGone = status === 410
  const askedMs = askedPauseMs(status, attempt.retryAfter, endedAt)
  const endpointPauseMs = askedMs ?? pauseOfSilent(status, endpoint.failureCount + 1)
  const ownMs = isGone ? null : pauseAfterAttempts(attempts, random)
  const pauseMs = ownMs === null ? null : Math.max(ownMs, askedMs ?? 0)
  const failingSince = endpoint.failingSince ?? attempt.at
  const isHopeless = endedAt.getTime() - failingSince.getTime() >= suspendedAfterMs
  const reason = isGone
    ? 'the receiver answered 410: it wants no more events'
    : `all attempts of five days have failed, the last one because ${error}`
  return {
    delivery: {
      ...{ attempts, status, error },
      ...(pauseMs === null
        ? { state: 'DEAD' }
        : { state: 'PENDING', dueAt: new Date(endedAt.getTime() + pauseMs) }),
    },
    endpoint: {
      ...{ failureCount: endpoint.failureCount + 1, failingSince },
      pausedUntil: endpointPauseMs === null ? null : new Date(endedAt.getTime() + endpointPauseMs),
      ...(endpoint.state === 'ENABLED' && (isGone || isHopeless)
        ? { state: 'SUSPENDED', stateReason: reason }
        : {}),
    },
  }
}
