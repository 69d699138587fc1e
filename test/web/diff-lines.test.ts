import { expect, test } from 'vitest'
import { changedWords, markWords } from '../../web/diffs/changed-words.ts'
import {
  formatHunkHead,
  formatUnified,
  type Hunk,
  numberLines,
  pairLines,
} from '../../web/diffs/diff-lines.ts'
import { parseTextFilter } from '../../web/diffs/text-filter.ts'

function hunk(...lines: string[]): Hunk {
  const count = (signs: RegExp) => lines.filter((line) => signs.test(line)).length
  return { leftStart: 10, leftCount: count(/^[ -]/), rightStart: 20, rightCount: count(/^[ +]/), lines }
}

/** The split view in short: `10 a | 20 b`, a dash where a side has no line. */
function split(...lines: string[]): string[] {
  return pairLines(numberLines(hunk(...lines))).map(({ left, right }) => {
    const side = (line: typeof left, number: number | null | undefined) =>
      line ? `${number ?? line.sign} ${line.text}` : '–'
    return `${side(left, left?.left)} | ${side(right, right?.right)}`
  })
}

test('lines carry the numbers of the sides that have them', () => {
  const lines = numberLines(hunk(' a', '-b', '+c', '+d', ' e'))
  expect(lines.map(({ left, right }) => [left, right])).toEqual([
    [10, 20],
    [11, null],
    [null, 21],
    [null, 22],
    [12, 23],
  ])
})

test.each([
  ['a changed line stands beside what it became', ['-a', '+b'], ['10 a | 20 b']],
  ['of unequal runs the rest stands alone', ['-a', '-b', '+c'], ['10 a | 20 c', '11 b | –']],
  ['added lines stand alone', [' a', '+b'], ['10 a | 20 a', '– | 21 b']],
  ['removed lines stand alone', ['-a', ' b'], ['10 a | –', '11 b | 20 b']],
  ['removed lines behind added ones begin another run', ['+a', '-b', '+c'], ['– | 20 a', '10 b | 21 c']],
  [
    'the remark on a missing line end stays on its side',
    ['-a', '\\ No newline at end of file', '+a'],
    ['10 a | 20 a', '\\ No newline at end of file | –'],
  ],
  [
    'the remark on a common line stands on both sides',
    [' a', '\\ No newline at end of file'],
    ['10 a | 20 a', '\\ No newline at end of file | \\ No newline at end of file'],
  ],
  ['an empty line is a line', ['-', '+a'], ['10  | 20 a']],
])('%s', (_name, lines, expected) => {
  expect(split(...lines)).toEqual(expected)
})

test.each([
  [{ leftStart: 12, leftCount: 7, rightStart: 12, rightCount: 9 }, '@@ -12,7 +12,9 @@'],
  [{ leftStart: 1, leftCount: 1, rightStart: 1, rightCount: 1 }, '@@ -1 +1 @@'],
  [{ leftStart: 1, leftCount: 0, rightStart: 1, rightCount: 3 }, '@@ -0,0 +1,3 @@'],
])('the head of a hunk is what patch expects', (range, head) => {
  expect(formatHunkHead({ ...range, lines: [] })).toBe(head)
})

test('hunks as text begin with the names of both sides, and end with a line end', () => {
  expect(formatUnified([hunk('-a', '+b')], 'a/opam', 'b/opam')).toBe(
    '--- a/opam\n+++ b/opam\n@@ -10 +20 @@\n-a\n+b\n',
  )
  expect(formatUnified([], 'a', 'b')).toBe('')
})

function marked(left: string, right: string): [string, string] | null {
  const words = changedWords(left, right)
  const show = (pieces: { text: string; isChanged: boolean }[]) =>
    pieces.map(({ text, isChanged }) => (isChanged ? `[${text}]` : text)).join('')
  return words && [show(words.left), show(words.right)]
}

test.each([
  ['version: "1.2.0"', 'version: "1.3.0"', ['version: "1.[2].0"', 'version: "1.[3].0"']],
  ['make', 'make install', ['make', 'make[ install]']],
  ['one thing', 'altogether other words', null],
  ['x'.repeat(2_000), `${'x'.repeat(1_999)}y`, null],
])('within %j → %j the words that changed are marked', (left, right, expected) => {
  expect(marked(left, right)).toEqual(expected)
})

test('only lines that changed into each other are marked', () => {
  const lines = numberLines(hunk('-make all', '+make check', ' same', '+make all'))
  const words = markWords(pairLines(lines))
  expect([...words.keys()].map(({ sign, text }) => sign + text)).toEqual(['-make all', '+make check'])
})

test.each([
  ['', ['anything'], true],
  ['  ', [null], true],
  ['DNS', ['dns-client', '7.0.2'], true],
  ['7.0 dns', ['dns-client', '7.0.2'], true],
  ['dns tls', ['dns-client', '7.0.2'], false],
  ['client7', ['dns-client', '7.0.2'], false],
])('the filter %j lets %j through: %j', (typed, texts, passes) => {
  expect(parseTextFilter(typed).matches(...texts)).toBe(passes)
})
