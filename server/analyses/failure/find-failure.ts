import type { ReadLine } from './console-lines.ts'
import { excerptAround, excerptOfReport, type Excerpt } from './excerpt.ts'
import { ruleRanks, type FailureClass, type FailureRule, type RuleRank } from './failure-rule.ts'
import { findRule } from './failure-rules.ts'
import { kindsOf, type LineKind } from './line-kinds.ts'
import { progressOf } from './progress-signs.ts'

/** A failure that a console shows. `line` is the number of the line that `rule` matched. */
export type FoundFailure = {
  class: FailureClass
  rule: string
  because: string
  line: number
  excerpt: Excerpt
  /** The rule says only that something stopped, or that somebody printed an error. */
  isWeak: boolean
  /** Hardly anything follows: the failure is how the console ends. */
  isAtEnd: boolean
}

type Match = { at: number; rule: FailureRule }

/** Lines of one failure follow each other more closely than this. */
const clusterLines = 40
/** A cause shows as other failures within as many lines. */
const causeLines = 60
/** So many lines may follow a failure with which the console ends. */
const endLines = 12

/**
 * The failure that the lines of a console show, by where it stands and whether the build went on after it;
 * null when none is sure enough.
 *
 * 1. Lines that tell nothing by themselves are left out (line-kinds.ts), and failures after which the build went
 *    on (progress-signs.ts), or after which more was printed than their rules allow.
 * 2. Of what is left, the last lines that are close to each other count: first a cause that shows as other
 *    failures, then a signal, then the last line that names a failure.
 * 3. Only where nothing names it, the first line of a tool that stopped, then the last error that was printed.
 */
export function findFailure(lines: readonly ReadLine[]): FoundFailure | null {
  const kinds = kindsOf(lines)
  const matches = inReach(standingMatches(lines, kinds), lines, kinds)
  const named = matches.filter(({ rule }) => rankOf(rule) <= rankIndex('FAILURE'))
  const stops = matches.filter(({ rule }) => rule.rank === 'STOP')
  return (
    ofNamed(lines, kinds, named) ??
    ofCluster(lines, kinds, stopCluster(stops), clusterOf(stops)[0]) ??
    ofCluster(lines, kinds, matches.slice(-1), matches.at(-1))
  )
}

function standingMatches(lines: readonly ReadLine[], kinds: readonly LineKind[]): Match[] {
  const { undid } = progressOf(lines, kinds)
  const matches: Match[] = []
  lines.forEach((_line, at) => {
    if (kinds[at] !== 'TEXT') return
    const rule = findRule(lines, at)
    if (rule && !undid(rule, at)) matches.push({ at, rule })
  })
  return matches
}

/** Lines with which tools end after a failure: the list of what opam did, orb's words, blank lines. */
const epiloguePattern =
  /^(?:[│├└┌╶╰╭+|`] ?|\[ORB\]|orb: \[|<><>|The former state can be restored|opam switch import)/

/** Leaves out what is too far from the end, or from the next line that tells of a failure. */
function inReach(matches: readonly Match[], lines: readonly ReadLine[], kinds: readonly LineKind[]): Match[] {
  // How many lines that say something there are before each line.
  const before = new Int32Array(lines.length + 1)
  lines.forEach(({ said }, at) => {
    const says =
      said.trim() !== '' && kinds[at] !== 'TRACE' && kinds[at] !== 'LISTING' && !epiloguePattern.test(said)
    before[at + 1] = (before[at] ?? 0) + (says ? 1 : 0)
  })
  const kept: Match[] = []
  let next = before[lines.length] ?? 0
  for (const match of matches.toReversed()) {
    const { reach = Infinity } = match.rule
    const here = before[match.at + 1] ?? 0
    if (next - here > reach) continue
    kept.push(match)
    next = before[match.at] ?? 0
  }
  return kept.reverse()
}

function ofNamed(
  lines: readonly ReadLine[],
  kinds: readonly LineKind[],
  named: readonly Match[],
): FoundFailure | null {
  const end = named.at(-1)?.at ?? 0
  const near = clusterOf(named).filter(({ at, rule }) => rule.rank === 'FAILURE' || end - at <= causeLines)
  const rank = near.reduce((lowest, { rule }) => Math.min(lowest, rankOf(rule)), Infinity)
  const best = near.filter(({ rule }) => rankOf(rule) === rank)
  return ofCluster(lines, kinds, best, best.at(-1))
}

/** Where tools stop one after the other, the first of them knows best. */
function stopCluster(stops: readonly Match[]): readonly Match[] {
  const cluster = clusterOf(stops)
  const specific = cluster.filter(({ rule }) => rule.name !== 'opam-build')
  return specific.length > 0 ? specific : cluster
}

function ofCluster(
  lines: readonly ReadLine[],
  kinds: readonly LineKind[],
  cluster: readonly Match[],
  chosen: Match | undefined,
): FoundFailure | null {
  if (!chosen) return null
  // Where it begins: the first error is the one to read, the others follow from it.
  const same = cluster.filter(({ rule }) => rule.class === chosen.rule.class)
  const { at, rule } = same.find((match) => excerptOfReport(lines, match.at) === null) ?? same[0] ?? chosen
  const last = (same.findLast((other) => other.rule === rule) ?? chosen).at
  return {
    class: rule.class,
    rule: rule.name,
    because: rule.because,
    line: lines[at]?.number ?? 1,
    excerpt: excerptOfReport(lines, at) ?? excerptAround(lines, kinds, at, last),
    isWeak: rankOf(rule) > rankIndex('FAILURE'),
    isAtEnd: lines.slice(last + 1).filter(({ said }) => said !== '').length <= endLines,
  }
}

/** The matches at the end that are not far from each other. */
function clusterOf(matches: readonly Match[]): readonly Match[] {
  const start = matches.findLastIndex(({ at }, i) => at - (matches[i - 1]?.at ?? -Infinity) > clusterLines)
  return matches.slice(Math.max(0, start))
}

function rankOf({ rank }: FailureRule): number {
  return rankIndex(rank)
}

function rankIndex(rank: RuleRank): number {
  return ruleRanks.indexOf(rank)
}
