import { extent, max, min } from 'd3-array'
import { scaleLinear, scaleUtc } from 'd3-scale'
import { curveLinear, curveStepAfter, line } from 'd3-shape'
import { utcDay, utcMonth, utcYear } from 'd3-time'
import { utcFormat } from 'd3-time-format'
import { type Grain, type History, type Measure, type Point, timeOf, valueOf } from './history.ts'
import { durationTicks, sizeTicks, type Tick } from './ticks.ts'

/** A point of a series as it is drawn. `ys`: where it stands in each panel that has a value for it. */
export type Mark = {
  series: number
  index: number
  point: Point
  x: number
  ys: Partial<Record<Measure, number>>
  /** From the greatest to the least of a period, in each panel. */
  spans: Partial<Record<Measure, { top: number; bottom: number }>>
  /** Middle of its row in the strip of outcomes. */
  rowY: number
  /** How many of its builds failed, from 0 to 1. */
  failedShare: number
  isNotReproducible: boolean
}

export type Placed = { position: number; label: string }

export type Panel = {
  measure: Measure
  title: string
  top: number
  bottom: number
  ticks: Placed[]
  /** One path a series; empty when it has no value. */
  paths: string[]
  /** At the ends of the lines, moved apart; none where there is no room. */
  labels: { series: number; y: number; text: string }[]
}

export type ChartLayout = {
  width: number
  height: number
  /** Where lines are drawn between. */
  left: number
  right: number
  panels: Panel[]
  timeTicks: Placed[]
  timeY: number
  strip: { top: number; bottom: number; rows: { y: number; name: string; labelY: number | null }[] }
  /** By series, in the order of time. */
  marks: Mark[][]
  /** Whether points stand so close that signs must be small. */
  isDense: boolean
  isNarrow: boolean
}

const narrowWidth = 560
const titleHeight = 22
const panelGap = 14
const labelHeight = 14
/** About that of a digit at 12 pixels; labels are mostly digits. */
const letterWidth = 7
const titles: Record<Measure, string> = { size: 'Main binary', duration: 'Duration of successful builds' }

/** How many letters of a platform's name there is room for beside the lines. */
const labelLetters = 16

/** Where everything stands, for a drawing of a certain width (CSS pixels). */
export function layoutHistory(
  history: Pick<History, 'grain' | 'series'>,
  measures: readonly Measure[],
  width: number,
): ChartLayout {
  const { grain, series } = history
  const isNarrow = width < narrowWidth
  const hasLabels = !isNarrow
  const points = series.flatMap((one) => one.points)
  const scales = measures.map((measure) => scaleOf(measure, points, measures.length > 1 ? 112 : 200))
  const longest = Math.max(4, ...scales.flatMap(({ ticks }) => ticks.map(({ label }) => label.length)))
  const left = Math.ceil(longest * letterWidth) + 12
  const right = width - (hasLabels ? 128 : 10)
  const time = timeScale(points, grain, left, right)

  let y = 0
  const marks: Mark[][] = series.map((one, number) =>
    one.points.map((point, index) => ({
      series: number,
      index,
      point,
      x: round(time(timeOf(point, grain))),
      ys: {},
      spans: {},
      rowY: 0,
      failedShare: point.failedCount / point.buildCount,
      isNotReproducible: point.notReproducibleCount > 0,
    })),
  )
  const panels = scales.map((scale) => {
    const top = y + titleHeight
    y = top + scale.height + panelGap
    return layoutPanel(scale, top, marks, hasLabels ? series.map(nameOf) : null)
  })

  const timeY = y
  const timeTicks = layoutTime(time, right - left)
  // On a narrow screen names stand above their rows: there is no room beside them.
  const rowHeight = isNarrow ? 30 : 18
  const stripTop = timeY + 18 + titleHeight
  const rows = series.map((one, number) => {
    const rowTop = stripTop + number * rowHeight
    const middle = isNarrow ? rowTop + 22 : rowTop + rowHeight / 2
    for (const mark of marks[number] ?? []) mark.rowY = middle
    return { y: middle, name: nameOf(one), labelY: isNarrow ? rowTop + 9 : null }
  })
  const stripBottom = stripTop + series.length * rowHeight
  return {
    ...{ width, height: stripBottom + 6, left, right, panels, timeTicks, timeY, marks, isNarrow },
    isDense: (right - left) / Math.max(1, ...marks.map((own) => own.length)) < 16,
    strip: { top: stripTop, bottom: stripBottom, rows },
  }
}

const nameOf = (series: { platform: { name: string } }) => series.platform.name

function timeScale(points: readonly Point[], grain: Grain, left: number, right: number) {
  const [first = 0, last = 0] = extent(points, (point) => timeOf(point, grain))
  // A single instant stands in the middle of a day.
  const pad = first === last ? 43_200_000 : 0
  return scaleUtc()
    .domain([first - pad, last + pad])
    .range([left + 8, right - 8])
}

/** Values of a measure from the bottom of its panel to its top, which is `height` above. */
type Scale = { measure: Measure; height: number; from: number; to: number; ticks: Tick[] }

function scaleOf(measure: Measure, points: readonly Point[], height: number): Scale {
  const spans = points.flatMap((point) => valueOf(point, measure) ?? [])
  const least = min(spans, ({ least }) => least)
  const greatest = max(spans, ({ greatest }) => greatest)
  const [from, to] = domainOf(measure, least, greatest)
  // A line that says that there is nothing needs no more room than that.
  if (spans.length === 0) return { measure, height: 16, from, to, ticks: [] }
  const count = height > 150 ? 6 : 4
  const ticks = measure === 'size' ? sizeTicks(from, to, count) : durationTicks(from, to, count)
  return { measure, height, from, to, ticks }
}

