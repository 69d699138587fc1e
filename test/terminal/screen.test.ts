import { readFileSync } from 'node:fs'
import xterm from '@xterm/headless'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createScreen } from '../../terminal/screen.ts'
import { plainText, styledRuns } from '../../terminal/settled-text.ts'
import { rgbBase } from '../../terminal/style.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'

const esc = '\x1b'

/** What this project's screen shows of a log. */
function rowsOf(lines: readonly string[]): string[] {
  const screen = createScreen()
  for (const line of lines) screen.feed(line)
  return Array.from({ length: screen.rowCount() }, (_, index) => screen.settled(index))
}

/** One character in short: itself, and how it looks. */
type Seen = [character: string, look: string]

function seenInRow(settled: string): Seen[] {
  const expanded = settled.replace(/^[^\x1b]*/, (text) =>
    text.split('\t').reduce((before, part) => before.padEnd(Math.floor(before.length / 8) * 8 + 8) + part),
  )
  return styledRuns(expanded).flatMap(({ text, style }) => {
    const { foreground, background, underline, bold, dim, italic, inverse, hidden, strikethrough, overline } =
      style
    const look = JSON.stringify([
      bold,
      dim,
      italic,
      underline,
      inverse,
      hidden,
      strikethrough,
      overline,
      foreground,
      background,
      underline > 0 ? style.underlineColour : null,
    ])
    return [...text].map((character): Seen => [character, look])
  })
}

type Cell = NonNullable<
  ReturnType<NonNullable<ReturnType<xterm.Terminal['buffer']['active']['getLine']>>['getCell']>
>

/** What xterm.js shows of a log on a window of 100 rows that is too wide to wrap its lines. */
async function seenByXterm(lines: readonly string[]): Promise<Seen[][]> {
  const terminal = new xterm.Terminal({ cols: 160, rows: 100, scrollback: 1_000, allowProposedApi: true })
  await new Promise<void>((resolve) => terminal.write(lines.join('\r\n'), resolve))
  const buffer = terminal.buffer.active
  const rows = Array.from({ length: buffer.length }, (_, index) => {
    const line = buffer.getLine(index)
    const length = line?.translateToString(true).length ?? 0
    return Array.from({ length }, (_, column) => line?.getCell(column)).flatMap((cell): Seen[] =>
      cell && cell.getWidth() > 0 ? [[cell.getChars() || ' ', lookOf(cell)]] : [],
    )
  })
  terminal.dispose()
  return rows
}

function lookOf(cell: Cell): string {
  const colour = (isDefault: boolean, isRgb: boolean, value: number) =>
    isDefault ? null : isRgb ? rgbBase + value : value
  const inner = cell as unknown as {
    isUnderline(): number
    getUnderlineStyle(): number
    isUnderlineColorDefault(): boolean
    isUnderlineColorRGB(): boolean
    getUnderlineColor(): number
  }
  const underline = cell.isUnderline() ? inner.getUnderlineStyle() : 0
  return JSON.stringify([
    cell.isBold() > 0,
    cell.isDim() > 0,
    cell.isItalic() > 0,
    underline,
    cell.isInverse() > 0,
    cell.isInvisible() > 0,
    cell.isStrikethrough() !== 0,
    cell.isOverline() > 0,
    colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    // After SGR 59, xterm.js has −1 for the default colour.
    underline > 0 && inner.getUnderlineColor() !== 0xffffff
      ? colour(inner.isUnderlineColorDefault(), inner.isUnderlineColorRGB(), inner.getUnderlineColor())
      : null,
  ])
}

/** Without what cannot be seen at the end: blanks in the default look. */
function trimmed(rows: Seen[][]): string[][] {
  const plain = rows.map((row) => {
    const expanded = row.flatMap(([character, look]) => `${character} ${look}`)
    const last = row.findLastIndex(([character]) => character !== ' ' && character !== '\t')
    return expanded.slice(0, last + 1)
  })
  return plain.slice(0, plain.findLastIndex((row) => row.length > 0) + 1)
}

async function expectAsXterm(lines: readonly string[]): Promise<void> {
  const expected = trimmed(await seenByXterm(lines))
  expect(trimmed(rowsOf(lines).map(seenInRow))).toEqual(expected)
}

