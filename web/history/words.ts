import { median } from 'd3-array'
import { formatByteSize, formatSizeChange } from '../ui/byte-size.ts'
import { counted } from '../ui/counted.ts'
import { formatDuration } from '../ui/duration.ts'
import { formatDay, formatUtc } from '../ui/time.ts'
import { type Interval, type History, mostPoints, type Point } from './history.ts'

/** `2026-11-03`, `week of 2026-11-02`, `2026-11`; a build's exact start. */
export function nameTime(point: Point, interval: Interval): string {
  switch (interval) {
    case 'BUILD':
      return formatUtc(point.startsAt)
    case 'DAY':
      return formatDay(point.startsAt)
    case 'WEEK':
      return `week of ${formatDay(point.startsAt)}`
    case 'MONTH':
      return formatDay(point.startsAt).slice(0, 7)
  }
}

/** `succeeded`, `23 builds, 2 failed`. */
export function nameResult({ buildCount, failedCount }: Point, interval: Interval): string {
  if (interval === 'BUILD') return failedCount > 0 ? 'failed' : 'succeeded'
  const builds = counted(buildCount, 'build')
  if (failedCount === 0) return buildCount === 1 ? '1 build, succeeded' : `${builds}, all succeeded`
  return failedCount === buildCount && buildCount > 1
    ? `${builds}, all failed`
    : `${builds}, ${failedCount} failed`
}

/** `repeated`, `20 repeated, 1 not reproducible`; null without a main binary. */
export function nameVerdicts(point: Point, interval: Interval): string | null {
  const verdicts = [
    [point.reproducedCount, 'repeated'],
    [point.notReproducibleCount, 'not reproducible'],
    [point.unconfirmedCount, 'not repeated yet'],
  ] as const
  const given = verdicts.filter(([number]) => number > 0)
  if (given.length === 0) return null
  return given
    .map(([number, word]) => (interval === 'BUILD' ? word : `${number.toLocaleString('en-US')} ${word}`))
    .join(', ')
}

/** `7.1 MiB`, and of a period whose sizes differ `7.1 MiB (7.0 MiB to 7.1 MiB)`. */
export function nameSize(
  { sizeBytes: size, minSizeBytes: minSize, maxSizeBytes: maxSize }: Point,
  format = formatByteSize,
): string | null {
  if (size == null) return null
  const [least, greatest] = [format(minSize ?? size), format(maxSize ?? size)]
  return least === greatest ? format(size) : `${format(size)} (${least} to ${greatest})`
}

/** `6m 50s`, and of a period `mean 6m 50s (6m 02s to 7m 10s)`. */
export function nameDuration({ meanDurationMs, minDurationMs, maxDurationMs }: Point): string | null {
  if (meanDurationMs == null) return null
  const mean = formatDuration(meanDurationMs)
  const [least, greatest] = [
    formatDuration(minDurationMs ?? meanDurationMs),
    formatDuration(maxDurationMs ?? meanDurationMs),
  ]
  return least === greatest ? mean : `mean ${mean} (${least} to ${greatest})`
}

/** `+13.9 KiB` since the point with a main binary before; null without one, or without a change. */
export function nameSizeChange(points: readonly Point[], index: number): string | null {
  const size = points[index]?.sizeBytes
  const before = points.slice(0, index).findLast((point) => point.sizeBytes != null)?.sizeBytes
  return size == null || before == null || size === before ? null : formatSizeChange(before, size)
}

/** All facts of a point in one line, for screen readers. */
export function describePoint(
  platform: string,
  points: readonly Point[],
  index: number,
  interval: Interval,
): string {
  const point = points[index]
  if (!point) return ''
  const facts = [
    platform,
    nameTime(point, interval),
    nameResult(point, interval),
    nameSize(point),
    nameSizeChange(points, index),
    point.outputChanged ? 'output changed' : null,
    nameDuration(point),
    nameVerdicts(point, interval),
  ]
  return facts.filter(Boolean).join(', ')
}

/**
 * Summary of the chart: `7.1 MiB now, +3 % since 2026-09-02. 118 of 120 builds succeeded. Median duration 6m 50s.`
 * Sizes are those of the platform that gave a main binary last.
 */
