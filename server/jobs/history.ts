import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { Grain, JobGrain, PointRow } from './read-history.ts'

/** Sizes in bytes, durations in ms of builds that succeeded. */
export type Point = {
  startsAt: Date
  endsAt: Date
  buildCount: number
  failedCount: number
  reproducedCount: number
  notReproducibleCount: number
  unconfirmedCount: number
  size: number | null
  minSize: number | null
  maxSize: number | null
  meanDurationMs: number | null
  minDurationMs: number | null
  maxDurationMs: number | null
  outputChanged: boolean
  change: { from: BuildId; to: BuildId } | null
  newestId: BuildId
}

export type Series = { platformId: PlatformId; points: Point[] }
export type History = { grain: Grain; platformCount: number; series: Series[] }

/** Points in the order of time, with what changed between them. */
export function toHistories(
  grains: ReadonlyMap<JobId, JobGrain>,
  rows: readonly PointRow[],
): Map<JobId, History> {
  const byPlace = new Map<string, PointRow[]>()
  for (const row of rows) {
    const key = `${row.jobId} ${row.platformId}`
    const own = byPlace.get(key)
    if (own) own.push(row)
    else byPlace.set(key, [row])
  }
  return new Map(
    [...grains].map(([jobId, { grain, platformIds, platformCount }]) => {
      const series = platformIds.map((platformId) => ({
        platformId,
        points: toPoints(byPlace.get(`${jobId} ${platformId}`) ?? []),
      }))
      return [jobId, { grain, platformCount, series: series.filter(({ points }) => points.length > 0) }]
    }),
  )
}

function toPoints(rows: readonly PointRow[]): Point[] {
  const inOrder = rows.toSorted(
    (left, right) => left.startsAt.getTime() - right.startsAt.getTime() || left.newestId - right.newestId,
  )
  let last: { id: BuildId; sha256: string } | null = null
  return inOrder.map((row) => {
    const before = last
    const isOther = before !== null && row.newestSha256 !== null && row.newestSha256 !== before.sha256
    if (row.newestOutputId !== null && row.newestSha256 !== null)
      last = { id: row.newestOutputId, sha256: row.newestSha256 }
    const succeeded = row.buildCount - row.failedCount
    return {
      startsAt: row.startsAt,
      endsAt: row.endsAt,
      buildCount: row.buildCount,
      failedCount: row.failedCount,
      reproducedCount: row.reproducedCount,
      notReproducibleCount: row.notReproducibleCount,
      unconfirmedCount: row.unconfirmedCount,
      size: toNumber(row.newestSizeBytes),
      minSize: toNumber(row.sizeMinBytes),
      maxSize: toNumber(row.sizeMaxBytes),
      meanDurationMs: succeeded > 0 ? Number(row.durationSumMs) / succeeded : null,
      minDurationMs: toNumber(row.durationMinMs),
      maxDurationMs: toNumber(row.durationMaxMs),
      outputChanged: isOther || row.sha256Min !== row.sha256Max,
      change: isOther && row.newestOutputId !== null ? { from: before.id, to: row.newestOutputId } : null,
      newestId: row.newestId,
    }
  })
}

function toNumber(value: bigint | null): number | null {
  return value === null ? null : Number(value)
}
