import { changedTokens, type TextPair } from './changed-tokens.ts'
import { datePattern, isOfBuild, parseDate, type BuildTime } from './dates.ts'
import type { Difference, Place, Sign } from './difference.ts'
import { findBinaryTime } from './binary-time.ts'
import { findRandomness } from './randomness.ts'
import { pairsOf } from './text-pairs.ts'

/** Why outputs of the same input differ. The order is the one in which causes of the same likelihood are listed. */
export const causeKinds = [
  'TIMESTAMP',
  'BUILD_PATH',
  'LOCALE',
  'ORDER',
  'COMPRESSION',
  'COMPILER',
  'USER',
  'HOST_NAME',
  'FILE_MODE',
  'RANDOMNESS',
  'BUILD_ID',
] as const
export type CauseKind = (typeof causeKinds)[number]

/** Where a cause shows: the number of the difference, in the order of the tree, and what both sides have there. */
export type Evidence = { difference: number; left: string; right: string }

/**
 * `LIKELY`: the evidence has no other explanation that is known. `POSSIBLE`: it may be a coincidence, or follow from something else.
 * `evidence` holds the first pieces of `evidenceCount`.
 */
export type Cause = {
  kind: CauseKind
  likelihood: 'LIKELY' | 'POSSIBLE'
  evidence: Evidence[]
  evidenceCount: number
}

/** When the two builds ran; null if that is unknown. */
export type BuildTimes = { left: BuildTime; right: BuildTime } | null

type Found = { kind: CauseKind; isLikely: boolean; left: string; right: string }

const maxEvidence = 5

/**
 * The causes that the differences of a tree (in pre-order) are evidence of, the likely ones first. No evidence, no cause: the list may
 * be empty.
 */
export function findCauses(differences: readonly Difference[], times: BuildTimes): Cause[] {
  const causes = new Map<CauseKind, Cause>()
  differences.forEach((difference, number) => {
    for (const { kind, isLikely, left, right } of foundIn(difference, times)) {
      const cause = causes.get(kind) ?? { kind, likelihood: 'POSSIBLE', evidence: [], evidenceCount: 0 }
      causes.set(kind, cause)
      if (isLikely && cause.likelihood === 'POSSIBLE') {
        cause.likelihood = 'LIKELY'
        // Better evidence goes first.
        cause.evidence.unshift({ difference: number, left, right })
        cause.evidence.length = Math.min(cause.evidence.length, maxEvidence)
      } else if (cause.evidence.length < maxEvidence) cause.evidence.push({ difference: number, left, right })
      cause.evidenceCount += 1
    }
  })
  const rank = ({ kind, likelihood }: Cause) => (likelihood === 'LIKELY' ? 0 : 100) + causeKinds.indexOf(kind)
  return [...causes.values()].sort((a, b) => rank(a) - rank(b))
}

function foundIn(difference: Difference, times: BuildTimes): Found[] {
  const ofTexts = pairsOf(difference).flatMap((pair) => [
    ...findTimestamps(pair, times),
    ...findPaths(pair),
    ...findNames(pair),
    ...findLocales(pair),
  ])
  const ofBytes = difference.places.flatMap((place) => ofPlace(place, difference, times))
  return [...difference.signs.map(ofSign), ...ofTexts, ...ofMetadata(difference), ...ofBytes]
}

const kindOfSign: Record<Sign['kind'], CauseKind> = {
  ORDER: 'ORDER',
  COLLATION: 'LOCALE',
  COMPRESSION: 'COMPRESSION',
  BUILD_ID: 'BUILD_ID',
  COMPILER: 'COMPILER',
}

/** A build id is a hash of the program: it follows from other differences. */
function ofSign({ kind, left, right }: Sign): Found {
  return { kind: kindOfSign[kind], isLikely: kind !== 'BUILD_ID', left, right }
}

function findTimestamps(pair: TextPair, times: BuildTimes): Found[] {
  return changedTokens(pair, datePattern).flatMap(({ left, right }): Found[] => {
    const [one, other] = [parseDate(left), parseDate(right)]
    if (!one || !other)
      return /^\d\d:\d\d:\d\d$/.test(left) ? [{ kind: 'TIMESTAMP', isLikely: false, left, right }] : []
    const isLikely = times !== null && isOfBuild(one, times.left) && isOfBuild(other, times.right)
    // Any ten digits are seconds since 1970.
    if (!isLikely && /^\d+$/.test(left)) return []
    return [{ kind: 'TIMESTAMP', isLikely, left, right }]
  })
}

const pathPattern = /(?<![\w.-])\/(?:[\w.+@~%=-]+\/)+[\w.+@~%=-]*/g

/** Paths that end alike and begin otherwise. */
function findPaths(pair: TextPair): Found[] {
  return changedTokens(pair, pathPattern).flatMap(({ left, right }): Found[] => {
    const [one, other] = [left.split('/'), right.split('/')]
    let same = 0
    while (same < Math.min(one.length, other.length) - 1 && one.at(-1 - same) === other.at(-1 - same)) same++
    if (same === 0 && one.length !== other.length) return []
    return [{ kind: 'BUILD_PATH', isLikely: same > 0, left, right }]
  })
}

const accountPattern = /(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)*/g
const homePattern = /\/(?:home|Users)\/[\w.+-]+/g

function findNames(pair: TextPair): Found[] {
  const accounts = changedTokens(pair, accountPattern).map(({ left, right }): Found => {
    const isSameUser = left.split('@')[0] === right.split('@')[0]
    return { kind: isSameUser ? 'HOST_NAME' : 'USER', isLikely: true, left, right }
  })
  const homes = changedTokens(pair, homePattern).map(({ left, right }): Found => ({
    kind: 'USER',
    isLikely: true,
    left,
    right,
  }))
  return [...accounts, ...homes]
}

const localePattern = /(?<![\w.])(?:[a-z]{2}_[A-Z]{2}(?:\.[A-Za-z0-9-]+)?|C\.UTF-8|POSIX)(?![\w.])/g

function findLocales(pair: TextPair): Found[] {
  return changedTokens(pair, localePattern).map(({ left, right }): Found => ({
    kind: 'LOCALE',
    isLikely: true,
    left,
    right,
  }))
}

const kindOfValue: Record<string, CauseKind> = { owner: 'USER', group: 'USER', mode: 'FILE_MODE' }

function ofMetadata({ values }: Difference): Found[] {
  return values.flatMap(({ name, left, right }): Found[] => {
    const kind = kindOfValue[name.replace(/ of .*$/s, '')]
    return kind ? [{ kind, isLikely: true, left, right }] : []
  })
}

function ofPlace(place: Place, { kind, name, signs }: Difference, times: BuildTimes): Found[] {
  const time = times && findBinaryTime(place, times)
  if (time) return [{ kind: 'TIMESTAMP', isLikely: true, ...time }]
  // Other compressed bytes, and code, look random, too.
  const isOtherwiseKnown =
    signs.length > 0 || /^\.(text|init|fini|plt|debug_|eh_frame|symtab|rela)/.test(name)
  if (isOtherwiseKnown || (kind !== 'BYTES' && kind !== 'SECTION' && kind !== 'SYMBOL')) return []
  const random = findRandomness(place)
  return random ? [{ kind: 'RANDOMNESS', isLikely: false, ...random }] : []
}
