import { availableParallelism } from 'node:os'
import type { Deps } from '../deps.ts'
import type { AnalysisId } from '../ids.ts'
import { createWorkerPool } from '../workers/worker-pool.ts'
import type { KindRegistry } from './kind.ts'
import {
  beginBackfills,
  claimOutdated,
  claimPending,
  claimThese,
  nameOfKey,
  release,
  nextDueAt,
  backfillSome,
  forgetResult,
  recover,
  type AnalysisKey,
  type ClaimedAnalysis,
} from './queue.ts'
import { defaultRetryPauseMs, runAnalysis, type AnalysisWorkers } from './run-analysis.ts'
import { uploadPause } from '../runner/upload-pause.ts'

export type AnalysisEngine = {
  kinds: KindRegistry
  /** Somebody looks at it and it is not there, or outdated: it goes first. Costs next to nothing. */
  prioritize: (key: AnalysisKey) => void
  /** The content of this result is missing: forget the result, and run the analysis first. */
  remake: (key: AnalysisKey, resultSha256: string) => void
  /** Take up what waits, now and from now on. Await it before the first upload. */
  start: () => Promise<void>
  /** Look for new rows in the queue now. */
  wake: () => void
  /** Resolves when the queue is empty and no retry is due. */
  settled: () => Promise<void>
  /** Stops all runs. They start again with the next server. */
  close: () => Promise<void>
}

/** Interval at which the queue is polled for rows that the command line wrote. */
const pollMs = 5_000
/** Time after which an idle process ends. Starting one takes longer than most analyses; an idle one uses 50 MB. */
const idleMs = 30_000
/** Time limit for the start of a process. It is long, because processes start with the lowest priority. */
const startTimeoutMs = 300_000
/** The lowest priority: uploads and pages run as if there were no analyses. */
const niceness = 19
/** Maximum number of prioritized analyses. Further ones keep their place in the queue. */
const maxPrioritized = 10_000

/** The pool of the hub's own analyses. */
export function createAnalysisWorkers(options: Parameters<typeof createWorkerPool>[0] = {}): AnalysisWorkers {
  return createWorkerPool({
    ...{ maxProcesses: availableParallelism(), niceness, idleMs, startTimeoutMs },
    ...options,
  })
}

/**
 * Runs analyses: what pages asked for first, then what uploads brought (once they pause), then what an older version
 * made, then what older builds have. All of it lies in the database; only the demand does not.
 * docs/decisions/014-analyses.md says why.
 */
