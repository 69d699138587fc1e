import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createConsoleLog } from '../../web/console/console-log.ts'
import {
  carryGraphics,
  longestShownLine,
  parseConsoleLine,
  plainText,
  settleLine,
} from '../../web/console/console-text.ts'
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

test.each([
  ['the last text after carriage returns', 'loading 10%\rloading 60%\rdone', 'done'],
  ['a CRLF line break leaves nothing', 'text\r', 'text'],
  ['colours before a carriage return stay on', `${esc}[31m10%\r20%`, `${esc}[31m20%`],
  ['erasures and cursor movements go', `${esc}[2K${esc}[1Gtext${esc}[K`, 'text'],
  [
    'a colour stays when an erasure follows, as gcc writes it',
    `${esc}[01;31m${esc}[Kerror:`,
    `${esc}[01;31merror:`,
  ],
  [
    'titles and hyperlinks go, their text stays',
    `${esc}]0;title\x07${esc}]8;;https://x${esc}\\link${esc}]8;;${esc}\\`,
    'link',
  ],
  ['an unfinished title takes the rest of the line', `a${esc}]0;title`, 'a'],
  ['private modes go', `${esc}[?25lhidden cursor${esc}[?25h`, 'hidden cursor'],
  ['a character set goes', `${esc}(Btext`, 'text'],
  ['control characters are written out', 'a\x07b\x00c\x7fd\x08', 'a^Gb^@c^?d^H'],
  ['a tab stays', 'a\tb', 'a\tb'],
  ['a lone escape is written out', `text${esc}`, 'text^['],
  ['direction overrides are written out', 'good\u202Ednab', 'good<U+202E>dnab'],
  ['C1 controls are written out', 'a\u009bb', 'a<U+009B>b'],
])('a settled line: %s', (_name, text, settled) => {
  expect(settleLine(text)).toBe(settled)
})

test('a line longer than what is drawn is cut, and says so', () => {
  expect(settleLine('x'.repeat(longestShownLine + 1))).toBe(`${'x'.repeat(longestShownLine)} …`)
})

test('plain text has no colours', () => {
  expect(plainText(settleLine(`${esc}[1;32mok${esc}[0m done`))).toBe('ok done')
})

test.each([
  ['', 'no colour', ''],
  ['', `${esc}[31mred`, `${esc}[31m`],
  [`${esc}[31m`, 'still red', `${esc}[31m`],
  [`${esc}[31m`, `reset${esc}[0m`, ''],
  [`${esc}[31m`, `reset${esc}[m and ${esc}[1mbold`, `${esc}[1m`],
])('with %j in force, the line %j leaves %j', (before, line, after) => {
  expect(carryGraphics(before, line)).toBe(after)
})

test('colours that are never reset do not pile up', () => {
  let carry = ''
  for (let line = 0; line < 1_000; line++) carry = carryGraphics(carry, `${esc}[3${line % 8}mtext`)
  expect(carry.length).toBeLessThan(100)
})

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
  expect(whole.lineCount()).toBe(4)
  expect(cut.lineCount()).toBe(4)
  for (let line = 0; line < 4; line++) {
    expect(cut.line(line)).toEqual(whole.line(line))
    expect(cut.carry(line)).toBe(whole.carry(line))
  }
  expect(whole.carry(2)).toBe(`${esc}[31m`)
  expect(whole.carry(0)).toBe('')
})

test('a last line without a line break counts, an empty end does not', () => {
  expect(logOf('0.000s:one\n0.001s:two').lineCount()).toBe(2)
  expect(logOf('0.000s:one\n').lineCount()).toBe(1)
  expect(logOf('').lineCount()).toBe(0)
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

test('a source file has no raw escape character in it', () => {
  expect(readFileSync(new URL('../../web/console/console-text.ts', import.meta.url), 'utf8')).not.toContain(
    esc,
  )
})
