import { analysedBuildOf } from '../analyses/binary-size/load-binary-size-diff.ts'
import type { BinarySize } from '../analyses/binary-size/analyse-binary-size.ts'
import { diffBinarySizes, type BinarySizeDiff } from '../analyses/binary-size/diff-binary-sizes.ts'
import { analyseNow } from '../analyses/analyse-now.ts'
import type { KindDefinition } from '../analyses/kind.ts'
import { kinds } from '../analyses/kinds.ts'
import { keyOf, nameOfKey, type AnalysisKey } from '../analyses/analysis-key.ts'
import { binarySize, parseStored } from '../analyses/stored-results.ts'
import type { LocalCopies } from '../blobs/local-copies.ts'
import type { ComparedBuild } from '../diffs/compared-build.ts'
import { DomainError, StorageFullError } from '../errors.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'

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
  const sizes = await Promise.all([
    analyse(deps, left, one, definition),
    analyse(deps, right, other, definition),
  ])
  return sizes[0]?.isElf && sizes[1]?.isElf ? diffBinarySizes(sizes[0], sizes[1]) : null
}

async function analyse(
  { copies, workers }: Parameters<typeof diffSizes>[0],
  { blobs }: ComparedBuild,
  key: AnalysisKey,
  definition: KindDefinition,
): Promise<BinarySize | null> {
  let output
  try {
    output = await analyseNow({ blobs, copies, workers }, key, definition)
  } catch (error) {
    // Too large, malformed, or beyond a limit. The other comparisons are printed.
    if (error instanceof DomainError && !(error instanceof StorageFullError)) return null
    throw error
  }
  const sizes = parseStored(binarySize, Buffer.from(output.result).toString())
  if (!sizes) throw new Error('the result of the analysis BINARY_SIZE does not have its shape')
  return sizes
}
