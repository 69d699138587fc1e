import { readConsoleLines, type ReadLine } from './console-lines.ts'
import { excerptAround, excerptOfEnd, excerptOfReport, type Excerpt } from './excerpt.ts'
import { findRule, type FailureClass, type FailureRule } from './failure-rules.ts'

/**
 * What the console of a failed build tells of the reason. `line` is the number of the line that `rule`
 * matched: it lies in `excerpt`, or heads the report that the excerpt is the end of. Both are null when no
 * rule did. `ending` is how the console ends; null when it is empty.
 */
export type ConsoleFailure = {
  class: FailureClass
  rule: string | null
  because: string | null
  line: number | null
  excerpt: Excerpt | null
  ending: Excerpt | null
}

/** What lists show of it. */
export type FailureSummary = Pick<ConsoleFailure, 'class' | 'rule' | 'because'>

export function summarizeFailure({ class: failureClass, rule, because }: ConsoleFailure): FailureSummary {
  return { class: failureClass, rule, because }
}

/** Lines of one failure follow each other more closely than this. */
const clusterLines = 40
const lastLines = 12

/**
 * Of the console file of a build that failed (server/builds/console.ts): any bytes. How the build ended
 * is not known here, see `explainFailure`.
 */
export function analyseFailure(file: Uint8Array): ConsoleFailure {
  const { head, tail } = readConsoleLines(file)
  const found = findFailure(tail) ?? findFailure(head) ?? unknown
  return { ...found, ending: excerptOfEnd(tail, lastLines) ?? excerptOfEnd(head, lastLines) }
}

type Found = Omit<ConsoleFailure, 'ending'>
const unknown: Found = { class: 'UNKNOWN', rule: null, because: null, line: null, excerpt: null }

type Match = { at: number; rule: FailureRule }

function findFailure(lines: readonly ReadLine[]): Found | null {
  const matches: Match[] = []
  lines.forEach(({ said }, at) => {
    const rule = said === '' ? null : findRule(said)
    if (rule) matches.push({ at, rule })
  })
  const rank = matches.reduce((lowest, { rule }) => Math.min(lowest, rule.rank), Infinity)
  const named = matches.filter(({ rule }) => rule.rank === rank)
  const last = named.at(-1)
  if (!last) return null

  // Where it begins: the first error is the one to read, the others follow from it.
  const cluster = clusterOf(named.filter(({ rule }) => rule.class === last.rule.class))
  const { at, rule } = cluster.find((match) => !isHeading(match, lines)) ?? cluster[0] ?? last
  return {
    class: rule.class,
    rule: rule.name,
    because: rule.because,
    line: lines[at]?.number ?? null,
    excerpt:
      excerptOfReport(lines, at) ??
      excerptAround(lines, at, (cluster.findLast((other) => other.rule === rule) ?? last).at),
  }
}

function isHeading({ at }: Match, lines: readonly ReadLine[]): boolean {
  return excerptOfReport(lines, at) !== null
}

/** The matches at the end that are not far from each other. */
function clusterOf(matches: readonly Match[]): readonly Match[] {
  const start = matches.findLastIndex(({ at }, i) => at - (matches[i - 1]?.at ?? -Infinity) > clusterLines)
  return matches.slice(Math.max(0, start))
}
