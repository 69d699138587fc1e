import { LRUCache } from 'lru-cache'
import { toBlobId, type BlobId } from '../../blobs/blob-store.ts'
import { unlessDamaged } from '../../blobs/checked-stream.ts'
import type { Deps } from '../../deps.ts'
import type { ComparedBuild } from '../../diffs/compared-build.ts'
import type { Side } from '../../formats/side.ts'
import { perServer } from '../../per-server.ts'
import { debugBinaryOf } from '../../builds/artifact-roles.ts'
import type { AnalysedBuild } from '../kind.ts'
import { loadAnalysisOf, loadResult, stateOf, summaryOf } from '../load-analyses.ts'
import { binarySize, binarySizeFacts } from '../stored-results.ts'
import type { BinarySizeDiff } from './diff-binary-sizes.ts'

/** The difference, or why there is none, in words. */
export type LoadedSizeDiff = { diff: BinarySizeDiff; reason: null } | { diff: null; reason: string }

type Loading = Pick<Deps, 'analyses' | 'blobs' | 'copies' | 'db' | 'workers'>
type Cached = { diff: BinarySizeDiff; bytes: number }
type Results = { left: BlobId; right: BlobId; loading: Loading }

/** Differences that were made, by the hashes of both results: these never change. */
const cacheOf = perServer(
  () =>
    new LRUCache<string, Cached, Results>({
      // What is parsed takes a few times as much.
      maxSize: 16 * 1024 ** 2,
      sizeCalculation: ({ bytes }) => bytes,
      // Who asks while it is being made waits for the same.
      async fetchMethod(_key, _known, { context: { left, right, loading } }) {
        const { blobs, copies, workers } = loading
        const json = await copies.withFile(blobs, left, (leftFile) =>
          copies.withFile(blobs, right, (rightFile) =>
            workers.run('diffBinarySizes', { leftFile, rightFile }),
          ),
        )
        // Written by that task, in this version of the server.
        return { diff: JSON.parse(Buffer.from(json).toString()) as BinarySizeDiff, bytes: json.length }
      },
    }),
)

/**
 * How the sizes of the binaries of two builds differ. What is not analysed yet will be soon. Trees are
 * large: they are read and merged in a worker process.
 */
export async function loadBinarySizeDiff(
  context: Loading,
  left: ComparedBuild,
  right: ComparedBuild,
): Promise<LoadedSizeDiff> {
  const [one, other] = await Promise.all([
    findResult(context, left, 'left'),
    findResult(context, right, 'right'),
  ])
  if ('reason' in one || 'reason' in other) {
    const reasons = [one, other].flatMap((side) => ('reason' in side ? [side.reason] : []))
    return { diff: null, reason: reasons.join('; ') }
  }
  const { diff } = await cacheOf(context.workers).forceFetch(`${one.id} ${other.id}`, {
    context: { left: one.id, right: other.id, loading: context },
  })
  return { diff, reason: null }
}

async function findResult(
  context: Loading,
  compared: ComparedBuild,
  side: Side,
): Promise<{ id: BlobId } | { reason: string }> {
  const build = analysedBuildOf(compared)
  const facts = await loadAnalysisOf(context, 'BINARY_SIZE', build)
  if (!facts) return { reason: `the ${side} build has no main binary` }
  const { row } = facts
  const state = stateOf(context.analyses.kinds, facts)
  if (state === 'FAILED') {
    return { reason: `the binary of the ${side} build could not be analysed: ${row?.error ?? 'unknown'}` }
  }
  const notYet = { reason: `the binary of the ${side} build is not analysed yet` }
  if (state !== 'READY' || !row?.resultSha256 || row.summary === null) return notYet
  const summary = summaryOf(context, facts, binarySizeFacts, row)
  if (!summary) return notYet
  const { isElf, reason } = summary
  if (!isElf) return { reason: `the binary of the ${side} build cannot be analysed: ${reason}` }
  const id = toBlobId(row.resultSha256)
  if ((await unlessDamaged(context.blobs.sizeBytes(id))) !== null) return { id }
  // It has gone missing: to ask for it has it made again.
  await loadResult(context, 'BINARY_SIZE', binarySize, build)
  return notYet
}

/** As much of a compared build as tells which file is analysed for its sizes. */
export function analysedBuildOf({ mainBinary, artifacts }: ComparedBuild): AnalysedBuild {
  return {
    status: '',
    mainBinarySha256: mainBinary?.sha256 ?? null,
    debugBinarySha256: debugBinaryOf(artifacts, mainBinary?.path ?? null)?.sha256 ?? null,
    opamSwitchSha256: null,
    consoleSha256: '',
    consoleIndexSha256: '',
  }
}
