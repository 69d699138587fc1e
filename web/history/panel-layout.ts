import { max, min } from 'd3-array'
import { scaleLinear } from 'd3-scale'
import { curveLinear, curveStepAfter, line } from 'd3-shape'
import { type Measure, type Point, valueOf } from './history.ts'
import type { Mark, Panel } from './layout.ts'
import { round } from './pixels.ts'
import { labelLetters, shorten } from './shorten.ts'
import { durationTicks, sizeTicks, type Tick } from './ticks.ts'

const labelHeight = 14
const titles: Record<Measure, string> = { size: 'Main binary', duration: 'Duration of successful builds' }

/** Values of a measure from the bottom of its panel to its top, which is `height` above. */
export type Scale = { measure: Measure; height: number; from: number; to: number; ticks: Tick[] }

export function scaleOf(measure: Measure, points: readonly Point[], height: number): Scale {
  const spans = points.flatMap((point) => valueOf(point, measure) ?? [])
  const least = min(spans, ({ least }) => least)
  const greatest = max(spans, ({ greatest }) => greatest)
  const [from, to] = domainOf(measure, least, greatest)
  // A panel without values contains only one line of text.
  if (spans.length === 0) return { measure, height: 16, from, to, ticks: [] }
  const count = height > 150 ? 6 : 4
  const ticks = measure === 'size' ? sizeTicks(from, to, count) : durationTicks(from, to, count)
  return { measure, height, from, to, ticks }
}

/** Where a measure's lines stand; tells the marks, too. */
export function layoutPanel(
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
    // A size holds until the next build, so its line is stepped. Durations between two builds are unknown.
    .curve(measure === 'size' ? curveStepAfter : curveLinear)
  const drawn = marks.map((own) =>
    own.flatMap(({ x, ys }) => (ys[measure] === undefined ? [] : [{ x, y: ys[measure] }])),
  )
  const ends = drawn.flatMap((own, series) => {
    const end = own.at(-1)
    return end && names ? [{ series, y: end.y, text: shorten(names[series] ?? '', labelLetters) }] : []
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