test.each<[name: string, lines: string[], shown: string[]]>([
  [
    'CR moves and deletes nothing',
    ['compiling 12 of 90: \x1b[33mcipher.ml\x1b[0m\r\x1b[32mlinked\x1b[0m'],
    ['linkeding 12 of 90: cipher.ml'],
  ],
  ['the end of a CR LF', ['text\r'], ['text']],
  [
    'EL and CHA',
    [`[1/4] resolving${esc}[2K${esc}[1G[2/4] fetching${esc}[2K${esc}[1G[3/4] linking`],
    ['[3/4] linking'],
  ],
  [
    'EL to the right',
    [`⠙ idealTree${esc}[1G${esc}[0K⠹ reify${esc}[1G${esc}[0Kadded 12 packages`],
    ['added 12 packages'],
  ],
  ['EL that leaves nothing', [`installing 4/9\r${esc}[K`], ['']],
  ['EL to the left', [`abcdef${esc}[3D${esc}[1K`], ['    ef']],
  [
    'BS',
    ['Solving: /\b-\b\\\b|\bdone', 'pulled 10%\b\b\b42%\b\b\b99%', 'N\bNA\bAM\bME\bE'],
    ['Solving: done', 'pulled 99%', 'NAME'],
  ],
  ['BS in the first column', ['\b\ba'], ['a']],
  ['CUF and CUB', [`ab${esc}[3Cc${esc}[2Dd`], ['ab  dc']],
  ['a tab moves over what is there', ['abcdefghij\r\tX'], ['abcdefghXj']],
  [
    'CUU and CUD, as docker writes',
    ['one', 'two', `${esc}[2A${esc}[2K\r1\r${esc}[2Bdone`],
    ['1', 'two', 'done'],
  ],
  ['CNL and CPL', ['a', `${esc}[1F${esc}[2Kb${esc}[1Ec`], ['b', 'c']],
  ['CNL below the end', [`a${esc}[1Eb`, 'c'], ['a', 'b', 'c']],
  ['CUD below the end', [`a${esc}[2Bb`, 'c'], ['a', '', ' b', 'c']],
  [
    'HPA, VPA and CUP',
    ['one', 'two', `${esc}[1d${esc}[2\`X${esc}[2;3HY${esc}[3;1Hend`],
    ['oXe', 'twY', 'end'],
  ],
  [
    'ECH, DCH and ICH',
    [`abcdef${esc}[2G${esc}[2X`, `abcdef${esc}[2G${esc}[2P`, `abcdef${esc}[2G${esc}[2@`],
    ['a  def', 'adef', 'a  bcdef'],
  ],
  ['REP', [`-${esc}[4b|`], ['-----|']],
  ['ED downwards, as BuildKit writes', ['a', 'b', 'c', `${esc}[3A${esc}[Jnew`], ['new', '', '', '']],
  [
    'DECSC and DECRC',
    ['first', 'second', 'third', `${esc}7${esc}[2A${esc}[2K${esc}[1Gover${esc}8end`],
    ['first', 'over', 'third', 'end'],
  ],
  ['SCOSC and SCORC', [`ab${esc}[scd${esc}[uX`], ['abXd']],
  ['IND, NEL and RI', [`a${esc}Db${esc}Ec${esc}Md`], ['a', ' d', 'c']],
  [
    'titles, DCS, APC, PM and modes',
    [
      `${esc}]0;title\x07a${esc}]2;t${esc}\\b${esc}P1$qm${esc}\\c${esc}_bk;t=1\x07d${esc}^x${esc}\\e${esc}[?25l${esc}[?2004hf${esc}[>c`,
    ],
    ['abcdef'],
  ],
  ['a title without an end takes the rest of the line', [`a${esc}]0;title`, 'b'], ['a', 'b']],
  ['a sequence without an end', [`a${esc}[12`, `b${esc}`, 'c'], ['a', 'b', 'c']],
  ['a character set for drawing', [`${esc}(0lqk${esc}(Blqk`, `${esc})0\x0ex\x0fx`], ['┌─┐lqk', '│x']],
  ['controls without an effect', ['a\x07b\x00c\x7fd\x01e'], ['abcde']],
  [
    'a hyperlink with BEL and with ST',
    [
      `${esc}]8;;https://x.example\x07link${esc}]8;;\x07 ${esc}]8;id=1;https://y.example${esc}\\too${esc}]8;;${esc}\\`,
    ],
    ['link too'],
  ],
  ['wide characters and marks', ['漢字\b\b\bX', 'e\u0301a\b\bo'], [' X字', 'oa']],
  ['erasing the whole screen keeps the log', ['before', `${esc}[2J${esc}[Hafter`], ['before', 'after']],
  [
    'what turns the direction, and C1 controls',
    ['good\u202ednab', 'a\u009bb'],
    ['good<U+202E>dnab', 'a<U+009B>b'],
  ],
])('%s', (_name, lines, shown) => {
  expect(rowsOf(lines).map(plainText)).toEqual(shown)
})

