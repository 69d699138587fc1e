/** Uploads come in bursts: until so long after the last one, analyses wait. */
const quietMs = 300
/** They wait no longer than this after a burst began. */
const longestMs = 5_000

/**
 * Tells whether uploads come right now, from when each was stored. Times are in ms, as of `performance.now`:
 * a clock that is set back must not make analyses wait.
 */
export function uploadPause() {
  let burstBegan = -Infinity
  let quietFrom = -Infinity
  return {
    note(now: number): void {
      if (now >= quietFrom) burstBegan = now
      quietFrom = now + quietMs
    },
    /** For how long analyses are to wait; 0: not at all. */
    remainingMs: (now: number) => Math.max(0, Math.min(quietFrom, burstBegan + longestMs) - now),
    end(): void {
      quietFrom = -Infinity
    },
  }
}
