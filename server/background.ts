import { isDatabaseFull } from './database/database-errors.ts'
import { BusyError } from './errors.ts'
import type { Log } from './log.ts'

/** Work that no answer waits for, and whose failure changes no answer. The process waits for it when it stops. */
export type Background = {
  /** `what` names the work in the log if it fails. */
  run: (what: string, work: () => Promise<unknown>) => void
  /** Resolves when the work that runs now has ended. */
  settled: () => Promise<void>
}

export function createBackground({ log }: { log: Pick<Log, 'error' | 'warn'> }): Background {
  const running = new Set<Promise<void>>()
  return {
    run(what, work) {
      const done = work()
        .catch((error: unknown) => {
          // Whoever works with the server is told so, too, and the operator by that.
          const isExpected = error instanceof BusyError || isDatabaseFull(error)
          log[isExpected ? 'warn' : 'error']({ err: error, what }, 'work in the background failed')
        })
        .then(() => void running.delete(done))
      running.add(done)
    },
    async settled() {
      while (running.size > 0) await Promise.all(running)
    },
  }
}
