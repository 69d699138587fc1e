import type { Verdict } from '../builds/verdict.ts'
import type { StoredBuild } from './build-facts.ts'

/** What adds up over the builds of a period in any order. Durations are those of builds that exited 0. */
export type PeriodSums = {
  buildCount: number
  failedCount: number
  reproducedCount: number
  notReproducibleCount: number
  unconfirmedCount: number
  durationSumMs: bigint
  durationMinMs: bigint | null
  durationMaxMs: bigint | null
  sizeMinBytes: bigint | null
  sizeMaxBytes: bigint | null
  sha256Min: string | null
  sha256Max: string | null
}

/** The names of the columns that are added, and of those of which the least or the greatest value is kept. */
export const addedColumns = [
  ...(['buildCount', 'failedCount', 'reproducedCount', 'notReproducibleCount', 'unconfirmedCount'] as const),
  'durationSumMs' as const,
]
export const leastColumns = ['durationMinMs', 'sizeMinBytes', 'sha256Min'] as const
export const greatestColumns = ['durationMaxMs', 'sizeMaxBytes', 'sha256Max'] as const

const nothing: PeriodSums = {
  buildCount: 0,
  failedCount: 0,
  reproducedCount: 0,
  notReproducibleCount: 0,
  unconfirmedCount: 0,
  durationSumMs: 0n,
  durationMinMs: null,
  durationMaxMs: null,
  sizeMinBytes: null,
  sizeMaxBytes: null,
  sha256Min: null,
  sha256Max: null,
}

const countOfVerdict = {
  REPRODUCED: 'reproducedCount',
  NOT_REPRODUCIBLE: 'notReproducibleCount',
  UNCONFIRMED: 'unconfirmedCount',
  NO_OUTPUT: null,
} as const

/** The sums of one build. */
export function sumsOf({ startedAt, finishedAt, isSuccess, output, verdict }: StoredBuild): PeriodSums {
  const durationMs = isSuccess ? BigInt(finishedAt.getTime() - startedAt.getTime()) : null
  return {
    ...withVerdict(verdict, 1),
    buildCount: 1,
    failedCount: isSuccess ? 0 : 1,
    durationSumMs: durationMs ?? 0n,
    ...{ durationMinMs: durationMs, durationMaxMs: durationMs },
    ...{ sizeMinBytes: output?.sizeBytes ?? null, sizeMaxBytes: output?.sizeBytes ?? null },
    ...{ sha256Min: output?.sha256 ?? null, sha256Max: output?.sha256 ?? null },
  }
}

/** What takes a build off. The least and the greatest values stay. */
export function taken(sums: PeriodSums): PeriodSums {
  return {
    ...nothing,
    buildCount: -sums.buildCount,
    failedCount: -sums.failedCount,
    reproducedCount: -sums.reproducedCount,
    notReproducibleCount: -sums.notReproducibleCount,
    unconfirmedCount: -sums.unconfirmedCount,
    durationSumMs: -sums.durationSumMs,
  }
}

/** What a changed verdict adds. */
export function sumsOfChange(from: Verdict, to: Verdict): PeriodSums {
  return plus(withVerdict(from, -1), withVerdict(to, 1))
}

function withVerdict(verdict: Verdict, count: number): PeriodSums {
  const column = countOfVerdict[verdict]
  return column === null ? nothing : { ...nothing, [column]: count }
}

export function plus(left: PeriodSums, right: PeriodSums): PeriodSums {
  return {
    buildCount: left.buildCount + right.buildCount,
    failedCount: left.failedCount + right.failedCount,
    reproducedCount: left.reproducedCount + right.reproducedCount,
    notReproducibleCount: left.notReproducibleCount + right.notReproducibleCount,
    unconfirmedCount: left.unconfirmedCount + right.unconfirmedCount,
    durationSumMs: left.durationSumMs + right.durationSumMs,
    durationMinMs: least(left.durationMinMs, right.durationMinMs),
    durationMaxMs: greatest(left.durationMaxMs, right.durationMaxMs),
    sizeMinBytes: least(left.sizeMinBytes, right.sizeMinBytes),
    sizeMaxBytes: greatest(left.sizeMaxBytes, right.sizeMaxBytes),
    sha256Min: least(left.sha256Min, right.sha256Min),
    sha256Max: greatest(left.sha256Max, right.sha256Max),
  }
}

export const sumUp = (builds: readonly StoredBuild[]) => builds.map(sumsOf).reduce(plus, nothing)

function least<Value extends bigint | string>(left: Value | null, right: Value | null): Value | null {
  return left === null || (right !== null && right < left) ? right : left
}

function greatest<Value extends bigint | string>(left: Value | null, right: Value | null): Value | null {
  return left === null || (right !== null && right > left) ? right : left
}
