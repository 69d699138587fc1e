import { randomUUID } from 'node:crypto'
import type { Deps } from '../deps.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { collectBlobs, type CollectProgress } from './collect-blobs.ts'

const dayMs = 24 * 3_600_000
/** A run goes on for so long; then tasks of higher priority, and uploads, have their turn. */
const runMs = 500

type Collection = { id: string; steps: ReturnType<typeof collectBlobs>; last: CollectProgress | null }
type Part = { id: string; isDone: boolean; tookMs: number }

/**
 * Deletes, once a day, content to which no row has referred for a day. A run does a part of it: what was read of the
 * references stays in memory between runs. After a restart, or on another server, the collection begins anew.
 */
export function collectBlobsHandler(deps: Pick<Deps, 'blobs' | 'db' | 'log' | 'writer'>): TaskHandler<Part> {
  let current: Collection | null = null

  return {
    ...{ kind: 'COLLECT_BLOBS', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 3, retryPauseMs: 60_000, standing: { everyMs: dayMs } },
    async run(task, signal) {
      if (current?.id !== task.progress) current = null
      const collection: Collection = (current ??= {
        id: JSON.stringify(randomUUID()),
        steps: collectBlobs(deps, { graceMs: dayMs }),
        last: null,
      })
      const startedAt = performance.now()
      let isDone = false
      try {
        do {
          const step = await collection.steps.next()
          if (step.done === true) isDone = true
          else collection.last = step.value
        } while (!isDone && !signal.aborted && performance.now() - startedAt < runMs)
      } catch (error) {
        // Its steps have ended with the error.
        current = null
        throw error
      }
      if (isDone) current = null
      if (isDone && collection.last) tell(deps.log, collection.last)
      return { id: collection.id, isDone, tookMs: Math.ceil(performance.now() - startedAt) }
    },
    // No row is written.
    changes: () => [],
    record: ({ id, isDone, tookMs }) => (isDone ? {} : { isPartial: true, pauseMs: tookMs, progress: id }),
    async close() {
      await current?.steps.return()
    },
  }
}

function tell(log: Deps['log'], progress: CollectProgress): void {
  const { deletedBytes, deletedCount, listedBytes, listedCount, strayCount } = progress
  const facts = { deletedCount, deletedBytes, listedCount, listedBytes, strayCount }
  log.info(facts, 'content that nothing refers to was deleted')
}
