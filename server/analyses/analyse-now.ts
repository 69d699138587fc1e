import { toBlobId, type BlobId } from '../blobs/blob-store.ts'
import { readBytes } from '../blobs/read-bytes.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import type { analyseInputWith, AnalysisInput, AnalysisOutput } from './analyse-input.ts'
import type { KindDefinition } from './kind.ts'
import type { AnalysisKey } from './analysis-key.ts'

export type AnalysisWorkers = WorkerPool<{ analyse: ReturnType<typeof analyseInputWith> }>

/** How much longer than its processor time a run may take: uploads and pages go first. */
const patience = 20
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

/** An input that no run of any version could read. */
class UnusableInputError extends DomainError {
  override readonly name = 'UnusableInputError'
}

const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2)} MiB`