export function createAnalysisEngine(
  deps: Pick<Deps, 'blobs' | 'db' | 'events' | 'log' | 'writer'>,
  {
    kinds,
    workers,
    slots = availableParallelism(),
    retryPauseMs = defaultRetryPauseMs,
  }: { kinds: KindRegistry; workers: AnalysisWorkers; slots?: number; retryPauseMs?: number },
): AnalysisEngine {
  const { db, events, log, writer } = deps
  const prioritized = new Map<string, AnalysisKey>()
  const running = new Map<AnalysisId, Promise<void>>()
  const interrupted: AnalysisId[] = []
  const idleWaiters: (() => void)[] = []
  const pause = uploadPause()
  let closing: Promise<void> | null = null
  let state: 'new' | 'started' | 'closed' = 'new'
  let filling: Promise<void> | null = null
  let isFillWanted = false
  let timer: NodeJS.Timeout | undefined
  let timerAt = Infinity

  function wake(): void {
    if (state !== 'started') return
    isFillWanted = true
    filling ??= fillUntilDone().finally(() => {
      filling = null
      if (isFillWanted) wake()
    })
  }

  function wakeIn(ms: number): void {
    const at = Date.now() + ms
    if (state !== 'started' || timerAt <= at) return
    clearTimeout(timer)
    timerAt = at
    timer = setTimeout(() => {
      timerAt = Infinity
      wake()
    }, ms).unref()
  }

  async function fillUntilDone(): Promise<void> {
    while (isFillWanted && state === 'started') {
      isFillWanted = false
      try {
        await fill()
      } catch (error) {
        log.error({ err: error }, 'analyses not found')
        wakeIn(pollMs)
      }
    }
  }

  /** Start an analysis in every free slot. */
  async function fill(): Promise<void> {
    while (running.size < slots && state === 'started') {
      const found = await claimSome(slots - running.size)
      for (const analysis of found) begin(analysis)
      if (found.length > 0) continue
      const pauseMs = pause.remainingMs(performance.now())
      if (pauseMs > 0) return wakeIn(pauseMs)
      if (await backfillSome(deps, kinds, new Date())) continue
      const dueAt = await nextDueAt(db, kinds)
      if (dueAt === null && running.size === 0) for (const resolve of idleWaiters.splice(0)) resolve()
      wakeIn(dueAt === null ? pollMs : Math.min(pollMs, Math.max(0, dueAt.getTime() - Date.now())))
      return
    }
  }

  async function claimSome(limit: number): Promise<ClaimedAnalysis[]> {
    const now = new Date()
    if (interrupted.length > 0) {
      const ids = [...interrupted]
      await writer.transact((tx) => release(tx, ids))
      interrupted.splice(0, ids.length)
    }
    while (prioritized.size > 0) {
      const keys = [...prioritized].slice(0, limit)
      const found = await writer.transact((tx) =>
        claimThese(
          tx,
          kinds,
          keys.map(([, key]) => key),
          now,
        ),
      )
      for (const [name] of keys) prioritized.delete(name)
      if (found.length > 0) return found
    }
    if (pause.remainingMs(performance.now()) > 0) return []
    return writer.transact(async (tx) => {
      const pending = await claimPending(tx, kinds, limit, now)
      return pending.length > 0 ? pending : claimOutdated(tx, kinds, limit, now)
    })
  }

  function begin(analysis: ClaimedAnalysis): void {
    const run = runOne(analysis)
      .catch((error: unknown) => {
        // The database is locked, or its disk fails: the row is still RUNNING, and is released when that is over.
        log.error({ err: error, ...analysis }, 'analysis not finished')
        interrupted.push(analysis.id)
      })
      .finally(() => {
        running.delete(analysis.id)
        wake()
      })
    running.set(analysis.id, run)
  }

  async function runOne(analysis: ClaimedAnalysis): Promise<void> {
    const definition = kinds[analysis.kind]
    if (!definition) throw new Error(`no analysis ${analysis.kind}`)
    const outcome = await runAnalysis({ ...deps, workers, retryPauseMs }, analysis, definition)
    if (outcome === null) interrupted.push(analysis.id)
    else if (outcome !== 'later') {
      const { kind, inputSha256, debugSha256 } = analysis
      events.emit('analysisFinished', { kind, inputSha256, debugSha256 })
    }
  }

  async function end(): Promise<void> {
    state = 'closed'
    clearTimeout(timer)
    events.off('buildStored', onBuild)
    await filling
    await workers.close()
    await Promise.all(running.values())
    if (interrupted.length > 0) await writer.transact((tx) => release(tx, interrupted))
    for (const resolve of idleWaiters.splice(0)) resolve()
  }

  function onBuild(): void {
    pause.note(performance.now())
    wakeIn(pause.remainingMs(performance.now()))
  }

  function prioritize(key: AnalysisKey): void {
    const name = nameOfKey(key)
    if (!kinds[key.kind] || prioritized.size >= maxPrioritized || prioritized.has(name)) return
    prioritized.set(name, key)
    wakeIn(0)
  }

  return {
    kinds,
    wake,
    prioritize,

    remake(key, resultSha256) {
      writer
        .transact((tx) => forgetResult(tx, key, resultSha256, new Date()))
        .then(() => prioritize(key))
        .catch((error: unknown) => log.error({ err: error, ...key }, 'missing result not forgotten'))
    },

    async start() {
      if (Object.keys(kinds).length === 0) return
      state = 'started'
      await writer.transact(async (tx) => {
        await recover(tx, kinds, new Date())
        await beginBackfills(tx, kinds)
      })
      events.on('buildStored', onBuild)
      wakeIn(0)
    },

    settled() {
      if (state !== 'started') return Promise.resolve()
      return new Promise((resolve) => {
        idleWaiters.push(resolve)
        pause.end()
        wake()
      })
    },

    close: () => (closing ??= end()),
  }
}
