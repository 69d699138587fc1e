import { findAnalyses, stateOf, type AnalysisFacts } from '../analyses/load-analyses.ts'
import type { Solo5Result } from '../analyses/solo5/analyse-solo5.ts'
import type { Deps } from '../deps.ts'
import { solo5Json } from './solo5-json.ts'

const kind = 'SOLO5'

/** An analysis takes some ten milliseconds once it begins, but it is done as the machine has time. */
const defaultPatienceMs = 30_000

/**
 * What the main binaries with these hashes say of Solo5, as builder-web answers it; those that are no
 * unikernels are absent.
 *
 * builder-web reads a binary when it is asked, so that its clients find these facts as soon as a build
 * is there, and take a build without them for none of a unikernel. Here they are read in the background:
 * what is still to be read goes first, and the answer waits for it, but not for ever.
 */
export async function findSolo5(
  deps: Pick<Deps, 'analyses' | 'db' | 'events'>,
  hashes: readonly string[],
  patienceMs = defaultPatienceMs,
): Promise<Map<string, ReturnType<typeof solo5Json>>> {
  const facts = await findSettled(deps, [...new Set(hashes)], patienceMs)
  return new Map(
    facts.flatMap(({ inputSha256, row }) => {
      // Written by the analysis itself; null while there is none, or when it failed.
      const result = row?.summary ? (JSON.parse(row.summary) as Solo5Result) : null
      return result && (result.abi || result.manifest) ? [[inputSha256, solo5Json(result)] as const] : []
    }),
  )
}

async function findSettled(
  { analyses, db, events }: Pick<Deps, 'analyses' | 'db' | 'events'>,
  hashes: readonly string[],
  patienceMs: number,
): Promise<AnalysisFacts[]> {
  if (hashes.length === 0) return []
  const keys = hashes.map((inputSha256) => ({ kind, inputSha256 }) as const)
  const ended = new Set<string>()
  let onEnd = () => {}
  // Listens before it looks: what ends in between is not missed.
  const listen = (ending: { kind: string; inputSha256: string }) => {
    if (ending.kind === kind) ended.add(ending.inputSha256)
    onEnd()
  }
  events.on('analysisFinished', listen)
  let impatience: NodeJS.Timeout | undefined
  try {
    const facts = await findAnalyses({ analyses, db }, keys)
    const waiting = facts.filter((one) => ['PENDING', 'RUNNING'].includes(stateOf(analyses.kinds, one)))
    if (waiting.length === 0) return facts
    await new Promise<void>((resolve) => {
      onEnd = () => {
        if (waiting.every(({ inputSha256 }) => ended.has(inputSha256))) resolve()
      }
      onEnd()
      impatience = setTimeout(resolve, patienceMs)
    })
    return await findAnalyses({ analyses, db }, keys)
  } finally {
    clearTimeout(impatience)
    events.off('analysisFinished', listen)
  }
}
