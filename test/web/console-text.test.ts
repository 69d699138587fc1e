import { expect, test } from 'vitest'
import { createConsoleLog } from '../../web/console/console-log.ts'
import { settleLine } from '../../terminal/settle-line.ts'
import { plainText } from '../../terminal/settled-text.ts'
import { parseConsoleLine } from '../../web/console/console-text.ts'
import { copyLines } from '../../web/console/copy-lines.ts'
import { searchPattern } from '../../web/console/line-pieces.ts'
import { searchLines } from '../../web/console/use-console-search.ts'

const esc = '\x1b'

test.each([
  ['12.345s:text', { seconds: '12.345', text: 'text' }],
  ['-0.001s:before the start', { seconds: '-0.001', text: 'before the start' }],
  ['0.000s:', { seconds: '0.000', text: '' }],
  ['0.000s:1.000s:nested', { seconds: '0.000', text: '1.000s:nested' }],
  ['goes on', { seconds: null, text: 'goes on' }],
  ['12.34s:two digits', { seconds: null, text: '12.34s:two digits' }],
  ['', { seconds: null, text: '' }],
])('the line %j is read as its time and text', (line, expected) => {
  expect(parseConsoleLine(line)).toEqual(expected)
})

test('a line that goes on after a line break has no time, whatever it looks like', () => {
  expect(parseConsoleLine('0.500s: parse', false)).toEqual({ seconds: null, text: '0.500s: parse' })
})

test.each([
  ['text', 'text'],
  ['text\r', 'text'],
  [`${esc}[31m10%\r20%`, `${esc}[31m20%`],
  [`${esc}[01;31m${esc}[Kerror:`, `${esc}[1;31merror:`],
  [`a${esc}]8;;https://x.example${esc}\\b`, `a${esc}]8;;https://x.example\x07b`],
  [`a${esc}[1Eb`, 'a\nb'],
  ['good\u202Ednab', 'good<U+202E>dnab'],
])('the line %j by itself settles as %j', (text, settled) => {
  expect(settleLine(text)).toBe(settled)
})

test('plain text has no colours and links', () => {
  expect(
    plainText(settleLine(`${esc}[1;32mok${esc}[0m ${esc}]8;;https://x.example\x07done${esc}]8;;\x07`)),
  ).toBe('ok done')
})

/** All lines of a log as bits: an entry begins there, or not. */
function entryBits(...begins: boolean[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(begins.length / 8))
  begins.forEach((isSet, line) => isSet && (bits[line >> 3] = (bits[line >> 3] ?? 0) | (0x80 >> (line & 7))))
  return bits
}

function logOf(...pieces: string[]) {
  const log = createConsoleLog()
  for (const piece of pieces) log.append(piece)
  log.finish()
  return log
}

test('lines are the same however the file is cut into pieces', () => {
  const file = `0.000s:one\n0.001s:${esc}[31mtwo\ngoes on\n0.002s:three${esc}[0m\n`
  const whole = logOf(file)
  const cut = logOf(...file)
  expect(whole.rowCount()).toBe(4)
  expect(cut.rowCount()).toBe(4)
  for (let row = 0; row < 4; row++) expect(cut.row(row)).toEqual(whole.row(row))
  expect(whole.row(2)).toEqual({ number: 3, seconds: null, text: `${esc}[31mgoes on` })
  expect(whole.row(0)).toEqual({ number: 1, seconds: '0.000', text: 'one' })
})

test('a row is the same object until it changes', () => {
  const log = createConsoleLog()
  log.append('0.000s:one\n')
  const before = log.row(0)
  log.append('0.001s:two\n')
  expect(log.row(0)).toBe(before)
  log.append(`0.002s:${esc}[2A!\n`)
  expect(log.row(0)).toEqual({ number: 1, seconds: '0.002', text: '!ne' })
})

