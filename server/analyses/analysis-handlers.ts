import { availableParallelism } from 'node:os'
import type { Staged } from '../blobs/blob-store.ts'
import { DamagedBlobError } from '../blobs/checked-stream.ts'
import { inOnePiece } from '../blobs/in-one-piece.ts'
import type { Deps } from '../deps.ts'
import { BusyError, DomainError, StorageFullError } from '../errors.ts'
import { TaskFailedError, type TaskHandler } from '../runner/handler.ts'
import { deleteUnreferenced } from '../storage/delete-unreferenced.ts'
import { readReferenceMark, type ReferenceMark } from '../storage/find-references.ts'
import { createWorkerPool, WorkersClosedError } from '../workers/worker-pool.ts'
import { TaskLimitError, WorkerDiedError } from '../workers/worker-process.ts'
import { parseTask } from './analysis-key.ts'
import { analyseNow, type AnalysisWorkers } from './analyse-now.ts'
import { backfillHandler } from './backfill-handler.ts'
import { isAnalysisKind, type AnalysisKind, type KindDefinition, type KindRegistry } from './kind.ts'
import { resultStores } from './result-stores.ts'
import { tellOfAnalysis } from './tell-of-analysis.ts'

/** Time after which an idle process ends. Starting one takes longer than most analyses; an idle one uses 50 MB. */
const idleMs = 30_000
/** Time limit for the start of a process. It is long, because processes start with the lowest priority. */
const startTimeoutMs = 300_000
/** The lowest priority: uploads and pages run as if there were no analyses. */
const niceness = 19

/** The pool of the hub's own analyses. */
export function createAnalysisWorkers(options: Parameters<typeof createWorkerPool>[0] = {}): AnalysisWorkers {
  return createWorkerPool({
    ...{ maxProcesses: availableParallelism(), niceness, idleMs, startTimeoutMs },
    ...options,
  })
}

export type AnalysisOptions = {
  kinds: KindRegistry
  workers: AnalysisWorkers
  /** How many analyses run at once. */
  slots?: number
  retryPauseMs?: number
}

type HandlerDeps = Pick<Deps, 'blobs' | 'clock' | 'copies' | 'db' | 'writer'>

/**
 * Two handlers for each kind: one runs its analyses, the other finds what builds that are stored already have for
 * it. All share the slots. docs/decisions/014-analyses.md says why.
 */
export function analysisHandlers(
  deps: HandlerDeps,
  { kinds, workers, slots: max = availableParallelism(), retryPauseMs = 2_000 }: AnalysisOptions,
): TaskHandler[] {
  const shared = { slots: { max }, yieldsToUploads: true, retryPauseMs }
  return Object.entries(kinds).flatMap(([kind, definition]) => {
    if (!isAnalysisKind(kind)) return []
    const parts = { ...shared, version: definition.version }
    return [
      { ...parts, ...analysisHandler(deps, workers, kind, definition) },
      { ...parts, ...backfillHandler(deps, kind, definition) },
    ]
  })
}

/** `stored` is the result again, for a kind whose results are rows, too. */
type Result = { staged: Staged; mark: ReferenceMark; summary: string | null; stored: Uint8Array | null }

/** Runs the analyses of a kind in worker processes. The result is durable before the row that names it. */
function analysisHandler(
  { blobs, clock, copies, db, writer }: HandlerDeps,
  workers: AnalysisWorkers,
  kind: AnalysisKind,
  definition: KindDefinition,
): Pick<
  TaskHandler<Result>,
  | 'kind'
  | 'spanName'
  | 'maxAttempts'
  | 'run'
  | 'record'
  | 'complete'
  | 'failed'
  | 'changes'
  | 'kept'
  | 'dropped'
  | 'close'
> {
  return {
    kind,
    spanName: 'analysis',
    maxAttempts: 3,
    async run(task) {
      const key = parseTask(task)
      if (!key) throw new TaskFailedError(`${task.key} is not the key of an analysis`)
      const { result, summary } = await analyseNow({ blobs, copies, workers }, key, definition).catch(rethrow)
      const mark = await readReferenceMark(db)
      const staged = await blobs.stage(inOnePiece(result))
      // A commit that fails discards what was staged.
      await blobs.commit([staged])
      return { staged, mark, summary, stored: resultStores[kind] ? result : null }
    },
    async complete(tx, task, { staged, stored }) {
      await blobs.restore([staged])
      const key = parseTask(task)
      if (key && stored) await resultStores[kind]?.(tx, key, stored, clock.now())
      await tellOfAnalysis(tx, task, 'READY', clock.now())
    },
    failed: (tx, task) => tellOfAnalysis(tx, task, 'FAILED', clock.now()),
    record: ({ staged, summary }) => ({ result: staged, summary }),
    changes: (result) => (result?.stored ? ['analyses', 'facts', 'tasks'] : ['analyses']),
    kept: ({ staged }) => blobs.discard([staged]),
    async dropped({ staged, mark }) {
      await blobs.discard([staged])
      await deleteUnreferenced({ blobs, writer }, blobs.createdBy([staged]), mark)
    },
    close: () => workers.close(),
  }
}

/** Only what the machine may have caused is tried again. */
function rethrow(error: unknown): never {
  if (error instanceof WorkerDiedError) throw new Error(`its process ended: ${error.how}`, { cause: error })
  const isMachines =
    error instanceof TaskLimitError ||
    error instanceof StorageFullError ||
    error instanceof DamagedBlobError ||
    error instanceof WorkersClosedError ||
    error instanceof BusyError ||
    isSystemError(error)
  if (isMachines) throw error
  // Other errors are bugs of the analysis, which it would meet again. The log has the stack.
  const reason = error instanceof DomainError ? error.message : `the analysis has a bug: ${String(error)}`
  throw new TaskFailedError(reason, { cause: error })
}

/** Such as a disk that fails. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}
