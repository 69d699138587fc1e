import { toBlobId, type BlobId } from '../blobs/blob-store.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import type { Deps } from '../deps.ts'
import { DomainError, StorageFullError } from '../errors.ts'
import { TaskLimitError, WorkerDiedError } from '../workers/worker-process.ts'
import { DatabaseBusyError } from '../writer.ts'
import { WorkersClosedError, type WorkerPool } from '../workers/worker-pool.ts'
import type { analyseInputWith, AnalysisInput, AnalysisOutput } from './analyse-input.ts'
import type { KindDefinition } from './kind.ts'
import { maxAttempts, complete, type AnalysisKey, type ClaimedAnalysis, type RunOutcome } from './queue.ts'

export type AnalysisWorkers = WorkerPool<{ analyse: ReturnType<typeof analyseInputWith> }>

/** How much longer than its processor time a run may take: uploads and pages go first. */
const patience = 20
/** Before the second one; four times as long before the third. */
export const defaultRetryPauseMs = 2_000

/**
 * Run what was claimed, store its result, and write how it ended. Gives that, or null when the server
 * stops: then nothing was written. Throws only what the database throws.
 */
export async function runAnalysis(
  deps: Pick<Deps, 'blobs' | 'log' | 'writer'> & { workers: AnalysisWorkers; retryPauseMs: number },
  analysis: ClaimedAnalysis,
  definition: KindDefinition,
): Promise<RunOutcome['kind'] | null> {
  const { log, retryPauseMs, writer } = deps
  const { version } = definition
  let output
  try {
    output = await analyseNow(deps, analysis, definition)
  } catch (error) {
    if (error instanceof WorkersClosedError) return null
    const outcome = outcomeOf(error, analysis, version, retryPauseMs)
    log.warn({ err: error, ...analysis, outcome: outcome.kind }, 'analysis gave no result')
    await writer.transact((tx) => complete(tx, analysis.id, outcome, new Date()))
    return outcome.kind
  }
  try {
    await storeResult(deps, analysis, version, output)
    return 'ready'
  } catch (error) {
    log.error({ err: error, ...analysis }, 'result not stored')
    const outcome = outcomeOf(error, analysis, version, retryPauseMs)
    await writer.transact((tx) => complete(tx, analysis.id, outcome, new Date()))
    return outcome.kind
  }
}

/**
 * The analysis of some content, without a trace of it. Throws DomainErrors for what gives none, and what
 * `workers` throws.
 */
export async function analyseNow(
  { blobs, workers }: Pick<Deps, 'blobs'> & { workers: Pick<AnalysisWorkers, 'run'> },
  { kind, inputSha256, debugSha256 }: AnalysisKey,
  { isDebugOptional = false, maxInputBytes, maxCpuMs, maxMemoryMiB }: KindDefinition,
): Promise<AnalysisOutput> {
  const input = await inputOf(blobs, inputSha256, maxInputBytes)
  const hasDebug =
    debugSha256 !== '' && !(isDebugOptional && (await blobs.sizeBytes(toBlobId(debugSha256))) === null)
  const debug = hasDebug ? { debug: await inputOf(blobs, debugSha256, maxInputBytes) } : {}
  return workers.run(
    'analyse',
    { kind, input, ...debug },
    {
      ...{ maxCpuMs, maxMemoryMiB },
      // Where nobody tells the processor time; and nothing may wait for ever.
      timeoutMs: maxCpuMs * patience,
    },
  )
}

async function inputOf(blobs: Deps['blobs'], sha256: string, maxInputBytes: number): Promise<AnalysisInput> {
  const id = toBlobId(sha256)
  const sizeBytes = await blobs.sizeBytes(id)
  if (sizeBytes === null) throw new UnusableInputError('its content is missing from the blob store')
  if (sizeBytes > maxInputBytes) {
    throw new UnusableInputError(
      `it has ${mebibytes(sizeBytes)}: at most ${mebibytes(maxInputBytes)} are read`,
    )
  }
  const file = blobs.fileOf(id)
  return file !== null ? { file } : { bytes: await bytesOf(blobs, id, sizeBytes) }
}

async function bytesOf(blobs: Deps['blobs'], id: BlobId, sizeBytes: number): Promise<Uint8Array> {
  const bytes = await readBytes(blobs, id, sizeBytes)
  if (!bytes) throw new UnusableInputError('its content is missing from the blob store')
  return bytes
}

/** The bytes first, then the row that names them. */
async function storeResult(
  { blobs, writer }: Pick<Deps, 'blobs' | 'writer'>,
  { id }: ClaimedAnalysis,
  version: number,
  { result, summary }: AnalysisOutput,
): Promise<void> {
  const staged = await blobs.stage(inOnePiece(result))
  await blobs.commit([staged])
  try {
    await writer.transact((tx) =>
      complete(tx, id, { kind: 'ready', version, result: staged, summary }, new Date()),
    )
  } catch (error) {
    await blobs.withdraw([staged])
    throw error
  }
  await blobs.keep([staged])
}

async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** An input that no run of any version could read. */
class UnusableInputError extends DomainError {
  override readonly name = 'UnusableInputError'
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2)} MiB`

/** Whether to try again, and what users are told. */
function outcomeOf(
  error: unknown,
  { attempts }: ClaimedAnalysis,
  version: number,
  retryPauseMs: number,
): RunOutcome {
  const isMachines =
    error instanceof TaskLimitError ||
    error instanceof WorkerDiedError ||
    error instanceof StorageFullError ||
    error instanceof DatabaseBusyError ||
    isSystemError(error)
  if (!isMachines) {
    // Other errors are bugs of the analysis, which it would meet again. The log has the stack.
    const reason = error instanceof DomainError ? error.message : `the analysis has a bug: ${String(error)}`
    return { kind: 'failed', version, reason }
  }
  const reason = error instanceof WorkerDiedError ? `its process ended: ${error.how}` : error.message
  if (attempts >= maxAttempts)
    return { kind: 'failed', version, reason: `${reason}; it was tried ${attempts} times` }
  return { kind: 'later', reason, dueAt: new Date(Date.now() + retryPauseMs * 4 ** (attempts - 1)) }
}

/** Such as a disk that fails. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error
}
