import type { JobHistoryPartQuery } from '../gql/graphql.ts'

export type History = NonNullable<JobHistoryPartQuery['job']>['history']
export type Series = History['series'][number]
export type Point = Series['points'][number]
export type Interval = History['interval']

export const measures = ['size', 'duration'] as const
/** The measures of the chart. Sizes in bytes, durations in milliseconds. */
export type Measure = (typeof measures)[number]

export type Span = { value: number; least: number; greatest: number }

/** Points of a platform that are drawn at most: more are summed up by longer periods or, beyond months, left out. */
export const mostPoints = 120

/** Value of a measure at a point. Null if none of its builds has a value. */
export function valueOf(point: Point, measure: Measure): Span | null {
  const [value, least, greatest] =
    measure === 'size'
      ? [point.sizeBytes, point.minSizeBytes, point.maxSizeBytes]
      : [point.meanDurationMs, point.minDurationMs, point.maxDurationMs]
  return value == null ? null : { value, least: least ?? value, greatest: greatest ?? value }
}

/** Where a point stands in time, in ms since 1970: a build at its start, a period in its middle. */
export function timeOf(point: Point, interval: Interval): number {
  const startMs = new Date(point.startsAt).getTime()
  return interval === 'BUILD' ? startMs : (startMs + new Date(point.endsAt).getTime()) / 2
}
