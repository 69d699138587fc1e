import { setTimeout as sleep } from 'node:timers/promises'

/** Counts bytes, and keeps to a rate: the promise that it returns resolves when further bytes may be read. */
export type ByteRate = (count: number) => Promise<void> | void

/** Pauses shorter than this are added up. */
const shortestPauseMs = 20

/** `bytesPerSecond` null: no limit. `signal` ends a pause. */
export function byteRate(bytesPerSecond: number | null, signal?: AbortSignal): ByteRate {
  if (bytesPerSecond === null) return () => {}
  /** When the bytes that were read so far may have been read. */
  let allowedAt = performance.now()
  return (count) => {
    const now = performance.now()
    // Time in which nothing was read is not made up for.
    allowedAt = Math.max(allowedAt, now) + (count / bytesPerSecond) * 1000
    const waitMs = allowedAt - now
    if (waitMs < shortestPauseMs) return
    return sleep(waitMs, undefined, signal ? { signal } : {})
  }
}
