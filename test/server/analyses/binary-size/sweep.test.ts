import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sweep, type Pieces } from '../../../../server/analyses/binary-size/sweep.ts'

type Piece = { start: number; end: number; rank?: number; isScope?: boolean }

function sweepAll(list: readonly Piece[]) {
  const pieces: Pieces = {
    count: list.length,
    starts: Uint32Array.from(list, ({ start }) => start),
    ends: Uint32Array.from(list, ({ end }) => end),
    ranks: Uint8Array.from(list, ({ rank = 0 }) => rank),
    isScope: Uint8Array.from(list, ({ isScope = false }) => (isScope ? 1 : 0)),
  }
  const { own, scopes } = sweep(pieces)
  return { own: [...own], scopes: [...scopes] }
}

test.each<[string, Piece[], number[]]>([
  ['none', [], []],
  [
    'apart',
    [
      { start: 0, end: 4 },
      { start: 6, end: 9 },
    ],
    [4, 3],
  ],
  [
    'one within another',
    [
      { start: 0, end: 10 },
      { start: 2, end: 5 },
    ],
    [7, 3],
  ],
  [
    'one that reaches beyond another',
    [
      { start: 0, end: 6 },
      { start: 4, end: 10 },
    ],
    [4, 6],
  ],
  [
    'the same bytes twice: the first one',
    [
      { start: 3, end: 8 },
      { start: 3, end: 8 },
    ],
    [5, 0],
  ],
  [
    'the same bytes twice: the higher rank',
    [
      { start: 3, end: 8 },
      { start: 3, end: 8, rank: 1 },
    ],
    [0, 5],
  ],
  [
    'the same start: the shorter is inside',
    [
      { start: 3, end: 8 },
      { start: 3, end: 4, rank: 9 },
    ],
    [4, 1],
  ],
  [
    'a scope around a function of its size',
    [
      { start: 3, end: 8 },
      { start: 3, end: 8, isScope: true },
    ],
    [5, 0],
  ],
])('shares out: %s', (_name, pieces, own) => {
  expect(sweepAll(pieces).own).toEqual(own)
})

test('a piece belongs to the innermost scope that it begins in', () => {
  const pieces = [
    { start: 0, end: 20, isScope: true },
    { start: 2, end: 18 },
    { start: 4, end: 12, isScope: true },
    { start: 5, end: 6 },
    { start: 13, end: 14 },
    { start: 30, end: 31 },
  ]
  expect(sweepAll(pieces).scopes).toEqual([-1, 0, 0, 2, 0, -1])
})

test('no byte is shared out twice, and none that is covered is left', () => {
  const piece = fc.record({
    start: fc.nat(40),
    length: fc.integer({ min: 1, max: 25 }),
    rank: fc.nat(3),
    isScope: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (drawn) => {
      const list = drawn.map(({ start, length, ...rest }) => ({ start, end: start + length, ...rest }))
      const { own } = sweepAll(list)
      const covered = Array.from({ length: 70 }, (_, byte) =>
        list.some(({ start, end }) => start <= byte && byte < end),
      ).filter(Boolean).length
      expect(own.reduce((sum, bytes) => sum + bytes, 0)).toBe(covered)
      // Who begins last has the byte; byte by byte, as it is said.
      const starts = new Map<number, number>()
      for (let byte = 0; byte < 70; byte++) {
        const last = Math.max(
          ...list.filter(({ start, end }) => start <= byte && byte < end).map(({ start }) => start),
        )
        if (Number.isFinite(last)) starts.set(last, (starts.get(last) ?? 0) + 1)
      }
      const byStart = new Map<number, number>()
      own.forEach((bytes, index) => {
        const start = list[index]?.start ?? 0
        if (bytes > 0) byStart.set(start, (byStart.get(start) ?? 0) + bytes)
      })
      expect([...byStart].sort()).toEqual([...starts].sort())
    }),
    { seed: 4, numRuns: 2_000 },
  )
})

test('a million pieces in each other take no more than a moment', () => {
  const count = 1_000_000
  const pieces: Pieces = {
    count,
    starts: Uint32Array.from({ length: count }, (_, index) => index),
    ends: Uint32Array.from({ length: count }, (_, index) => 2 * count - index),
    ranks: new Uint8Array(count),
    isScope: new Uint8Array(count),
  }
  const { own } = sweep(pieces)
  expect(own.reduce((sum, bytes) => sum + bytes, 0)).toBe(2 * count)
})

test('nor do a million that begin at the same byte', () => {
  const count = 1_000_000
  const ends = Uint32Array.from({ length: count }, (_, index) => 1 + ((index * 7919) % count))
  const zeroes = new Uint8Array(count)
  const { own } = sweep({ count, starts: new Uint32Array(count), ends, ranks: zeroes, isScope: zeroes })
  expect(own.reduce((sum, bytes) => sum + bytes, 0)).toBe(count)
})
