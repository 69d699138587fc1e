import type { Clock } from '../clock.ts'

export type WakeableLoop = {
  /** Runs `step` now, or again after the one that runs. */
  wake: () => void
  /** The same after `ms` milliseconds, unless it wakes before. */
  wakeIn: (ms: number) => void
  /** Ends the loop. Resolves after the last step. */
  stop: () => Promise<void>
}

/** Runs `step` whenever it is woken, one at a time. `step` handles its own errors. */
export function wakeableLoop(clock: Clock, step: () => Promise<void>): WakeableLoop {
  let isStopped = false
  let isWanted = false
  let stepping: Promise<void> | null = null
  let stopTimer = () => {}
  let timerAt = Infinity

  async function stepUntilDone(): Promise<void> {
    while (isWanted && !isStopped) {
      isWanted = false
      await step()
    }
  }

  function wake(): void {
    if (isStopped) return
    isWanted = true
    stepping ??= stepUntilDone().finally(() => {
      stepping = null
      if (isWanted) wake()
    })
  }

  return {
    wake,

    wakeIn(ms) {
      const at = clock.elapsedMs() + ms
      if (isStopped || timerAt <= at) return
      stopTimer()
      timerAt = at
      stopTimer = clock.after(ms, () => {
        timerAt = Infinity
        wake()
      })
    },

    async stop() {
      isStopped = true
      stopTimer()
      await stepping
    },
  }
}
