import type { ReadLine } from './console-lines.ts'

/** Why a build failed, as far as its console or its result says. */
export const failureClasses = [
  'OUT_OF_SPACE',
  'OUT_OF_MEMORY',
  'KILLED',
  'TIMEOUT',
  'DEPENDENCY_NOT_SOLVABLE',
  'DOWNLOAD_FAILED',
  'TEST_FAILED',
  'COMPILE_ERROR',
  'NO_BINARY',
  'UNKNOWN',
] as const
export type FailureClass = (typeof failureClasses)[number]

/**
 * How much a line explains. CAUSE: the reason of other failures, which show beside it (a full disk). SIGNAL: a
 * process that was killed or crashed, which also shows as other failures. FAILURE: names the failure. STOP: only
 * says that a tool stopped. HINT: somebody printed an error.
 */
export const ruleRanks = ['CAUSE', 'SIGNAL', 'FAILURE', 'STOP', 'HINT'] as const
export type RuleRank = (typeof ruleRanks)[number]

/** A sign that the build went on after a failure, which was none therefore; see progress-signs.ts. */
export type ProgressSign = 'FETCHED' | 'WORK' | 'CONFIGURE'

/**
 * What the text of a line must match to say that a build failed. `pattern` has to take time in proportion to the
 * line: consoles are hostile. Lines come without times, colours and the marks of opam's reports (`ReadLine.said`).
 */
export type FailureRule = {
  name: string
  class: FailureClass
  rank: RuleRank
  /** In words, as a sentence goes on after "because". */
  because: string
  pattern: RegExp
  /** What the lines around have to be, too. */
  where?: (lines: readonly ReadLine[], at: number) => boolean
  /** The signs of progress that undo the failure; a new command of the build script undoes every failure. */
  undoneBy?: readonly ProgressSign[]
  /** The most lines that may follow, up to the end or the next line that tells of a failure. Default: any number. */
  reach?: number
}

/** A pattern that matches what any of these does. */
export const anyOf = (...patterns: readonly string[]): RegExp => new RegExp(patterns.join('|'))
