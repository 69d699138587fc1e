/** Time as parts of the server see it. Tests bring a clock that they move themselves. */
export type Clock = {
  now: () => Date
  /** Milliseconds since some moment. Setting the clock of the machine does not change it. */
  elapsedMs: () => number
  /** Calls `action` once after `ms` milliseconds, unless the returned function is called before. */
  after: (ms: number, action: () => void) => () => void
}

/** The clock of the machine. Its timers do not keep the process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  elapsedMs: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms).unref()
    return () => clearTimeout(timer)
  },
}
