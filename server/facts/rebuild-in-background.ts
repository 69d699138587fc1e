import { setTimeout as sleep } from 'node:timers/promises'
import type { Deps } from '../deps.ts'
import { rebuildNext, type RebuildStep } from './rebuild-facts.ts'

/** Between two lines of the log that say how far a rebuild is. */
const logEveryMs = 10_000
const pauseAfterErrorMs = 60_000

export type FactRebuilder = {
  /** Resolves when no rule is marked for rebuild any more, or an error makes it pause. */
  settled: () => Promise<void>
  /** Stops after the step that runs. The next start goes on behind it. */
  close: () => Promise<void>
}

/**
 * Rebuilds the facts that migrations, or a command that was interrupted, have marked. After each step it rests as long
 * as the step took, so that pages and uploads have half of the time.
 */
export function rebuildInBackground({
  events,
  log,
  ...database
}: Pick<Deps, 'db' | 'events' | 'log' | 'writer'>): FactRebuilder {
  const closing = new AbortController()
  const rest = (ms: number) => sleep(ms, undefined, { signal: closing.signal }).catch(() => {})
  let paused = () => {}
  const settled = new Promise<void>((resolve) => (paused = resolve))

  async function rebuildAll(): Promise<void> {
    const tell = progressLog(log)
    while (!closing.signal.aborted) {
      const startedAt = performance.now()
      try {
        const step = await rebuildNext(database)
        if (!step) break
        tell(step)
        if (step.changedCount > 0) events.emit('factsRebuilt')
        await rest(performance.now() - startedAt)
      } catch (error) {
        log.error({ err: error }, 'facts not rebuilt: tried again in a minute')
        paused()
        await rest(pauseAfterErrorMs)
      }
    }
    paused()
  }

  const work = rebuildAll()
  return {
    settled: () => settled,
    async close() {
      closing.abort()
      await work
    },
  }
}

/** Logs the end of each rule, and from time to time how far it is. */
function progressLog(log: Deps['log']): (step: RebuildStep) => void {
  let jobs = 0
  let changedRows = 0
  let nextAt = performance.now() + logEveryMs
  return ({ rule, jobCount, lastJob, changedCount }) => {
    jobs += jobCount
    changedRows += changedCount
    if (lastJob === null) {
      log.info({ rule, jobs, changedRows }, 'facts rebuilt')
      jobs = changedRows = 0
    } else if (performance.now() >= nextAt) {
      log.info({ rule, jobs, changedRows, lastJob }, 'facts are being rebuilt')
      nextAt = performance.now() + logEveryMs
    }
  }
}