export function summarize({ interval, series }: Pick<History, 'interval' | 'series'>): string {
  const points = series.flatMap((one) => one.points)
  const builds = points.reduce((sum, { buildCount }) => sum + buildCount, 0)
  const failed = points.reduce((sum, { failedCount }) => sum + failedCount, 0)
  const durations = points.flatMap(({ meanDurationMs }) => meanDurationMs ?? [])
  const sentences = [
    summarizeSize(series),
    failed === 0
      ? builds === 1
        ? '1 build, which succeeded.'
        : builds === 2
          ? 'Both builds succeeded.'
          : `All ${builds.toLocaleString('en-US')} builds succeeded.`
      : `${(builds - failed).toLocaleString('en-US')} of ${counted(builds, 'build')} succeeded.`,
  ]
  if (durations.length > 0)
    sentences.push(
      interval === 'BUILD'
        ? `${durations.length > 1 ? 'Median duration' : 'Duration'} ${formatDuration(median(durations) ?? 0)}.`
        : `Mean duration ${formatDuration(weightedMean(points))}.`,
    )
  const changes = points.filter(({ outputChanged }) => outputChanged).length
  if (changes > 0) sentences.push(`The output changed ${changes === 1 ? 'once' : `at ${changes} points`}.`)
  return sentences.join(' ')
}

const pointWords: Record<Interval, string> = {
  BUILD: 'build',
  DAY: 'day with builds',
  WEEK: 'week with builds',
  MONTH: 'month with builds',
}

/**
 * What a point is, and what is not drawn: `One point for each month with builds, in UTC; of each platform at
 * most the newest 120 are drawn. 2 more platforms are not drawn.` Only months can be too many, as they are the longest.
 */
export function describeExtent(history: Pick<History, 'interval' | 'series' | 'platformCount'>): string {
  const { interval, series, platformCount } = history
  const isCut = interval === 'MONTH' && series.some(({ points }) => points.length >= mostPoints)
  const leftOut = platformCount - series.length
  const parts = [
    `One point for each ${pointWords[interval]}${interval === 'BUILD' ? '' : ', in UTC'}`,
    isCut ? `; of each platform at most the newest ${mostPoints} are drawn` : '',
    '.',
    leftOut > 0 ? ` ${counted(leftOut, 'more platform')} ${leftOut === 1 ? 'is' : 'are'} not drawn.` : '',
  ]
  return parts.join('')
}

function weightedMean(points: readonly Point[]): number {
  let [sum, succeeded] = [0, 0]
  for (const { meanDurationMs, buildCount, failedCount } of points) {
    if (meanDurationMs == null) continue
    sum += meanDurationMs * (buildCount - failedCount)
    succeeded += buildCount - failedCount
  }
  return sum / succeeded
}

function summarizeSize(series: History['series']): string {
  const withSize = series.flatMap(({ platform, points }) => {
    const sized = points.filter(({ sizeBytes }) => sizeBytes != null)
    const [first, last] = [sized[0], sized.at(-1)]
    return first && last ? [{ platform: platform.name, first, last, isAlone: sized.length === 1 }] : []
  })
  const newest = withSize.toSorted((a, b) => b.last.startsAt.localeCompare(a.last.startsAt))[0]
  if (newest?.last.sizeBytes == null || newest.first.sizeBytes == null) return 'No main binary yet.'
  const where = series.length > 1 ? ` on ${newest.platform}` : ''
  const now = `${formatByteSize(newest.last.sizeBytes)} now${where}`
  if (newest.isAlone) return `${now}.`
  const since = `since ${formatDay(newest.first.startsAt)}`
  const change = newest.last.sizeBytes / newest.first.sizeBytes - 1
  if (newest.last.sizeBytes === newest.first.sizeBytes)
    return `${now}, the same size as on ${formatDay(newest.first.startsAt)}.`
  return `${now}, ${formatPercent(change)} ${since}.`
}

/** `+3 %`, `−0.4 %`, `+0.01 %`; two significant digits, or whole. */
export function formatPercent(change: number): string {
  const percent = Math.abs(change) * 100
  const digits = percent >= 10 ? 0 : percent >= 1 ? 1 : 2
  const text = percent < 0.01 ? 'less than 0.01' : Number(percent.toFixed(digits)).toLocaleString('en-US')
  return `${change < 0 ? '−' : '+'}${text} %`
}
