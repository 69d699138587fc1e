import { analysedBuildOf } from '../analyses/binary-size/load-binary-size-diff.ts'
import type { BinarySize } from '../analyses/binary-size/analyse-binary-size.ts'
import { diffBinarySizes, type BinarySizeDiff } from '../analyses/binary-size/diff-binary-sizes.ts'
import { kinds } from '../analyses/kinds.ts'
import { keyOf, nameOfKey, type AnalysisKey } from '../analyses/analysis-key.ts'
import { binarySize, parseStored } from '../analyses/stored-results.ts'
import { toBlobId } from '../blobs/blob-store.ts'
import type { ComparedBuild } from '../diffs/compared-build.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import { TaskLimitError } from '../workers/worker-process.ts'

/**
 * Analyses the binaries of two builds now and compares their sizes. Null if the binaries are equal, or if
 * one of them is missing, is no ELF file, or exceeds a limit of the analysis.
 */
export async function diffSizes(
  { workers }: { workers: WorkerPool },
  left: ComparedBuild,
  right: ComparedBuild,
): Promise<BinarySizeDiff | null> {
  const definition = kinds.BINARY_SIZE
  if (!definition) return null
  const [one, other] = [left, right].map((build) => keyOf('BINARY_SIZE', definition, analysedBuildOf(build)))
  if (!one || !other || nameOfKey(one) === nameOfKey(other)) return null
  const sizes = await Promise.all([analyse(workers, left, one), analyse(workers, right, other)])
  return sizes[0]?.isElf && sizes[1]?.isElf ? diffBinarySizes(sizes[0], sizes[1]) : null
}

async function analyse(
  workers: WorkerPool,
  { blobs }: ComparedBuild,
  { kind, inputSha256, debugSha256 }: AnalysisKey,
): Promise<BinarySize | null> {
  const { maxInputBytes, maxCpuMs } = kinds.BINARY_SIZE ?? { maxInputBytes: 0, maxCpuMs: 0 }
  const inputs = []
  for (const sha256 of [inputSha256, debugSha256].filter((one) => one !== '')) {
    const id = toBlobId(sha256)
    const file = blobs.fileOf(id)
    if (file === null || ((await blobs.sizeBytes(id)) ?? Infinity) > maxInputBytes) return null
    inputs.push({ file })
  }
  const [input, debug] = inputs
  if (!input) return null
  try {
    const call = { kind, input, ...(debug ? { debug } : {}) }
    const { result } = await workers.run('analyse', call, { timeoutMs: maxCpuMs })
    const sizes = parseStored(binarySize, Buffer.from(result).toString())
    if (!sizes) throw new Error('the result of the analysis BINARY_SIZE does not have its shape')
    return sizes
  } catch (error) {
    if (error instanceof TaskLimitError) return null
    throw error
  }
}