const graphics = [
  '31',
  '1;4',
  '0',
  '',
  '38:5:196',
  '38;5;208',
  '38:2::0:128:0',
  '38;2;90;20;200',
  '48:5:17',
  '48;2;1;2;3',
  '4:3',
  '4:0',
  '21',
  '58:5:9',
  '58:2::255:0:0',
  '59',
  '7',
  '27',
  '9',
  '29',
  '53',
  '55',
  '3',
  '23',
  '2',
  '22',
  '8',
  '28',
  '94',
  '103',
  '39',
  '49',
]

test.each(graphics)('SGR %s looks as in xterm.js', async (parameters) => {
  await expectAsXterm([`${esc}[1;32;44ma${esc}[${parameters}mb`, 'c'])
})

/** A piece of a line as programs with progress bars write them. */
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z ]{1,8}$/) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.nat(12), fc.constantFrom(...'ABCDEFGX@PdaeG`'))
      .map(([count, final]) => `${esc}[${count || ''}${final}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('', '0', '1', '2'), fc.constant('K'))
      .map(([which, final]) => `${esc}[${which}${final}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `${esc}[J`,
      `${esc}[1J`,
      `${esc}[2;3H`,
      `${esc}[H`,
      `${esc}[3b`,
      `${esc}[I`,
      `${esc}[Z`,
    ),
  },
  { weight: 3, arbitrary: fc.constantFrom(...graphics).map((parameters) => `${esc}[${parameters}m`) },
  { weight: 4, arbitrary: fc.constantFrom('\r', '\b', '\t', '\x07', '\x0b') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      `${esc}7a`,
      `${esc}D`,
      `${esc}E`,
      `${esc}(0`,
      `${esc}(B`,
      `${esc}[?25l`,
      `${esc}]0;t\x07`,
    ),
  },
)

test('the widespread form of a colour without its space', () => {
  expect(styledRuns(`${esc}[1;38:2:0:0:255;4mblue`)).toMatchObject([
    { text: 'blue', style: { bold: true, underline: 1, foreground: rgbBase + 255 } },
  ])
})

test('random logs look as in xterm.js: text, colours and weights', async () => {
  const line = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
  await fc.assert(fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 6 }), expectAsXterm), {
    seed: 11,
    numRuns: 250,
  })
})

test('rows know which line began them and which wrote to them last', () => {
  const screen = createScreen()
  for (const line of [
    'head',
    'one: 1%',
    'two: 1%',
    `${esc}[2A${esc}[2Kone: 99%`,
    `${esc}[2Ktwo: 99%`,
    `tail${esc}[1Emore`,
  ])
    screen.feed(line)
  const rows = Array.from({ length: screen.rowCount() }, (_, index) => {
    const { line, lastLine, isContinuation } = screen.row(index)
    return [screen.settled(index), line, lastLine, isContinuation]
  })
  expect(rows).toEqual([
    ['head', 0, 0, false],
    ['one: 99%', 1, 3, false],
    ['two: 99%', 2, 4, false],
    ['tail', 3, 5, false],
    ['more', 5, 5, true],
  ])
  expect([0, 1, 2, 3, 4, 5].map(screen.rowOfLine)).toEqual([0, 1, 2, 3, 2, 3])
})

