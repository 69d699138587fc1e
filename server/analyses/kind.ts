import type { FileRanges } from '../formats/file-ranges.ts'

/** The kinds of analysis that there are; `kinds.ts` says what each of them does. */
export const analysisKinds = [
  'SOLO5',
  'DEPENDENCIES',
  'BINARY_SIZE',
  'FAILURE',
  'COMPONENTS',
  'MODULES',
] as const
export type AnalysisKind = (typeof analysisKinds)[number]

export function isAnalysisKind(text: string): text is AnalysisKind {
  return (analysisKinds as readonly string[]).includes(text)
}

/** What a kind finds its input by: columns of a build, so that neither pages nor uploads look at artifacts for it. */
export type AnalysedBuild = {
  status: string
  mainBinarySha256: string | null
  debugBinarySha256: string | null
  opamSwitchSha256: string | null
  consoleSha256: string
  consoleIndexSha256: string
}

/** Prisma's `select` for an AnalysedBuild. */
export const analysedColumns = {
  status: true,
  mainBinarySha256: true,
  debugBinarySha256: true,
  opamSwitchSha256: true,
  consoleSha256: true,
  consoleIndexSha256: true,
} as const

/** The SHA-256 of what is analysed of a build; null: nothing is. */
export type InputRule = (build: AnalysedBuild) => string | null

export const mainBinary: InputRule = ({ mainBinarySha256 }) => mainBinarySha256
export const mainOrDebugBinary: InputRule = ({ mainBinarySha256, debugBinarySha256 }) =>
  mainBinarySha256 ?? debugBinarySha256
/** Of the two, the one that is sure to have symbols. */
export const debugOrMainBinary: InputRule = ({ mainBinarySha256, debugBinarySha256 }) =>
  debugBinarySha256 ?? mainBinarySha256
/** The file with debug information that is read beside the main binary. */
export const debugBesideMain: InputRule = ({ mainBinarySha256, debugBinarySha256 }) =>
  mainBinarySha256 !== null && debugBinarySha256 !== mainBinarySha256 ? debugBinarySha256 : null
export const opamSwitch: InputRule = ({ opamSwitchSha256 }) => opamSwitchSha256
export const consoleOfFailed: InputRule = ({ status, consoleSha256 }) =>
  status === 'FAILED' ? consoleSha256 : null
/** The index of the console's lines, which is read beside the console. */
export const consoleIndexOfFailed: InputRule = ({ status, consoleIndexSha256 }) =>
  status === 'FAILED' ? consoleIndexSha256 : null

/** One kind of analysis, as the engine sees it. */
export type KindDefinition = {
  /** From 1; raised when the result for the same input may change: older results are made again. */
  version: number
  /** Results of this version and later ones can be shown until they are made again. */
  readableSince: number
  description: string
  inputOf: InputRule
  /** A second file that is read beside the input. */
  debugOf?: InputRule
  /** The input is analysed alone when the content of the second file is lost. */
  isDebugOptional?: boolean
  /** A larger input fails at once. */
  maxInputBytes: number
  /** Of processor time; a run that takes longer is ended, and tried again. */
  maxCpuMs: number
  /** Of the process that does it, typed arrays included; watched on Linux. */
  maxMemoryMiB: number
  /** Runs in a worker process. */
  analyse: (input: FileRanges, debug: FileRanges | null) => { result: unknown; summary: unknown }
}

export type KindRegistry = { readonly [Kind in AnalysisKind]?: KindDefinition }

/**
 * A kind by its parts. `analyse` is a pure function of the input's bytes, which are anything at all;
 * `analyseFile` one of a file that it reads the parts it needs of. What they give becomes JSON in the blob store, of
 * at most 16 MiB. It throws MalformedError, or another DomainError, for inputs that have no result: its message is
 * shown to users, and it is not tried again.
 *
 * `summarize`: what lists show of a result, at most 16 KiB of JSON, kept in the row: it is read for a
 * whole page of builds by one statement. A result that is small enough may be its own summary.
 */
export function defineKind<Result>(
  kind: Omit<KindDefinition, 'analyse' | 'readableSince' | 'maxMemoryMiB'> &
    (
      | { analyse: (bytes: Uint8Array) => Result }
      | { analyseFile: (file: FileRanges, debug: FileRanges | null) => Result }
    ) & {
      summarize?: (result: Result) => unknown
    } & Partial<Pick<KindDefinition, 'readableSince' | 'maxMemoryMiB'>>,
): KindDefinition {
  const { summarize, ...facts } = kind
  return {
    readableSince: 1,
    maxMemoryMiB: 768,
    ...facts,
    analyse(file, debug) {
      const result =
        'analyseFile' in kind ? kind.analyseFile(file, debug) : kind.analyse(file.read(0, file.sizeBytes))
      return { result, summary: summarize ? summarize(result) : null }
    },
  }
}
