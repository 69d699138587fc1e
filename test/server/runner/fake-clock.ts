import type { Clock } from '../../../server/clock.ts'

/** A clock that stands still until a test moves it. `set`: as somebody sets the clock of the machine, by so much. */
export function fakeClock(): Clock & {
  advance: (ms: number) => void
  nowMs: () => number
  set: (byMs: number) => void
} {
  let startMs = Date.UTC(2026, 0, 1)
  let elapsedMs = 0
  const timers = new Set<{ atMs: number; action: () => void }>()
  return {
    now: () => new Date(startMs + elapsedMs),
    nowMs: () => startMs + elapsedMs,
    elapsedMs: () => elapsedMs,
    after(ms, action) {
      if (ms <= 0) {
        const immediate = setImmediate(action)
        return () => clearImmediate(immediate)
      }
      const timer = { atMs: elapsedMs + ms, action }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    set: (byMs) => void (startMs += byMs),
    advance(ms) {
      elapsedMs += ms
      for (const timer of [...timers].filter(({ atMs }) => atMs <= elapsedMs))
        if (timers.delete(timer)) timer.action()
    },
  }
}
