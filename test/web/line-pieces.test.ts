import { expect, test } from 'vitest'
import { linePieces, searchPattern } from '../../web/console/line-pieces.ts'

const esc = '\x1b'

/** The pieces of a line in short: its text, then what is special about it. */
function short(settled: string, { find = '' } = {}): string[] {
  return linePieces(settled, searchPattern(find)).map(
    ({ text, className, colour, background, href, isMatch }) =>
      [text, className, colour, background, href && `→ ${href}`, isMatch && 'match']
        .filter(Boolean)
        .join(' | '),
  )
}

test('a plain line is one piece', () => {
  expect(short('+ make all')).toEqual(['+ make all'])
})

test('the pieces of an empty line are none', () => {
  expect(short('')).toEqual([])
})

test.each([
  [
    'named colours',
    `${esc}[31mred${esc}[0m, ${esc}[94mblue`,
    ['red | ansi-red', ', ', 'blue | ansi-bright-blue'],
  ],
  [
    'decorations do not reach back',
    `${esc}[1mbold${esc}[4m both`,
    ['bold | ansi-bold', ' both | ansi-bold ansi-underline'],
  ],
  ['a default colour ends a colour', `${esc}[33myellow${esc}[39m plain`, ['yellow | ansi-yellow', ' plain']],
  ['the first 16 of the palette are the named ones', `${esc}[38;5;9mred`, ['red | ansi-bright-red']],
  ['the palette', `${esc}[38;5;208morange`, ['orange | ansi-custom | rgb(255 135 0)']],
  ['greys of the palette', `${esc}[38;5;240mgrey`, ['grey | ansi-custom | rgb(88 88 88)']],
  ['true colour', `${esc}[38;2;90;20;200mtrue`, ['true | ansi-custom | rgb(90 20 200)']],
  [
    'the palette by colons',
    `${esc}[38:5:196mred${esc}[0m plain`,
    ['red | ansi-custom | rgb(255 0 0)', ' plain'],
  ],
  ['true colour by colons', `${esc}[38:2::0:128:0mgreen`, ['green | ansi-custom | rgb(0 128 0)']],
  [
    'true colour by colons without a space, between others',
    `${esc}[1;38:2:0:0:255;4mblue`,
    ['blue | ansi-bold ansi-underline ansi-custom | rgb(0 0 255)'],
  ],
  ['kinds of underlines', `${esc}[4:3mcurly${esc}[4:0m none`, ['curly | ansi-underline-curly', ' none']],
  [
    'a link of the log',
    `${esc}]8;;https://x.example\x07x${esc}]8;;\x07 y`,
    ['x | → https://x.example', ' y'],
  ],
  ['a link of the log to no page', `${esc}]8;;javascript:alert(1)\x07x`, ['x']],
  ['backgrounds', `${esc}[41mred`, ['red | ansi-red-bg']],
  ['reversed', `${esc}[7mreversed`, ['reversed | ansi-white-bg']],
  ['reversed colour', `${esc}[32;7mgreen`, ['green | ansi-green-bg']],
])('styles: %s', (_name, line, pieces) => {
  expect(short(line)).toEqual(pieces)
})

test('a colour from the lines before is in force at the beginning', () => {
  expect(short(`${esc}[31mstill red${esc}[0m not`)).toEqual(['still red | ansi-red', ' not'])
})

test.each([
  ['https://example.org/a?b=c, then', ['https://example.org/a?b=c | → https://example.org/a?b=c', ', then']],
  ['(http://example.org)', ['(', 'http://example.org | → http://example.org', ')']],
])('a link in %j', (line, pieces) => {
  expect(short(line)).toEqual(pieces)
})

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'ftp://example.org',
  'mailto:a@example.org',
  '//example.org',
  'example.org',
  'file:///etc/passwd',
])('no link in %j', (line) => {
  expect(short(line)).toEqual([line])
})

test('matches are marked across styles and links, regardless of case', () => {
  expect(short(`a${esc}[31mBc${esc}[0md`, { find: 'bCD' })).toEqual([
    'a',
    'Bc | ansi-red | match',
    'd | match',
  ])
  expect(short('see http://example.org/', { find: 'example' })).toEqual([
    'see ',
    'http:// | → http://example.org/',
    'example | → http://example.org/ | match',
    '.org/ | → http://example.org/',
  ])
})

test('a search text is literal', () => {
  expect(short('a.b axb', { find: 'a.b' })).toEqual(['a.b | match', ' axb'])
})

test('no text is no search', () => {
  expect(searchPattern('')).toBeNull()
})