test('lines without control sequences keep one row each, to the character', () => {
  const lines = Array.from({ length: 300 }, (_, n) => `${n}\t${n % 7 === 0 ? '' : 'text  '}`)
  expect(rowsOf(lines)).toEqual(lines)
})

test('the size of the drawing is limited', () => {
  expect(rowsOf(['x'.repeat(10_001)])).toEqual([`${'x'.repeat(10_000)} …`])
  expect(rowsOf([`\r${'x'.repeat(10_001)}`])).toEqual([`${'x'.repeat(10_000)} …`])
  expect(rowsOf([`a${esc}[999999999Cb`])[0]?.length).toBeLessThan(10_010)
  expect(rowsOf(Array(2_000).fill('\x0b'.repeat(1_000))).length).toBeLessThan(110_000)
  expect(rowsOf([`-${esc}[999999999b`.repeat(50)])[0]?.length).toBeLessThan(10_010)
})

test('any text is shown', () => {
  const any = fc.array(
    fc.oneof(
      piece,
      fc.string({ unit: 'binary' }),
      fc.constantFrom(esc, '[', ']', '8;;', '\\', '\x9b', '漢', '\u0301', ';', ':'),
    ),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(
      fc.array(
        any.map((pieces) => pieces.join('').replaceAll('\n', '')),
        { maxLength: 8 },
      ),
      (lines) => {
        const rows = rowsOf(lines)
        expect(rows.length).toBeGreaterThanOrEqual(0)
        for (const row of rows) expect(plainText(row)).not.toMatch(/[\0-\x08\x0a-\x1f\x7f-\x9f]/)
      },
    ),
    { seed: 12, numRuns: 500 },
  )
})

const report = (...path: string[]) =>
  readFileSync(corpusPath('reports', ...path), 'utf8')
    .replace(/\n$/, '')
    .split('\n')

test.skipIf(!hasCorpus).each([
  ['07-console-cursor-up/playwright.sh.raw', '07-console-cursor-up/terminal.txt'],
  ['26-console-docker/docker-pull.sh.raw', '26-console-docker/docker-pull.terminal.txt'],
  ['26-console-docker/docker-compose-pull.sh.raw', '26-console-docker/docker-compose-pull.terminal.txt'],
  ['26-console-docker/cursor-save-restore.sh.raw', '26-console-docker/cursor-save-restore.terminal.txt'],
])('the reported log %s is shown as a terminal leaves it', (raw, terminal) => {
  const shown = rowsOf(report(raw)).map((row) => plainText(row).trimEnd())
  expect(shown.slice(0, shown.findLastIndex((row) => row !== '') + 1)).toEqual(
    report(terminal).map((row) => row.trimEnd()),
  )
})

test.skipIf(!hasCorpus)('the reported lines with erasures and backspaces', () => {
  const shown = (path: string) => report(path).map((line) => rowsOf([line]).map(plainText))
  expect(shown('03-console-column-and-erase/console.txt')).toEqual([
    ['[3/4] linking'],
    ['added 12 packages'],
    [''],
    ['linkeding 12 of 90: cipher.ml'],
  ])
  expect(shown('04-console-backspace/console.txt')).toEqual([['Solving: done'], ['pulled 99%'], ['NAME']])
})

test.each([
  ['a repeated mark', `e\u0301${`${esc}[9999b`.repeat(500)}`],
  ['endless marks on one letter', `e${'\u0301'.repeat(100_000)}`],
])('%s takes no more room than a letter with marks', (_name, line) => {
  expect(rowsOf([`${line}${esc}[K`])[0]?.length).toBeLessThan(50)
})

test('blanks that are inserted behind the end of a row are not there', () => {
  expect(rowsOf([`ab${esc}[9999@`])).toEqual(['ab'])
})

test('a row that scrolled out keeps its text, and its mark where it was cut', () => {
  const later = Array.from({ length: 200 }, () => 'later')
  const marked = `${'e\u0301'.repeat(9_000)}END`
  expect(plainText(rowsOf([`${marked}${esc}[K`, ...later])[0] ?? '')).toBe(marked)
  expect(rowsOf(['y'.repeat(12_000), `${esc}[A!`])[0]).toMatch(/y …$/)
})
