import { toBlobId, type BlobId } from '../blobs/blob-store.ts'
import { unlessDamaged } from '../blobs/checked-stream.ts'
import type { BlobSource } from '../blobs/local-copies.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import type { analyseInputWith, AnalysisOutput } from './analyse-input.ts'
import type { KindDefinition } from './kind.ts'
import type { AnalysisKey } from './analysis-key.ts'

export type AnalysisWorkers = WorkerPool<{ analyse: ReturnType<typeof analyseInputWith> }>

/** How much longer than its processor time a run may take: uploads and pages go first. */
const patience = 20

/**
 * The analysis of some content, without a trace of it. Throws DomainErrors for what gives none, what `workers`
 * throws, and DamagedBlobError.
 */
export async function analyseNow(
  {
    blobs,
    copies,
    workers,
  }: Pick<Deps, 'copies'> & { blobs: BlobSource; workers: Pick<AnalysisWorkers, 'run'> },
  { kind, inputSha256, debugSha256 }: AnalysisKey,
  { isDebugOptional = false, maxInputBytes, maxCpuMs, maxMemoryMiB }: KindDefinition,
): Promise<AnalysisOutput> {
  const id = toBlobId(inputSha256)
  const debugId = debugSha256 === '' ? null : toBlobId(debugSha256)
  await checkInput(blobs, id, maxInputBytes)
  const hasDebug =
    debugId !== null && !(isDebugOptional && (await unlessDamaged(blobs.sizeBytes(debugId))) === null)
  if (hasDebug) await checkInput(blobs, debugId, maxInputBytes)
  const run = (files: { file: string; debugFile?: string }) =>
    workers.run(
      'analyse',
      { kind, ...files },
      {
        ...{ maxCpuMs, maxMemoryMiB },
        // Where nobody tells the processor time; and nothing may wait for ever.
        timeoutMs: maxCpuMs * patience,
      },
    )
  return copies.withFile(blobs, id, (file) =>
    hasDebug ? copies.withFile(blobs, debugId, (debugFile) => run({ file, debugFile })) : run({ file }),
  )
}

/** Throws UnusableInputError if an input is absent or too large. */
async function checkInput(blobs: BlobSource, id: BlobId, maxInputBytes: number): Promise<void> {
  const sizeBytes = await blobs.sizeBytes(id)
  if (sizeBytes === null) throw new UnusableInputError('its content is missing from the blob store')
  if (sizeBytes > maxInputBytes) {
    throw new UnusableInputError(
      `it has ${mebibytes(sizeBytes)}: at most ${mebibytes(maxInputBytes)} are read`,
    )
  }
}

/** An input that no run of any version could read. */
class UnusableInputError extends DomainError {
  override readonly name = 'UnusableInputError'
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2)} MiB`
