import { expect, test } from 'vitest'
import { durationTicks, sizeTicks } from '../../../web/history/ticks.ts'

const MiB = 1024 ** 2
const labels = (ticks: { label: string }[]) => ticks.map(({ label }) => label)

test.each([
  [7 * MiB, 7.5 * MiB, 3, ['7.0 MiB', '7.2 MiB', '7.4 MiB']],
  [7.01 * MiB, 7.06 * MiB, 3, ['7.02 MiB', '7.04 MiB', '7.06 MiB']],
  // A change of some bytes in MiB would need more decimals than anybody reads.
  [7_340_000, 7_340_100, 3, ['7,168.00 KiB', '7,168.05 KiB']],
  [0, 2, 4, ['0 B', '1 B', '2 B']],
  [900, 1100, 3, ['0.90 KiB', '0.95 KiB', '1.00 KiB', '1.05 KiB']],
  [0, 3 * 1024 ** 3, 3, ['0 GiB', '1 GiB', '2 GiB', '3 GiB']],
])('sizes from %d to %d', (from, to, count, expected) => {
  expect(labels(sizeTicks(from, to, count))).toEqual(expected)
})

test.each([
  [0, 410_000, 3, ['0', '5 min']],
  [0, 410_000, 5, ['0', '2 min', '4 min', '6 min']],
  [0, 6 * 3_600_000, 3, ['0', '2 h', '4 h', '6 h']],
  [0, 1, 3, ['0']],
  [0, 0.9, 3, ['0']],
  [-1_000, 3_000, 4, ['-1 s', '0', '1 s', '2 s', '3 s']],
  [0, 5 * 86_400_000, 3, ['0', '2 d', '4 d']],
  [0, 90_000, 3, ['0', '30 s', '1m 00s', '1m 30s']],
])('durations from %d to %d', (from, to, count, expected) => {
  expect(labels(durationTicks(from, to, count))).toEqual(expected)
})
