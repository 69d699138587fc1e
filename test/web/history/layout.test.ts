import { expect, test } from 'vitest'
import { measures, type Point } from '../../../web/history/history.ts'
import { nearestMark, walk } from '../../../web/history/find-mark.ts'
import { type ChartLayout, layoutHistory, type Mark } from '../../../web/history/layout.ts'
import { spread } from '../../../web/history/panel-layout.ts'
import { failed, historyOf, point, sized } from './history.ts'

const days = (count: number, parts: (n: number) => Partial<Point> = () => ({})) =>
  Array.from({ length: count }, (_, n) =>
    point(new Date(Date.UTC(2026, 8, 1) + n * 86_400_000).toISOString(), parts(n)),
  )

const everyX = (layout: ChartLayout) => layout.marks.flat().map(({ x }) => x)

/** Everything is a finite number, and lies within the drawing. */
function expectWithin(layout: ChartLayout) {
  for (const mark of layout.marks.flat()) {
    const places = [mark.x, mark.rowY, ...Object.values(mark.ys)]
    expect(places.every(Number.isFinite)).toBe(true)
    expect(mark.x).toBeGreaterThanOrEqual(layout.left)
    expect(mark.x).toBeLessThanOrEqual(layout.right)
    expect(mark.rowY).toBeLessThan(layout.height)
  }
  for (const { paths, ticks, top, bottom, labels } of layout.panels) {
    for (const path of paths) expect(path).not.toMatch(/NaN|Infinity/)
    for (const { position } of [...ticks]) {
      expect(position).toBeGreaterThanOrEqual(top - 0.1)
      expect(position).toBeLessThanOrEqual(bottom + 0.1)
    }
    for (const { y } of labels) expect(y).toBeLessThanOrEqual(bottom)
  }
}

test.each([
  ['one build', historyOf({ a: days(1) })],
  ['two builds', historyOf({ a: days(2) })],
  ['two builds of the same instant', historyOf({ a: [...days(1), ...days(1)] })],
  ['120 points on four platforms', historyOf({ a: days(120), b: days(120), c: days(40), d: days(1) })],
  ['only failures', historyOf({ a: days(5, () => failed) })],
  ['empty main binaries', historyOf({ a: days(5, () => sized(0)) })],
  ['huge main binaries', historyOf({ a: days(5, (n) => sized(2 ** 53 - 1 - n)) })],
  [
    'clocks that ran backwards',
    historyOf({
      a: days(5, (n) => ({ meanDurationMs: -1000 * n, minDurationMs: -1000 * n, maxDurationMs: 0 })),
    }),
  ],
  [
    'clocks of other centuries',
    historyOf({ a: [point('0001-01-01T00:00:00.000Z'), point('9999-12-31T00:00:00.000Z')] }),
  ],
  ['no platform', historyOf({})],
])('%s: everything stands within the drawing, wide and narrow', (_name, history) => {
  for (const width of [1150, 328, 200])
    for (const shown of [measures, ['size'], ['duration']] as const)
      expectWithin(layoutHistory(history, shown, width))
})

test('points stand in the order of time, from one side to the other', () => {
  const layout = layoutHistory(historyOf({ a: days(30) }), measures, 1000)
  const xs = everyX(layout)
  expect(xs).toEqual(xs.toSorted((a, b) => a - b))
  expect(xs[0]).toBe(layout.left + 8)
  expect(xs.at(-1)).toBe(layout.right - 8)
})

test('a period stands in its middle, and shows the range of its values', () => {
  const week: Partial<Point> = {
    buildCount: 7,
    sizeBytes: 1500,
    minSizeBytes: 1000,
    maxSizeBytes: 2000,
    endsAt: '2026-09-14T00:00:00.000Z',
  }
  const history = historyOf(
    {
      a: [
        point('2026-09-07T00:00:00.000Z', week),
        point('2026-09-21T00:00:00.000Z', { ...sized(1500), endsAt: '2026-09-28T00:00:00.000Z' }),
      ],
    },
    'WEEK',
  )
  const [first, second] = layoutHistory(history, ['size'], 1000).marks[0] ?? []
  expect(first?.ys.size).toBe(second?.ys.size)
  const span = first?.spans.size
  expect(span?.top).toBeLessThan(first?.ys.size ?? 0)
  expect(span?.bottom).toBeGreaterThan(first?.ys.size ?? 0)
  expect(second?.spans.size).toBeUndefined()
})

