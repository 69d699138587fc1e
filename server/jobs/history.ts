import { groupBy } from '../group-by.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import { buildPath, comparePath } from '../paths.ts'
import type { Interval, JobInterval, PointRow } from './read-history.ts'

/** A point of a history. Sizes are in bytes, durations in milliseconds, of successful builds only. */
export type Point = {
  startsAt: Date
  endsAt: Date
  buildCount: number
  failedCount: number
  reproducedCount: number
  notReproducibleCount: number
  unconfirmedCount: number
  sizeBytes: number | null
  minSizeBytes: number | null
  maxSizeBytes: number | null
  meanDurationMs: number | null
  minDurationMs: number | null
  maxDurationMs: number | null
  outputChanged: boolean
  change: Change | null
  newestId: BuildId
  /** Path of the page of that build. */
  path: string
}

export type Change = {
  from: BuildId
  to: BuildId
  /** Path of the comparison of the two. */
  path: string
}

export type Series = { platformId: PlatformId; points: Point[] }
export type History = { interval: Interval; platformCount: number; series: Series[] }

/** Converts rows to histories: points in the order of time, with the changes of the output between them. */
export function toHistories(
  intervals: ReadonlyMap<JobId, JobInterval>,
  rows: readonly PointRow[],
): Map<JobId, History> {
  const byPlace = groupBy(rows, ({ jobId, platformId }) => `${jobId} ${platformId}`)
  return new Map(
    [...intervals].map(([jobId, { jobName, interval, platformIds, platformCount }]) => {
      const series = platformIds.map((platformId) => ({
        platformId,
        points: toPoints(jobName, byPlace.get(`${jobId} ${platformId}`) ?? []),
      }))
      return [jobId, { interval, platformCount, series: series.filter(({ points }) => points.length > 0) }]
    }),
  )
}

type Output = { id: BuildId; uuid: string; sha256: string }

function toPoints(jobName: string, rows: readonly PointRow[]): Point[] {
  const inOrder = rows.toSorted(
    (left, right) => left.startsAt.getTime() - right.startsAt.getTime() || left.newestId - right.newestId,
  )
  let last: Output | null = null
  return inOrder.map((row) => {
    const before: Output | null = last
    const output =
      row.newestOutputId !== null && row.newestOutputUuid !== null && row.newestSha256 !== null
        ? { id: row.newestOutputId, uuid: row.newestOutputUuid, sha256: row.newestSha256 }
        : null
    last = output ?? before
    const change =
      before && output && before.sha256 !== output.sha256
        ? { from: before.id, to: output.id, path: comparePath(before.uuid, output.uuid) }
        : null
    const succeeded = row.buildCount - row.failedCount
    return {
      startsAt: row.startsAt,
      endsAt: row.endsAt,
      buildCount: row.buildCount,
      failedCount: row.failedCount,
      reproducedCount: row.reproducedCount,
      notReproducibleCount: row.notReproducibleCount,
      unconfirmedCount: row.unconfirmedCount,
      sizeBytes: toNumber(row.newestSizeBytes),
      minSizeBytes: toNumber(row.sizeMinBytes),
      maxSizeBytes: toNumber(row.sizeMaxBytes),
      meanDurationMs: succeeded > 0 ? Number(row.durationSumMs) / succeeded : null,
      minDurationMs: toNumber(row.durationMinMs),
      maxDurationMs: toNumber(row.durationMaxMs),
      outputChanged: change !== null || row.sha256Min !== row.sha256Max,
      change,
      newestId: row.newestId,
      path: buildPath(jobName, row.newestUuid),
    }
  })
}

function toNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value)
}