test('the text of an entry is never taken for its time', () => {
  const file = '1.000s:timings\n0.500s: parse\n-1.000s: skew\n2.000s:next\n'
  const log = createConsoleLog(entryBits(true, false, false, true))
  log.append(file)
  log.finish()
  expect([0, 1, 2, 3].map((row) => [log.row(row).seconds, log.plain(row)])).toEqual([
    ['1.000', 'timings'],
    [null, '0.500s: parse'],
    [null, '-1.000s: skew'],
    ['2.000', 'next'],
  ])
  expect(searchLines(log, searchPattern('500s: parse') as RegExp, 0, 4)).toEqual([1])
  expect(copyLines(log, { first: 2, last: 3 })).toBe('0.500s: parse\n-1.000s: skew')
})

test('lines that wrote over others lead to the row in which they begin, and numbers stay', () => {
  const log = logOf(
    `0.000s:a\n0.001s:b\n0.002s:${esc}[2A${esc}[2KA\n0.003s:${esc}[2KB\n0.004s:c${esc}[1Ed\n0.005s:e\n`,
  )
  const rows = Array.from({ length: log.rowCount() }, (_, row) => log.row(row))
  expect(rows.map(({ number, seconds, text }) => [number, seconds, text])).toEqual([
    [1, '0.002', 'A'],
    [2, '0.003', 'B'],
    [3, '0.004', 'c'],
    [null, '0.004', 'd'],
    [6, '0.005', 'e'],
  ])
  expect([log.storedLineCount(), log.rewriteCount() > 0]).toEqual([6, true])
  // The third line and the fourth; the fifth made a row of its own below, and the sixth has one.
  expect(log.overwritingLineCount()).toBe(2)
  expect([0, 3, 4, 5, 99].map(log.rowOfLine)).toEqual([0, 1, 2, 4, 4])
  expect(copyLines(log, { first: 1, last: 2 })).toBe('A\nB')
  expect(copyLines(log, { first: 6, last: 6 })).toBe('e')
})

test.each([
  [
    'a line that moves up and returns has a row of its own, and counts',
    `a\n${esc}[1A${esc}[2Kb${esc}[1E\nc`,
    1,
  ],
  ['a line that goes on in a row of the line before counts', `a\n${esc}[1Abcd\n`, 1],
  ['a line that moves up and writes nothing does not count', `a\n${esc}[1A\n${esc}[1B\nb`, 0],
  ['a line with several rows takes none from the number', `a${esc}[1Eb${esc}[1Ec\nd`, 0],
  ['a line that erases many rows counts once', `a\nb\nc\n${esc}[3A${esc}[J\n`, 1],
  ['a line that writes over itself does not count', 'a\rb\nc', 0],
])('%s', (_name, text, count) => {
  expect(logOf(text).overwritingLineCount()).toBe(count)
})

test('a last line without a line break counts, an empty end does not', () => {
  expect(logOf('0.000s:one\n0.001s:two').storedLineCount()).toBe(2)
  expect(logOf('0.000s:one\n').storedLineCount()).toBe(1)
  expect(logOf('').storedLineCount()).toBe(0)
})

test('a search finds the lines that contain the text as shown, regardless of case', () => {
  const log = logOf(`0.000s:${esc}[31mER${esc}[0mROR: a.b\n0.001s:none\n0.002s:an error\n0.003s:axb\n`)
  expect(searchLines(log, searchPattern('error') as RegExp, 0, 4)).toEqual([0, 2])
  expect(searchLines(log, searchPattern('error') as RegExp, 1, 4)).toEqual([2])
  expect(searchLines(log, searchPattern('a.b') as RegExp, 0, 4)).toEqual([0])
})

test('marked lines are copied without numbers, times and colours', () => {
  const log = logOf(`0.000s:one\n0.001s:${esc}[31mtwo${esc}[0m\n0.002s:three\n`)
  expect(copyLines(log, { first: 2, last: 3 })).toBe('two\nthree')
  expect(copyLines(log, { first: 3, last: 99 })).toBe('three')
  expect(copyLines(log, { first: 98, last: 99 })).toBe('')
})
