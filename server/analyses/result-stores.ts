import type { Transaction } from '../database/writer.ts'
import { announceSet } from '../advisories/announce-matches.ts'
import { matchNewSet } from '../advisories/match-sets.ts'
import { componentList } from '../package-sets/component-list.ts'
import { storeComponents } from '../package-sets/store-components.ts'
import type { AnalysisKey } from './analysis-key.ts'
import { storeExcerpt } from './failure/store-excerpt.ts'
import type { AnalysisKind } from './kind.ts'
import { consoleFailure, parseStored } from './stored-results.ts'

/** What the transaction that completes an analysis writes of its result, beside the result itself. `result` is its JSON. */
export type ResultStore = (tx: Transaction, key: AnalysisKey, result: Uint8Array, now: Date) => Promise<void>

/** Kinds whose results are rows, too. They are not in `kinds.ts`, which worker processes load. */
export const resultStores: { readonly [Kind in AnalysisKind]?: ResultStore } = {
  async COMPONENTS(tx, { inputSha256 }, result, now) {
    const list = componentList.parse(JSON.parse(Buffer.from(result).toString()))
    const stored = await storeComponents(tx, inputSha256, list, now)
    await matchNewSet(tx, stored)
    await announceSet(tx, stored.setId, now)
  },
  async FAILURE(tx, { inputSha256 }, result) {
    const failure = parseStored(consoleFailure, Buffer.from(result).toString())
    if (failure) await storeExcerpt(tx, inputSha256, failure)
  },
}
