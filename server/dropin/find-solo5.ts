import { LRUCache } from 'lru-cache'
import { findAnalyses, stateOf, type AnalysisFacts } from '../analyses/load-analyses.ts'
import { analyseNow } from '../analyses/run-analysis.ts'
import type { Solo5Result } from '../analyses/solo5/analyse-solo5.ts'
import type { Deps } from '../deps.ts'
import { DomainError } from '../errors.ts'
import { WorkersBusyError } from '../workers/worker-pool.ts'
import { WorkerDiedError } from '../workers/worker-process.ts'
import { solo5Json } from './solo5-json.ts'

const kind = 'SOLO5'

/** What was read ahead of its analysis, by hash: until that is done, others ask for the same. */
const readAhead = new LRUCache<string, { result: Promise<Solo5Result | null> }>({ max: 1_000 })

/**
 * What the main binaries with these hashes say of Solo5, as builder-web answers it; those that are no
 * unikernels are absent. Throws WorkersBusyError.
 *
 * builder-web reads a binary when it is asked: its clients find these facts as soon as a build is
 * there, and take a build without them for none of a unikernel. So what is still to be analysed, in the
 * background and as the machine has time, is read here at once.
 */
export async function findSolo5(
  deps: Pick<Deps, 'analyses' | 'blobs' | 'db' | 'log' | 'workers'>,
  hashes: readonly string[],
): Promise<Map<string, ReturnType<typeof solo5Json>>> {
  const found = new Map<string, ReturnType<typeof solo5Json>>()
  if (hashes.length === 0) return found
  const keys = [...new Set(hashes)].map((inputSha256) => ({ kind, inputSha256 }) as const)
  for (const facts of await findAnalyses({ analyses: deps.analyses, db: deps.db }, keys)) {
    const result = await resultOf(deps, facts)
    if (result && (result.abi || result.manifest)) found.set(facts.inputSha256, solo5Json(result))
  }
  return found
}

async function resultOf(
  deps: Pick<Deps, 'analyses' | 'blobs' | 'log' | 'workers'>,
  facts: AnalysisFacts,
): Promise<Solo5Result | null> {
  const state = stateOf(deps.analyses.kinds, facts)
  if (state === 'FAILED') return null
  const summary = facts.row?.summary
  // Written by the analysis itself.
  if (state === 'READY' && summary != null) return JSON.parse(summary) as Solo5Result
  const { inputSha256 } = facts
  const known = readAhead.get(inputSha256)
  if (known) return known.result
  const result = readNow(deps, inputSha256)
  readAhead.set(inputSha256, { result })
  result.catch(() => readAhead.delete(inputSha256))
  return result
}

async function readNow(
  { analyses, blobs, log, workers }: Pick<Deps, 'analyses' | 'blobs' | 'log' | 'workers'>,
  inputSha256: string,
): Promise<Solo5Result | null> {
  const definition = analyses.kinds[kind]
  if (!definition) return null
  try {
    const { summary } = await analyseNow({ blobs, workers }, { kind, inputSha256 }, definition)
    return summary === null ? null : (JSON.parse(summary) as Solo5Result)
  } catch (error) {
    const isAnswer = error instanceof DomainError || error instanceof WorkerDiedError
    if (!isAnswer || error instanceof WorkersBusyError) throw error
    log.warn({ err: error, inputSha256 }, 'main binary not read for Solo5')
    return null
  }
}