function layoutPanel(
  { measure, height, from, to, ticks }: Scale,
  top: number,
  marks: readonly Mark[][],
  names: readonly string[] | null,
): Panel {
  const bottom = top + height
  const scale = scaleLinear().domain([from, to]).range([bottom, top])
  for (const mark of marks.flat()) {
    const span = valueOf(mark.point, measure)
    if (!span) continue
    mark.ys[measure] = round(scale(span.value))
    if (span.greatest > span.least)
      mark.spans[measure] = { top: round(scale(span.greatest)), bottom: round(scale(span.least)) }
  }
  const draw = line<{ x: number; y: number }>()
    .x(({ x }) => x)
    .y(({ y }) => y)
    // A main binary stays what it is until the next build; what lies between two durations nobody knows.
    .curve(measure === 'size' ? curveStepAfter : curveLinear)
  const drawn = marks.map((own) =>
    own.flatMap(({ x, ys }) => (ys[measure] === undefined ? [] : [{ x, y: ys[measure] }])),
  )
  const ends = drawn.flatMap((own, series) => {
    const end = own.at(-1)
    return end && names ? [{ series, y: end.y, text: shorten(names[series] ?? '') }] : []
  })
  return {
    ...{ measure, title: titles[measure], top, bottom },
    ticks: ticks.map(({ value, label }) => ({ position: round(scale(value)), label })),
    paths: drawn.map((own) => draw(own) ?? ''),
    labels: spread(ends, top, bottom),
  }
}

/** Durations start at zero, so that twice as long looks so; of sizes the changes matter, and they are small. */
function domainOf(measure: Measure, least = 0, greatest = 0): [number, number] {
  if (measure === 'duration') return [Math.min(0, least), greatest > 0 ? greatest * 1.08 : 1]
  const pad = greatest > least ? (greatest - least) * 0.12 : Math.max(greatest * 0.02, 1)
  return [Math.max(0, least - pad), greatest + pad]
}

function shorten(name: string): string {
  const letters = Array.from(name)
  return letters.length > labelLetters ? `${letters.slice(0, labelLetters - 1).join('')}…` : name
}

/** Labels pushed down, then up, until none covers another. */
export function spread<Label extends { y: number }>(
  labels: readonly Label[],
  top: number,
  bottom: number,
): Label[] {
  const sorted = labels.toSorted((a, b) => a.y - b.y).map((label) => ({ ...label }))
  let floor = top - labelHeight
  for (const label of sorted) {
    label.y = Math.max(label.y, floor + labelHeight)
    floor = label.y
  }
  let ceiling = bottom + labelHeight
  for (const label of sorted.toReversed()) {
    label.y = Math.min(label.y, ceiling - labelHeight)
    ceiling = label.y
  }
  return sorted
}

const [atTime, atDay, atMonth, atYear] = ['%H:%M', '%-d %b', '%b', '%Y'].map((format) => utcFormat(format))

/** Each tick says what changed since the one before; the first tells the year when no other does. */
function layoutTime(time: ReturnType<typeof timeScale>, width: number): Placed[] {
  const dates = time.ticks(Math.max(3, Math.floor(width / 90)))
  const hasDays = dates.some((date) => utcMonth.floor(date) < date)
  const placed = dates.map((date) => {
    const format =
      utcYear.floor(date) < date
        ? utcMonth.floor(date) < date
          ? utcDay.floor(date) < date
            ? atTime
            : atDay
          : hasDays
            ? atDay
            : atMonth
        : atYear
    return { position: round(time(date)), label: format?.(date) ?? '' }
  })
  const [first] = dates
  if (first && placed[0] && !placed.some(({ label }) => /^\d{4}$/.test(label)))
    placed[0].label = utcFormat(
      placed[0].label.includes(':') ? '%-d %b %Y, %H:%M' : /\d/.test(placed[0].label) ? '%-d %b %Y' : '%b %Y',
    )(first)
  return placed.filter(({ position, label }, n) => {
    const before = placed[n - 1]
    // Only the first, with its year, is longer than the distance of ticks is made for.
    if (n !== 1 || !before) return true
    return position - before.position > ((before.label.length + label.length) / 2) * letterWidth
  })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** The mark that is nearest to a place in the drawing: first by its time, then by its line. */
export function nearestMark({ marks, panels, strip }: ChartLayout, x: number, y: number): Mark | null {
  const measure = panels.find(({ bottom }) => y <= bottom)?.measure
  let best: Mark | null = null
  let bestDistance = Infinity
  for (const mark of marks.flat()) {
    const markY = measure ? (mark.ys[measure] ?? mark.rowY) : mark.rowY
    // Lines lie close to each other, points of a line do not: a pixel aside counts as much as four up.
    const distance = Math.hypot((mark.x - x) * 4, y > strip.top || measure ? markY - y : 0)
    if (distance < bestDistance) [best, bestDistance] = [mark, distance]
  }
  return best
}

/** The point that an arrow key leads to; null where there is none. */
export function walk(marks: readonly Mark[][], from: Mark, key: string): Mark | null {
  const own = marks[from.series] ?? []
  switch (key) {
    case 'ArrowLeft':
      return own[from.index - 1] ?? null
    case 'ArrowRight':
      return own[from.index + 1] ?? null
    case 'Home':
      return own[0] ?? null
    case 'End':
      return own.at(-1) ?? null
    case 'ArrowUp':
    case 'ArrowDown': {
      const other = marks[from.series + (key === 'ArrowUp' ? -1 : 1)]
      return other?.toSorted((a, b) => Math.abs(a.x - from.x) - Math.abs(b.x - from.x))[0] ?? null
    }
    default:
      return null
  }
}
