import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'

export type Measurement = {
  what: string
  /** Name of the measured value, with its unit. */
  value: number
  unit: string
  /** Reference value in the same unit and run: a limit of this machine, or a budget. */
  against: { what: string; value: number; wanted: 'at least' | 'at most' }
}

/** NaN of none. */
export function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}

/** Measured over its reference; the budget is met when it lies on the right side of 1. */
export function ratioOf({ value, against }: Measurement): number {
  return value / against.value
}

export function isWithinBudget(measurement: Measurement): boolean {
  const ratio = ratioOf(measurement)
  return measurement.against.wanted === 'at least' ? ratio >= 1 : ratio <= 1
}

const rounded = (value: number) => Number(value.toPrecision(3)).toString()

export function printMeasurement(measurement: Measurement): void {
  const { what, value, unit, against } = measurement
  const mark = isWithinBudget(measurement) ? '✓' : '✗'
  const line = [
    mark,
    what.padEnd(52),
    `${rounded(value)} ${unit}`.padStart(14),
    `${against.wanted} ${rounded(against.value)} ${unit} (${against.what})`.padEnd(52),
    `ratio ${ratioOf(measurement).toFixed(2)}`,
  ]
  process.stdout.write(`${line.join('  ')}\n`)
}

/** Write `bench/results.json`, which is not committed: figures belong to a machine and a run. */
export function writeResults(measurements: readonly Measurement[]): void {
  mkdirSync(import.meta.dirname, { recursive: true })
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length }
  const results = measurements.map((one) => ({
    ...one,
    ratio: ratioOf(one),
    isWithinBudget: isWithinBudget(one),
  }))
  writeFileSync(
    join(import.meta.dirname, 'results.json'),
    `${JSON.stringify({ measuredAt: new Date().toISOString(), machine, results }, null, 2)}\n`,
  )
}
