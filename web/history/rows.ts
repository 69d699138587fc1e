import type { PictureRow } from '../charts/picture-files.ts'
import type { History } from './history.ts'

/**
 * The facts of all points, for spreadsheets and programs. Sizes in bytes, durations in ms. `base`: of absolute URLs.
 */
export function toRows(
  job: string,
  { interval, series }: Pick<History, 'interval' | 'series'>,
  base: string,
): PictureRow[] {
  return series.flatMap(({ platform, points }) =>
    points.map((point) => ({
      job,
      platform: platform.name,
      interval: interval.toLowerCase(),
      startsAt: point.startsAt,
      endsAt: point.endsAt,
      builds: point.buildCount,
      failed: point.failedCount,
      reproduced: point.reproducedCount,
      notReproducible: point.notReproducibleCount,
      notConfirmed: point.unconfirmedCount,
      sizeBytes: point.sizeBytes ?? null,
      minSizeBytes: point.minSizeBytes ?? null,
      maxSizeBytes: point.maxSizeBytes ?? null,
      meanDurationMs: point.meanDurationMs ?? null,
      minDurationMs: point.minDurationMs ?? null,
      maxDurationMs: point.maxDurationMs ?? null,
      outputChanged: point.outputChanged,
      newestBuild: new URL(point.resourcePath, base).href,
      comparison: point.change ? new URL(point.change.resourcePath, base).href : null,
    })),
  )
}
