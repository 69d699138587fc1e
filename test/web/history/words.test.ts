import { expect, test } from 'vitest'
import type { Point } from '../../../web/history/history.ts'
import { toRows } from '../../../web/history/rows.ts'
import {
  describeExtent,
  describePoint,
  formatPercent,
  nameTime,
  summarize,
} from '../../../web/history/words.ts'
import { failed, historyOf, point, sized } from './history.ts'

const MiB = 1024 ** 2
const [first, second, third] = [
  '2026-11-02T10:00:00.000Z',
  '2026-11-03T10:00:00.000Z',
  '2026-11-04T10:00:00.000Z',
]

test.each([
  [
    'sizes, results, durations, changes',
    historyOf({
      a: [
        point(first, sized(7 * MiB)),
        point(second, failed),
        point(third, { ...sized(7.21 * MiB), outputChanged: true }),
      ],
    }),
    '7.2 MiB now, +3 % since 2026-11-02. 2 of 3 builds succeeded. Median duration 1m 00s. The output changed once.',
  ],
  [
    'the platform that gave a main binary last',
    historyOf({ a: [point(first, sized(2 * MiB)), point(third, failed)], b: [point(second, sized(MiB))] }),
    '1.0 MiB now on b. 2 of 3 builds succeeded. Median duration 1m 00s.',
  ],
  [
    'a size that stayed',
    historyOf({ a: [point(first), point(second)] }),
    '1000 B now, the same size as on 2026-11-02. Both builds succeeded. Median duration 1m 00s.',
  ],
  [
    'failures alone',
    historyOf({ a: [point(first, failed), point(second, failed)] }),
    'No main binary yet. 0 of 2 builds succeeded.',
  ],
  ['one build', historyOf({ a: [point(first)] }), '1000 B now. 1 build, which succeeded. Duration 1m 00s.'],
  [
    'periods',
    historyOf(
      {
        a: [
          point(first, { buildCount: 3, failedCount: 1, meanDurationMs: 10_000 }),
          point(second, { buildCount: 4, meanDurationMs: 40_000 }),
        ],
      },
      'DAY',
    ),
    '1000 B now, the same size as on 2026-11-02. 6 of 7 builds succeeded. Mean duration 30.0 s.',
  ],
])('the summary tells %s', (_name, history, expected) => {
  expect(summarize(history)).toBe(expected)
})

const months = (number: number) =>
  Array.from({ length: number }, (_, n) => point(new Date(Date.UTC(2000, n)).toISOString()))

test.each([
  ['builds', historyOf({ a: months(120) }), 'One point for each build.'],
  ['weeks', historyOf({ a: months(120) }, 'WEEK'), 'One point for each week with builds, in UTC.'],
  ['few months', historyOf({ a: months(119) }, 'MONTH'), 'One point for each month with builds, in UTC.'],
  [
    'as many months as there may be',
    historyOf({ a: months(3), b: months(120) }, 'MONTH'),
    'One point for each month with builds, in UTC; of each platform at most the newest 120 are drawn.',
  ],
  [
    'more platforms than there may be',
    { ...historyOf({ a: months(3) }), platformCount: 3 },
    'One point for each build. 2 more platforms are not drawn.',
  ],
])('the chart says what it draws of %s', (_name, history, expected) => {
  expect(describeExtent(history)).toBe(expected)
})

test.each([
  [0.03, '+3 %'],
  [-0.0042, '−0.42 %'],
  [0.000_01, '+less than 0.01 %'],
  [1.5, '+150 %'],
  [-0.995, '−100 %'],
])('%d is %s', (change, expected) => {
  expect(formatPercent(change)).toBe(expected)
})

test.each([
  ['BUILD', '2026-11-02 10:00:00Z'],
  ['DAY', '2026-11-02'],
  ['WEEK', 'week of 2026-11-02'],
  ['MONTH', '2026-11'],
] as const)('the time of a %s', (interval, expected) => {
  expect(nameTime(point(first), interval)).toBe(expected)
})

test('a point in one line has all known facts', () => {
  const points: Point[] = [
    point(first, sized(MiB)),
    point(second, { ...sized(MiB + 2048), outputChanged: true }),
    point(third, failed),
  ]
  const lines = points.map((_, index) => describePoint('debian-12', points, index, 'BUILD'))
  expect(lines).toEqual([
    'debian-12, 2026-11-02 10:00:00Z, succeeded, 1.0 MiB, 1m 00s, not repeated yet',
    'debian-12, 2026-11-03 10:00:00Z, succeeded, 1.0 MiB, +2.0 KiB, output changed, 1m 00s, not repeated yet',
    'debian-12, 2026-11-04 10:00:00Z, failed',
  ])
  const week: Point = point(first, {
    ...{ buildCount: 23, failedCount: 2, reproducedCount: 20, notReproducibleCount: 1, unconfirmedCount: 0 },
    ...{
      sizeBytes: 2 * MiB,
      minSizeBytes: MiB,
      maxSizeBytes: 2 * MiB,
      minDurationMs: 30_000,
      maxDurationMs: 90_000,
    },
  })
  expect(describePoint('debian-12', [week], 0, 'WEEK')).toBe(
    'debian-12, week of 2026-11-02, 23 builds, 2 failed, 2.0 MiB (1.0 MiB to 2.0 MiB), mean 1m 00s (30.0 s to 1m 30s), 20 repeated, 1 not reproducible',
  )
})

test('rows have all facts, in base units, with absolute addresses', () => {
  const history = historyOf({
    a: [
      point(first),
      point(second, {
        ...failed,
        change: { __typename: 'HistoryChange', resourcePath: '/compare/x/y' },
      }),
    ],
  })
  expect(toRows('hello', history, 'https://builds.example/job/hello?chart=size')).toMatchObject([
    {
      job: 'hello',
      platform: 'a',
      startsAt: first,
      builds: 1,
      failed: 0,
      sizeBytes: 1000,
      meanDurationMs: 60_000,
      comparison: null,
    },
    { failed: 1, sizeBytes: null, comparison: 'https://builds.example/compare/x/y' },
  ])
})
