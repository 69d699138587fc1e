import { analysedBuildOf } from '../analyses/binary-size/load-binary-size-diff.ts'
import type { BinarySize } from '../analyses/binary-size/analyse-binary-size.ts'
import { diffBinarySizes, type BinarySizeDiff } from '../analyses/binary-size/diff-binary-sizes.ts'
import { debugOrMainBinary } from '../analyses/kind.ts'
import { kinds } from '../analyses/kinds.ts'
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
  const [one, other] = [left, right].map((build) => debugOrMainBinary(analysedBuildOf(build)))
  if (!one || !other || one === other) return null
  const sizes = await Promise.all([analyse(workers, left, one), analyse(workers, right, other)])
  return sizes[0]?.isElf && sizes[1]?.isElf ? diffBinarySizes(sizes[0], sizes[1]) : null
}

async function analyse(
  workers: WorkerPool,
  { blobs }: ComparedBuild,
  sha256: string,
): Promise<BinarySize | null> {
  const { maxInputBytes, maxCpuMs } = kinds.BINARY_SIZE ?? { maxInputBytes: 0, maxCpuMs: 0 }
  const id = toBlobId(sha256)
  const file = blobs.fileOf(id)
  if (file === null || ((await blobs.sizeBytes(id)) ?? Infinity) > maxInputBytes) return null
  try {
    const call = { kind: 'BINARY_SIZE', input: { file } } as const
    const { result } = await workers.run('analyse', call, { timeoutMs: maxCpuMs })
    // The analysis of this version wrote this JSON just now.
    return JSON.parse(Buffer.from(result).toString()) as BinarySize
  } catch (error) {
    if (error instanceof TaskLimitError) return null
    throw error
  }
}
