import { LRUCache } from 'lru-cache'
import { findAnalyses, stateOf, type AnalysisFacts } from '../analyses/load-analyses.ts'
import { analyseNow } from '../analyses/analyse-now.ts'
import type { Solo5Result } from '../analyses/solo5/analyse-solo5.ts'
import { parseStored, solo5Result } from '../analyses/stored-results.ts'
import type { Deps } from '../deps.ts'
import { perServer } from '../per-server.ts'
import { DomainError } from '../errors.ts'
import { WorkersBusyError } from '../workers/worker-pool.ts'
import { WorkerDiedError } from '../workers/worker-process.ts'
import { solo5Json } from './solo5-json.ts'

const kind = 'SOLO5'

/** Facts that were read before the analysis finished, by the SHA-256 of the binary. */
const readAheadOf = perServer(
  () => new LRUCache<string, { result: Promise<Solo5Result | null> }>({ max: 1_000 }),
)

/**
 * The Solo5 facts of the main binaries with these hashes, in builder-web's JSON. Binaries that are not
 * unikernels are absent. Throws WorkersBusyError.
 *
 * builder-web reads the binary on each request. Its clients therefore expect these facts as soon as a
 * build exists, and treat a build without them as not being a unikernel. If the analysis in the
 * background has not finished, this function reads the binary at once.
 */
export async function findSolo5(
  deps: Pick<Deps, 'analyses' | 'blobs' | 'copies' | 'db' | 'log' | 'workers'>,
  hashes: readonly string[],
): Promise<Map<string, ReturnType<typeof solo5Json>>> {
  const found = new Map<string, ReturnType<typeof solo5Json>>()
  if (hashes.length === 0) return found
  const keys = [...new Set(hashes)].map((inputSha256) => ({ kind, inputSha256, debugSha256: '' }) as const)
  for (const facts of await findAnalyses({ analyses: deps.analyses, db: deps.db }, keys)) {
    const result = await resultOf(deps, facts)
    if (result && (result.abi || result.manifest)) found.set(facts.inputSha256, solo5Json(result))
  }
  return found
}

async function resultOf(
  deps: Pick<Deps, 'analyses' | 'blobs' | 'copies' | 'log' | 'workers'>,
  facts: AnalysisFacts,
): Promise<Solo5Result | null> {
  const state = stateOf(deps.analyses.kinds, facts)
  if (state === 'FAILED') return null
  const summary = facts.row?.summary
  const stored = state === 'READY' && summary != null ? parseStored(solo5Result, summary) : null
  if (stored) return stored
  const { inputSha256 } = facts
  const readAhead = readAheadOf(deps.workers)
  const known = readAhead.get(inputSha256)
  if (known) return known.result
  const result = readNow(deps, inputSha256)
  readAhead.set(inputSha256, { result })
  result.catch(() => readAhead.delete(inputSha256))
  return result
}

async function readNow(
  { analyses, blobs, copies, log, workers }: Pick<Deps, 'analyses' | 'blobs' | 'copies' | 'log' | 'workers'>,
  inputSha256: string,
): Promise<Solo5Result | null> {
  const definition = analyses.kinds[kind]
  if (!definition) return null
  try {
    const { summary } = await analyseNow(
      { blobs, copies, workers },
      { kind, inputSha256, debugSha256: '' },
      definition,
    )
    return summary === null ? null : parseStored(solo5Result, summary)
  } catch (error) {
    const isAnswer = error instanceof DomainError || error instanceof WorkerDiedError
    if (!isAnswer || error instanceof WorkersBusyError) throw error
    log.warn({ err: error, inputSha256 }, 'main binary not read for Solo5')
    return null
  }
}
