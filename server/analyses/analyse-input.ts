import { NotAnalysableError } from '../errors.ts'
import { withFileRanges } from '../formats/file-ranges.ts'
import type { AnalysisKind, KindRegistry } from './kind.ts'

/** The paths of the inputs, which the worker process reads itself. */
export type AnalysisCall = { kind: AnalysisKind; file: string; debugFile?: string }

/** JSON, as it is stored. */
export type AnalysisOutput = { result: Uint8Array; summary: string | null }

/** What users would have to wait for a page to load; and the server's memory holds some at once. */
const maxResultBytes = 16 * 1024 ** 2
const maxSummaryCharacters = 16 * 1024

/** The task of worker processes that runs an analysis of one of `kinds`. */
export function analyseInputWith(kinds: KindRegistry) {
  return ({ kind, file: path, debugFile }: AnalysisCall): AnalysisOutput => {
    const definition = kinds[kind]
    if (!definition) throw new Error(`no analysis ${kind}`)
    const { result, summary } = withFileRanges(path, (file) =>
      debugFile === undefined
        ? definition.analyse(file, null)
        : withFileRanges(debugFile, (debug) => definition.analyse(file, debug)),
    )
    const json = Buffer.from(JSON.stringify(result))
    if (json.length > maxResultBytes)
      throw new NotAnalysableError(`the result has more than ${maxResultBytes / 1024 ** 2} MiB`)
    const short = summary === null ? null : JSON.stringify(summary)
    if (short !== null && short.length > maxSummaryCharacters)
      throw new NotAnalysableError(`the result's summary has more than ${maxSummaryCharacters / 1024} KiB`)
    return { result: json, summary: short }
  }
}
