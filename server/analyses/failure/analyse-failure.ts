import type { FileRanges } from '../../formats/file-ranges.ts'
import { readConsoleLines } from './console-lines.ts'
import { excerptOfEnd, type Excerpt } from './excerpt.ts'
import type { FailureClass } from './failure-rule.ts'
import { findFailure } from './find-failure.ts'
import { findLastCommand, type LastCommand } from './last-command.ts'

/**
 * What the console of a failed build tells of the reason. `line` is the number of the line that `rule`
 * matched: it lies in `excerpt`, or heads the report that the excerpt is the end of. Both are null when no
 * rule did. `ending` is how the console ends; null when it is empty. `last`: what ran last.
 */
export type ConsoleFailure = {
  class: FailureClass
  rule: string | null
  because: string | null
  line: number | null
  excerpt: Excerpt | null
  /** The rule says only that something stopped. */
  isWeak: boolean
  /** Hardly anything follows in the console. */
  isAtEnd: boolean
  ending: Excerpt | null
  last: LastCommand | null
}

/** What lists show of it. */
export type FailureSummary = Pick<
  ConsoleFailure,
  'class' | 'rule' | 'because' | 'isWeak' | 'isAtEnd' | 'last'
>

export function summarizeFailure(failure: ConsoleFailure): FailureSummary {
  const { class: failureClass, rule, because, isWeak, isAtEnd, last } = failure
  return { class: failureClass, rule, because, isWeak, isAtEnd, last }
}

const lastLines = 12

/**
 * Of the console file of a build that failed (server/builds/console.ts), any bytes, and the index of its lines. How
 * the build ended is not known here, see `explainFailure`.
 */
export function analyseFailure(file: Uint8Array, index: FileRanges | null = null): ConsoleFailure {
  const { head, tail } = readConsoleLines(file, index)
  const found = findFailure(tail) ?? foundBefore(head) ?? unknown
  return {
    ...found,
    ending: excerptOfEnd(tail, lastLines) ?? excerptOfEnd(head, lastLines),
    last: findLastCommand(tail),
  }
}

type Found = Omit<ConsoleFailure, 'ending' | 'last'>
const unknown: Found = {
  class: 'UNKNOWN',
  rule: null,
  because: null,
  line: null,
  excerpt: null,
  isWeak: true,
  isAtEnd: false,
}

/** Of what stands before a very long end, only what a build does not survive can be the reason. */
function foundBefore(head: Parameters<typeof findFailure>[0]): Found | null {
  const found = findFailure(head)
  const isFinal =
    found?.class === 'COMPILE_ERROR' ||
    found?.class === 'TEST_FAILED' ||
    found?.class === 'DEPENDENCY_NOT_SOLVABLE'
  return found && isFinal && !found.isWeak ? { ...found, isAtEnd: false } : null
}
