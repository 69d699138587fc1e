import type { History, Point } from '../../../web/history/history.ts'

/** A point of one successful build. */
export function point(startsAt: string, parts: Partial<Point> = {}): Point {
  return {
    __typename: 'HistoryPoint',
    startsAt,
    endsAt: new Date(new Date(startsAt).getTime() + 60_000).toISOString(),
    buildCount: 1,
    failedCount: 0,
    reproducedCount: 0,
    notReproducibleCount: 0,
    unconfirmedCount: 1,
    sizeBytes: 1000,
    minSizeBytes: 1000,
    maxSizeBytes: 1000,
    meanDurationMs: 60_000,
    minDurationMs: 60_000,
    maxDurationMs: 60_000,
    outputChanged: false,
    change: null,
    resourcePath: `/job/hello/build/${startsAt}`,
    ...parts,
  }
}

export const failed: Partial<Point> = {
  failedCount: 1,
  unconfirmedCount: 0,
  ...{ sizeBytes: null, minSizeBytes: null, maxSizeBytes: null },
  ...{ meanDurationMs: null, minDurationMs: null, maxDurationMs: null },
}

/** A size, as of one build. */
export const sized = (size: number): Partial<Point> => ({
  sizeBytes: size,
  minSizeBytes: size,
  maxSizeBytes: size,
})

export function historyOf(
  platforms: Record<string, Point[]>,
  interval: History['interval'] = 'BUILD',
): History {
  return {
    __typename: 'JobHistory',
    interval,
    platformCount: Object.keys(platforms).length,
    series: Object.entries(platforms).map(([name, points]) => ({
      __typename: 'HistorySeries',
      platform: { __typename: 'Platform', id: name, name },
      points,
    })),
  }
}
