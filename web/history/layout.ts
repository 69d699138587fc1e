import { type History, type Measure, type Point, timeOf } from './history.ts'
import { layoutPanel, scaleOf } from './panel-layout.ts'
import { letterWidth, round } from './pixels.ts'
import { layoutTime, timeScale } from './time-axis.ts'

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
  /** Labels at the ends of the lines, moved apart; none if there is no room. */
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

/** Where everything stands, for a drawing of a certain width (CSS pixels). */
export function layoutHistory(
  history: Pick<History, 'interval' | 'series'>,
  measures: readonly Measure[],
  width: number,
): ChartLayout {
  const { interval, series } = history
  const isNarrow = width < narrowWidth
  const hasLabels = !isNarrow
  const points = series.flatMap((one) => one.points)
  const scales = measures.map((measure) => scaleOf(measure, points, measures.length > 1 ? 112 : 200))
  const longest = Math.max(4, ...scales.flatMap(({ ticks }) => ticks.map(({ label }) => label.length)))
  const left = Math.ceil(longest * letterWidth) + 12
  const right = width - (hasLabels ? 128 : 10)
  const time = timeScale(points, interval, left, right)

  let y = 0
  const marks: Mark[][] = series.map((one, number) =>
    one.points.map((point, index) => ({
      series: number,
      index,
      point,
      x: round(time(timeOf(point, interval))),
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
