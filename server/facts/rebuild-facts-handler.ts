import type { Deps } from '../deps.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { rebuildNext, type RebuildStep } from './rebuild-facts.ts'

/** Between two lines of the log that say how far a rebuild is. */
const logEveryMs = 10_000

/**
 * Rebuilds, from each start of the server on, the facts that migrations, or a command that was interrupted, have
 * marked. Each step notes in its own transaction how far it has come. After it the task rests as long as the step took,
 * so that pages and uploads have half of the time.
 */
export function rebuildFactsHandler({ log, ...database }: Pick<Deps, 'db' | 'log' | 'writer'>): TaskHandler<{
  step: RebuildStep | null
  tookMs: number
}> {
  const tell = progressLog(log)
  return {
    ...{ kind: 'REBUILD_FACTS', version: 1, slots: { max: 1 }, yieldsToUploads: false },
    ...{ maxAttempts: 20, retryPauseMs: 60_000, standing: { isAtStart: true } },
    async run() {
      const startedAt = performance.now()
      const step = await rebuildNext(database)
      if (step) tell(step)
      return { step, tookMs: Math.ceil(performance.now() - startedAt) }
    },
    // Each step tells what it has changed in its own transaction.
    changes: () => [],
    record: ({ step, tookMs }) =>
      step ? { isPartial: true, pauseMs: tookMs, progress: JSON.stringify(step) } : {},
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
