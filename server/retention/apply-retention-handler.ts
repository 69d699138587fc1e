import { randomUUID } from 'node:crypto'
import { byServer } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import { TaskFailedError, type TaskHandler } from '../runner/handler.ts'
import { FactsUnknownError } from './known-facts.ts'
import { listPlaces } from './places.ts'
import { applyRetentionKind } from './read-retention-state.ts'
import {
  planOfPolicy,
  readRetentionPolicy,
  RetentionPolicyError,
  type RetentionPolicy,
} from './retention-policy.ts'
import { auditedVacuum } from './vacuum.ts'

const dayMs = 24 * 3_600_000
/** A run goes on for so long; then tasks of higher priority, and uploads, have their turn. */
const runMs = 500
/** Uploads wait for a transaction so long, or as long as the removal of one build takes. */
const transactionMs = 50
/** While facts are computed anew, the task looks again so often. */
const factsPauseMs = 10_000

type Application = { id: string; steps: ReturnType<typeof auditedVacuum>; removedCount: number }
/** `id`: of the application that goes on; null: none has begun, or is left. */
type Part = { id: string | null; isDone: boolean; pauseMs: number }

/**
 * Removes, once a day, what the operator's policy does not keep. The file is read anew each time. A run does a part of it:
 * how far it is stays in memory between runs. After a restart it begins anew, and finds what is left. While facts that say what
 * stays are computed anew, it waits.
 */
export function applyRetentionHandler(
  deps: Pick<Deps, 'clock' | 'config' | 'db' | 'log' | 'writer'>,
): TaskHandler<Part> {
  const { clock, config, db, log } = deps
  let current: Application | null = null

  async function begin(policy: RetentionPolicy): Promise<Application> {
    const plan = planOfPolicy(policy, await listPlaces(db))
    const rested = { transactionMs, restMs: (tookMs: number) => tookMs }
    const steps = auditedVacuum(deps, byServer(clock.now()), config.retentionFile, plan, rested)
    return { id: JSON.stringify(randomUUID()), steps, removedCount: 0 }
  }

  return {
    ...{ kind: applyRetentionKind, version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 3, retryPauseMs: 60_000, standing: { everyMs: dayMs } },
    async run(task, signal) {
      if (config.retentionFile === '') return { id: null, isDone: true, pauseMs: 0 }
      const startedAt = performance.now()
      if (current?.id !== task.progress) {
        await current?.steps.return()
        current = null
      }
      const application = (current ??= await begin(policyOf(config.retentionFile)))
      let isDone = false
      try {
        do {
          const step = await application.steps.next()
          if (step.done === true) isDone = true
          else application.removedCount += step.value.removedCount
        } while (!isDone && !signal.aborted && performance.now() - startedAt < runMs)
      } catch (error) {
        // Its steps have ended with the error.
        current = null
        if (!(error instanceof FactsUnknownError)) throw error
        log.info('the retention policy waits until facts are computed anew')
        return { id: null, isDone: false, pauseMs: factsPauseMs }
      }
      if (isDone) {
        current = null
        const { removedCount } = application
        log.info({ removedCount }, 'the retention policy was applied')
      }
      return { id: application.id, isDone, pauseMs: Math.ceil(performance.now() - startedAt) }
    },
    // Each transaction tells what it has removed.
    changes: () => [],
    record: ({ id, isDone, pauseMs }) =>
      isDone ? {} : { isPartial: true, pauseMs, ...(id === null ? {} : { progress: id }) },
    async close() {
      await current?.steps.return()
    },
  }
}

/** A policy with a fault does not become right by trying again within a minute: the next day's run reads it anew. */
function policyOf(file: string): RetentionPolicy {
  try {
    return readRetentionPolicy(file)
  } catch (error) {
    throw error instanceof RetentionPolicyError ? new TaskFailedError(error.message) : error
  }
}
