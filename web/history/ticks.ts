import { tickStep, ticks } from 'd3-array'
import { formatDuration } from '../ui/duration.ts'

export type Tick = { value: number; label: string }

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/**
 * About `count` round sizes (bytes) between two, with as many digits as tell them apart. The unit is that of the
 * sizes, unless they differ by so little that it would take more than two decimals.
 */
export function sizeTicks(from: number, to: number, count: number): Tick[] {
  let unit = Math.max(0, Math.min(binaryUnits.length - 1, Math.floor(Math.log2(Math.max(to, 1)) / 10)))
  while (unit > 0 && tickStep(from / 1024 ** unit, to / 1024 ** unit, count) < 0.01) unit--
  const factor = 1024 ** unit
  const step = tickStep(from / factor, to / factor, count)
  const decimals = unit === 0 ? 0 : Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  const format = new Intl.NumberFormat('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  })
  const values = ticks(from / factor, to / factor, count)
  // There are no fractions of bytes.
  return values
    .filter((value) => unit > 0 || Number.isInteger(value))
    .map((value) => ({ value: value * factor, label: `${format.format(value)} ${binaryUnits[unit]}` }))
}

const [second, minute, hour, day] = [1_000, 60_000, 3_600_000, 86_400_000]
const steps = [
  ...[0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30].map((n) => n * second),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * minute),
  ...[1, 2, 3, 6, 12].map((n) => n * hour),
]

/** At most `count` + 1 round durations (ms) between two durations: whole minutes and hours for long ones. */
export function durationTicks(from: number, to: number, count: number): Tick[] {
  const rough = (to - from) / count
  const step = steps.find((one) => one >= rough) ?? Math.max(day, tickStep(from / day, to / day, count) * day)
  const first = Math.ceil(from / step)
  const last = Math.floor(to / step)
  return Array.from({ length: last - first + 1 }, (_, n) => {
    const value = (first + n) * step
    return { value, label: labelDuration(value, step) }
  })
}

/** `0`, `0.5 s`, `7 min`, `1.5 h`, `2 d`. */
function labelDuration(valueMs: number, stepMs: number): string {
  if (valueMs === 0) return '0'
  if (stepMs < second) return `${Number((valueMs / second).toFixed(2))} s`
  if (stepMs < minute) return valueMs < minute ? `${valueMs / second} s` : formatDuration(valueMs)
  if (stepMs < hour)
    return valueMs < hour ? `${valueMs / minute} min` : formatDuration(valueMs).replace(/ 00s$/, '')
  return stepMs < day ? `${valueMs / hour} h` : `${valueMs / day} d`
}
