import { analysedBuildOf } from '../analyses/binary-size/load-binary-size-diff.ts'
import type { BinarySize } from '../analyses/binary-size/analyse-binary-size.ts'
import { diffBinarySizes, type BinarySizeDiff } from '../analyses/binary-size/diff-binary-sizes.ts'
import { kinds } from '../analyses/kinds.ts'
import { keyOf, nameOfKey, type AnalysisKey } from '../analyses/analysis-key.ts'
import { binarySize, parseStored } from '../analyses/stored-results.ts'
import { toBlobId } from '../blobs/blob-store.ts'
import type { LocalCopies } from '../blobs/local-copies.ts'
import type { ComparedBuild } from '../diffs/compared-build.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import { TaskLimitError } from '../workers/worker-process.ts'

/**
 * Analyses the binaries of two builds now and compares their sizes. Null if the binaries are equal, or if
 * one of them is missing, is no ELF file, or exceeds a limit of the analysis.
 */
export async function diffSizes(
  deps: { copies: LocalCopies; workers: WorkerPool },
  left: ComparedBuild,
  right: ComparedBuild,
): Promise<BinarySizeDiff | null> {
  const definition = kinds.BINARY_SIZE
  if (!definition) return null
  const [one, other] = [left, right].map((build) => keyOf('BINARY_SIZE', definition, analysedBuildOf(build)))
  if (!one || !other || nameOfKey(one) === nameOfKey(other)) return null
  const sizes = await Promise.all([analyse(deps, left, one), analyse(deps, right, other)])
  return sizes[0]?.isElf && sizes[1]?.isElf ? diffBinarySizes(sizes[0], sizes[1]) : null
}

async function analyse(
  { copies, workers }: { copies: LocalCopies; workers: WorkerPool },
  { blobs }: ComparedBuild,
  { kind, inputSha256, debugSha256 }: AnalysisKey,
): Promise<BinarySize | null> {
  const { maxInputBytes, maxCpuMs } = kinds.BINARY_SIZE ?? { maxInputBytes: 0, maxCpuMs: 0 }
  const id = toBlobId(inputSha256)
  const debugId = debugSha256 === '' ? null : toBlobId(debugSha256)
  for (const one of debugId === null ? [id] : [id, debugId])
    if (((await blobs.sizeBytes(one)) ?? Infinity) > maxInputBytes) return null
  const run = (files: { file: string; debugFile?: string }) =>
    workers.run('analyse', { kind, ...files }, { timeoutMs: maxCpuMs })
  try {
    const { result } = await copies.withFile(blobs, id, (file) =>
      debugId === null
        ? run({ file })
        : copies.withFile(blobs, debugId, (debugFile) => run({ file, debugFile })),
    )
    const sizes = parseStored(binarySize, Buffer.from(result).toString())
    if (!sizes) throw new Error('the result of the analysis BINARY_SIZE does not have its shape')
    return sizes
  } catch (error) {
    if (error instanceof TaskLimitError) return null
    throw error
  }
}
