import { LRUCache } from 'lru-cache'
import type { Deps } from '../../deps.ts'
import type { ComparedBuild } from '../../diffs/compared-build.ts'
import type { Side } from '../../formats/side.ts'
import { debugBinaryOf, type AnalysedBuild } from '../kind.ts'
import { loadAnalysisOf, loadResult, stateOf } from '../load-analyses.ts'
import type { BinarySize } from './analyse-binary-size.ts'
import { diffBinarySizes, type BinarySizeDiff } from './diff-binary-sizes.ts'

/** The difference, or why there is none, in words. */
export type LoadedSizeDiff = { diff: BinarySizeDiff; reason: null } | { diff: null; reason: string }

type Loading = Pick<Deps, 'analyses' | 'blobs' | 'db'>

/** Differences that were made, by the hashes of both results: these never change. */
const cache = new LRUCache<string, BinarySizeDiff>({
  maxSize: 32 * 1024 ** 2,
  sizeCalculation: ({ tree, modules }) => 80 * (tree.names.length + modules.length) + 1_000,
})

/** How the sizes of the binaries of two builds differ. What is not analysed yet will be soon. */
export async function loadBinarySizeDiff(
  context: Loading,
  left: ComparedBuild,
  right: ComparedBuild,
): Promise<LoadedSizeDiff> {
  const [one, other] = await Promise.all([loadSide(context, left, 'left'), loadSide(context, right, 'right')])
  const reasons = [one, other].flatMap(({ reason }) => (reason === null ? [] : [reason]))
  if (!one.result || !other.result || reasons.length > 0) return { diff: null, reason: reasons.join('; ') }
  const key = `${one.sha256} ${other.sha256}`
  const diff = cache.get(key) ?? diffBinarySizes(one.result, other.result)
  cache.set(key, diff)
  return { diff, reason: null }
}

type LoadedSide = { result: BinarySize | null; sha256: string | null; reason: string | null }

async function loadSide(context: Loading, compared: ComparedBuild, side: Side): Promise<LoadedSide> {
  const build = analysedBuildOf(compared)
  const none = (reason: string): LoadedSide => ({ result: null, sha256: null, reason })
  const facts = await loadAnalysisOf(context, 'BINARY_SIZE', build)
  if (!facts) return none(`the ${side} build has no main binary`)
  if (stateOf(context.analyses.kinds, facts) === 'FAILED') {
    return none(`the binary of the ${side} build could not be analysed: ${facts.row?.error ?? 'unknown'}`)
  }
  const result = await loadResult<BinarySize>(context, 'BINARY_SIZE', build)
  if (!result) return none(`the binary of the ${side} build is not analysed yet`)
  if (!result.isElf) return none(`of the binary of the ${side} build nothing can be told: ${result.reason}`)
  return { result, sha256: facts.row?.resultSha256 ?? null, reason: null }
}

/** As much of a compared build as tells which file is analysed for its sizes. */
export function analysedBuildOf({ mainBinary, artifacts }: ComparedBuild): AnalysedBuild {
  return {
    status: '',
    mainBinarySha256: mainBinary?.sha256 ?? null,
    debugBinarySha256: debugBinaryOf(artifacts)?.sha256 ?? null,
    opamSwitchSha256: null,
    consoleSha256: '',
  }
}