test('a greater size stands higher, and a failed build is only in the strip', () => {
  const history = historyOf({ a: days(3, (n) => (n === 1 ? failed : sized(1000 + n))) })
  const [first, broken, last] = layoutHistory(history, measures, 1000).marks[0] ?? []
  expect(last?.ys.size).toBeLessThan(first?.ys.size ?? 0)
  expect(broken).toMatchObject({ ys: {}, failedShare: 1 })
  expect(broken?.rowY).toBeGreaterThan(0)
})

test('sizes are stepped: a size holds until the next main binary', () => {
  const { panels } = layoutHistory(historyOf({ a: days(2, (n) => sized(1000 + n)) }), measures, 1000)
  expect(panels[0]?.paths[0]).toMatch(/^M[\d.]+,[\d.]+L[\d.]+,[\d.]+L[\d.]+,[\d.]+$/)
  expect(panels[1]?.paths[0]).toMatch(/^M[\d.]+,[\d.]+L[\d.]+,[\d.]+$/)
})

test('durations start at zero', () => {
  const [panel] = layoutHistory(historyOf({ a: days(5) }), ['duration'], 1000).panels
  expect(panel?.ticks[0]).toEqual({ position: panel?.bottom, label: '0' })
})

test('the first tick of time says the year, unless another does', () => {
  const labelsOf = (points: Point[]) =>
    layoutHistory(historyOf({ a: points }), measures, 1000).timeTicks.map(({ label }) => label)
  expect(labelsOf(days(90))[0]).toMatch(/ 2026$/)
  const years = labelsOf([point('2024-03-01T00:00:00.000Z'), point('2026-09-01T00:00:00.000Z')])
  expect(years).toContain('2025')
  expect(years[0]).not.toMatch(/ \d{4}$/)
})

test('names beside lines do not cover each other, and are short', () => {
  const long = 'x'.repeat(255)
  const history = historyOf({ [long]: days(3), b: days(3), c: days(3), d: days(3) })
  const [panel] = layoutHistory(history, ['size'], 1000).panels
  const ys = (panel?.labels ?? []).map(({ y }) => y).toSorted((a, b) => a - b)
  expect(ys).toHaveLength(4)
  ys.reduce((before, y) => (expect(y - before).toBeGreaterThanOrEqual(14), y))
  expect(Math.max(...(panel?.labels ?? []).map(({ text }) => text.length))).toBe(16)
  expect(layoutHistory(history, ['size'], 328).panels[0]?.labels).toEqual([])
})

test.each([
  [[10, 11, 12], 0, 100, [10, 24, 38]],
  [[98, 99, 100], 0, 100, [72, 86, 100]],
  [[10, 50], 0, 100, [10, 50]],
])('labels at %j move apart', (ys, top, bottom, expected) => {
  expect(
    spread(
      ys.map((y) => ({ y })),
      top,
      bottom,
    ).map(({ y }) => y),
  ).toEqual(expected)
})

const two = layoutHistory(
  historyOf({ a: days(5, () => sized(1000)), b: days(3, () => sized(2000)) }),
  measures,
  1000,
)
const at = (series: number, index: number) => two.marks[series]?.[index] as Mark

test('the nearest point is that of the nearest time, then that of the nearest line', () => {
  for (const mark of [at(0, 1), at(1, 1), at(0, 4)]) {
    expect(nearestMark(two, mark.x + 3, mark.ys.size ?? 0)).toBe(mark)
    expect(nearestMark(two, mark.x - 3, mark.rowY)).toBe(mark)
  }
  expect(nearestMark(layoutHistory(historyOf({}), measures, 1000), 10, 10)).toBeNull()
})

test.each([
  ['ArrowRight', [0, 1], [0, 2]],
  ['ArrowLeft', [0, 1], [0, 0]],
  ['Home', [0, 3], [0, 0]],
  ['End', [0, 0], [0, 4]],
  ['ArrowDown', [0, 4], [1, 2]],
  ['ArrowUp', [1, 2], [0, 2]],
  ['ArrowRight', [0, 4], null],
  ['ArrowLeft', [0, 0], null],
  ['ArrowUp', [0, 0], null],
  ['ArrowDown', [1, 0], null],
  ['Enter', [0, 0], null],
] as const)('%s from %j leads to %j', (key, [series, index], to) => {
  expect(walk(two.marks, at(series, index), key)).toBe(to && at(to[0], to[1]))
})
