import { NotAnalysableError } from '../errors.ts'
import { rangesOf, withFileRanges, type FileRanges } from '../formats/file-ranges.ts'
import type { AnalysisKind, KindRegistry } from './kind.ts'

/** An input as a worker process gets it: large ones lie in a file, which it reads itself. */
export type AnalysisCall = { kind: AnalysisKind; input: AnalysisInput; debug?: AnalysisInput }
export type AnalysisInput = { file: string } | { bytes: Uint8Array }

/** JSON, as it is stored. */
export type AnalysisOutput = { result: Uint8Array; summary: string | null }

/** What users would have to wait for a page to load; and the server's memory holds some at once. */
const maxResultBytes = 16 * 1024 ** 2
const maxSummaryCharacters = 16 * 1024

/** The task of worker processes that runs an analysis of one of `kinds`. */
export function analyseInputWith(kinds: KindRegistry) {
  return ({ kind, input, debug }: AnalysisCall): AnalysisOutput => {
    const definition = kinds[kind]
    if (!definition) throw new Error(`no analysis ${kind}`)
    const { result, summary } = withInput(input, (file) =>
      debug ? withInput(debug, (beside) => definition.analyse(file, beside)) : definition.analyse(file, null),
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

function withInput<Value>(input: AnalysisInput, use: (file: FileRanges) => Value): Value {
  return 'bytes' in input ? use(rangesOf(input.bytes)) : withFileRanges(input.file, use)
}
