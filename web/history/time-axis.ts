import { extent } from 'd3-array'
import { scaleUtc } from 'd3-scale'
import { utcDay, utcMonth, utcYear } from 'd3-time'
import { utcFormat } from 'd3-time-format'
import { type Interval, type Point, timeOf } from './history.ts'
import type { Placed } from './layout.ts'
import { letterWidth, round } from './pixels.ts'

/** From the first point to the last, somewhat within `left` and `right`. */
export function timeScale(points: readonly Point[], interval: Interval, left: number, right: number) {
  const [first = 0, last = 0] = extent(points, (point) => timeOf(point, interval))
  // A single instant stands in the middle of a day.
  const pad = first === last ? 43_200_000 : 0
  return scaleUtc()
    .domain([first - pad, last + pad])
    .range([left + 8, right - 8])
}

const [atTime, atDay, atMonth, atYear] = ['%H:%M', '%-d %b', '%b', '%Y'].map((format) => utcFormat(format))

/** A label has only the parts that changed since the previous tick. The first label has the year if no other does. */
export function layoutTime(time: ReturnType<typeof timeScale>, width: number): Placed[] {
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
