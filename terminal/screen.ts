import {
  closeRow,
  deleteCells,
  eraseCells,
  insertCells,
  isUntouched,
  maxColumns,
  newRow,
  type Row,
  settledRow,
  toCells,
  writeCharacter,
} from './row.ts'
import { characterWidth } from './character-width.ts'
import { applyGraphics, plainStyle, type Style } from './style.ts'

/** Rows of the window in which the cursor moves: what scrolled out of it stays as it is. */
const screenRows = 100
/** Rows that a log can have beside one for each of its lines. */
const maxContinuations = 100_000

const control = /[\0-\x08\x0b-\x1f\x7f]/
const graphicsOnly = /\x1b\[[\d;:]*m/g
/**
 * ECMA-48 §5.4 (CSI), §5.6 (strings, up to their end or the line's), ISO 2022 (character sets), §5.5 (the short ones).
 */
const controlSequence = /\x1b\[([0-?]*)([ -/]*)([@-~])/y
const controlString = /\x1b([\]PX^_])([^\x07\x18\x1a\x1b]*)(?:\x07|\x1b\\|\x18|\x1a|(?=\x1b)|$)/y
const shortSequence = /\x1b([ -/]*)([0-~])/y
const repetition = /\x1b\[\d*b/y
/** What would turn the writing direction, or a terminal with eight-bit controls might obey. */
const deceiving = /[\x80-\x9f\u202a-\u202e\u2066-\u2069]/g

const lineDrawing = '◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·'

/** A screen of any height, and of so many columns that no line is wrapped. */
export type Screen = {
  /** Show the next stored line of a log; it begins below the line before, at the first column. */
  feed: (line: string) => void
  /** Rows to show; rows below the last line to which nothing was written do not count. */
  rowCount: () => number
  row: (index: number) => Readonly<Row>
  /** The row as settled text: see `settled-text.ts`. */
  settled: (index: number) => string
  /** In which row a line, from 0, began. */
  rowOfLine: (line: number) => number
  /** How often a line changed a row that an earlier one began. */
  readonly rewriteCount: number
  /** Number of lines that wrote over, or erased, something that an earlier line had written. */
  readonly overwritingLineCount: number
}

function isRepetition(text: string, at: number): boolean {
  repetition.lastIndex = at
  return repetition.test(text)
}

/** What stands for a character without a shape: `<U+202E>`. */
function showDeceiving(character: string): string {
  return `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`
}

type Cursor = { row: number; column: number; style: Style; sets: [string, string]; set: 0 | 1 }

/**
 * What a terminal shows of a log: text, colours, and a cursor that programs move to write over what they wrote.
 * As xterm does it, but for what would take text from a log: erasing the whole screen begins a new one below.
 * Titles, modes, scroll regions and the alternate screen are skipped. `columns` bounds each row, and
 * `continuations` the rows beside one for each line. Source: ECMA-48 (1991), §8.3; xterm, ctlseqs.
 */
export function createScreen({
  columns = maxColumns,
  continuations: mostContinuations = maxContinuations,
}: { columns?: number; continuations?: number } = {}): Screen {
  const rows: Row[] = []
  const rowsOfLines: number[] = []
  const cursor: Cursor = { row: 0, column: 0, style: plainStyle, sets: ['B', 'B'], set: 0 }
  let saved: Cursor | null = null
  let line = -1
  /** Rows above were on a screen that was erased. */
  let base = 0
  let continuations = 0
  let rewriteCount = 0
  let overwritingLineCount = 0
  let lastOverwriting = -1
  let lastCharacter = ''

  const top = () => Math.max(base, rows.length - screenRows)

  function feed(text: string): void {
    line += 1
    cursor.column = 0
    if (cursor.row === rows.length) push(false)
    const row = rows[cursor.row]
    if (row?.isContinuation && isUntouched(row)) {
      row.line = row.lastLine = line
      row.isContinuation = false
      continuations -= 1
    }
    rowsOfLines.push(cursor.row)
    if (!row || row.line !== line || !isUntouched(row) || !writeWhole(row, text)) interpret(text)
    cursor.row += 1
  }

  /** Most lines are text and colours on a row of their own: they stay as they are. */
  function writeWhole(row: Row, line: string): boolean {
    const text = line.endsWith('\r') ? line.replace(/\r+$/, '') : line
    if (cursor.sets[cursor.set] !== 'B') return false
    const hasControls = control.test(text)
    if (hasControls && control.test(text.replace(graphicsOnly, ''))) return false
    // A terminal moves over tabs without colouring them, other than a browser.
    if (text.includes('\t') && (hasControls || cursor.style !== plainStyle)) return false
    row.start = cursor.style
    row.text = text.replace(deceiving, showDeceiving)
    if (hasControls)
      for (const [sequence] of text.matchAll(graphicsOnly))
        cursor.style = applyGraphics(cursor.style, sequence.slice(2, -1))
    return true
  }

  function interpret(text: string): void {
    lastCharacter = ''
    for (let at = 0; at < text.length;) {
      const code = text.charCodeAt(at)
      if (code < 0x20 && !isRepetition(text, at)) lastCharacter = ''
      if (code === 0x1b) at = sequence(text, at)
      else if (code < 0x20 || code === 0x7f) {
        obey(code)
        at += 1
      } else {
        const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
        put(character)
        at += character.length
      }
    }
  }

  /** A control character; what is not here has no effect, as in a terminal. */
  function obey(code: number): void {
    if (code === 0x08) cursor.column = Math.max(0, cursor.column - 1)
    else if (code === 0x09) tab(1)
    else if (code === 0x0b || code === 0x0c) down(1)
    else if (code === 0x0d) cursor.column = 0
    else if (code === 0x0e) cursor.set = 1
    else if (code === 0x0f) cursor.set = 0
  }

  /** Obeys the sequence at `at` and gives its end. */
  function sequence(text: string, at: number): number {
    controlString.lastIndex = at
    const string = controlString.exec(text)
    if (string) {
      if (string[1] === ']') link(string[2] ?? '')
      return controlString.lastIndex
    }
    controlSequence.lastIndex = at
    const found = controlSequence.exec(text)
    if (found) {
      const [, parameters = '', intermediate = '', final = ''] = found
      if (intermediate === '' && !/^[<-?]/.test(parameters)) command(parameters, final)
      return controlSequence.lastIndex
    }
    if (text.startsWith('[', at + 1)) return /^[0-?]*[ -/]*$/.test(text.slice(at + 2)) ? text.length : at + 2
    shortSequence.lastIndex = at
    const short = shortSequence.exec(text)
    if (!short) return at + 1
    const [, intermediate = '', final = ''] = short
    if (intermediate === '(') cursor.sets[0] = final
    else if (intermediate === ')') cursor.sets[1] = final
    else if (intermediate === '') escape(final)
    return shortSequence.lastIndex
  }

  function escape(final: string): void {
    if (final === '7') save()
    else if (final === '8') restore()
    else if (final === 'D') down(1)
    else if (final === 'E') {
      down(1)
      cursor.column = 0
    } else if (final === 'M') up(1)
    else if (final === 'c') {
      Object.assign(cursor, { style: plainStyle, sets: ['B', 'B'], set: 0, column: 0 })
      startScreen()
    }
  }

  function link(content: string): void {
    const found = /^8;[^;]*;(.*)$/s.exec(content)
    if (found) cursor.style = { ...cursor.style, link: found[1] ?? '' }
  }

  function command(parameters: string, final: string): void {
    if (final === 'm') {
      cursor.style = applyGraphics(cursor.style, parameters)
      return
    }
    const [first = '', second = ''] = parameters.split(';')
    /** A count or a place, from 1: none and 0 mean 1. */
    const count = Math.min(Number.parseInt(first, 10) || 1, columns)
    const other = Math.min(Number.parseInt(second, 10) || 1, columns)
    const toColumn = (column: number) => (cursor.column = Math.min(Math.max(column, 0), columns))
    switch (final) {
      case 'A':
        return up(count)
      case 'B':
      case 'e':
        return down(count)
      case 'C':
      case 'a':
        return void toColumn(cursor.column + count)
      case 'D':
        return void toColumn(cursor.column - count)
      case 'E':
        down(count)
        return void toColumn(0)
      case 'F':
        up(count)
        return void toColumn(0)
      case 'G':
      case '`':
        return void toColumn(count - 1)
      case 'H':
      case 'f':
        toRow(count)
        return void toColumn(other - 1)
      case 'd':
        return toRow(count)
      case 'I':
        return tab(count)
      case 'Z':
        return void toColumn((Math.ceil(cursor.column / 8) - count) * 8)
      case 'J':
        return eraseScreen(first === '' ? 0 : Number(first))
      case 'K':
        return eraseLine(first === '' ? 0 : Number(first))
      case 'X':
        return eraseCells(touch(cursor.row), cursor.column, cursor.column + count, cursor.style)
      case 'P':
        return deleteCells(touch(cursor.row), cursor.column, count)
      case '@':
        return insertBlanks(count)
      case 'b':
        return repeat(count)
      case 's':
        return save()
      case 'u':
        return restore()
    }
  }

  /** Behind the end of a row, blanks that move nothing are not seen. */
  function insertBlanks(count: number): void {
    const cells = touch(cursor.row)
    if (cursor.column < cells.columns.length)
      insertCells(cells, cursor.column, Math.min(count, columns - cursor.column), cursor.style)
  }

  function put(character: string): void {
    const isDrawn = cursor.sets[cursor.set] === '0' && character >= '`' && character <= '~'
    lastCharacter = isDrawn
      ? lineDrawing.charAt(character.charCodeAt(0) - 0x60) || character
      : character.replace(deceiving, showDeceiving)
    write(lastCharacter)
  }

  /** A mark that takes no column is not repeated: it would grow one cell without limit. */
  function repeat(count: number): void {
    if (lastCharacter === '' || characterWidth(lastCharacter) === 0) return
    for (let times = 0; times < count && cursor.column < columns; times++) write(lastCharacter)
    // Marks the row as cut.
    if (cursor.column >= columns) write(lastCharacter)
  }

  function write(character: string): void {
    const cells = touch(cursor.row)
    const row = rows[cursor.row]
    if (cursor.column >= columns) {
      if (row) row.isCut = true
      return
    }
    if (row) row.lastLine = line
    cursor.column = writeCharacter(cells, cursor.column, character, cursor.style)
  }

  /** The cells of a row that is about to change. */
  function touch(index: number) {
    const row = rows[index] ?? newRow(line, true)
    if (row.line !== line) {
      rewriteCount += 1
      if (lastOverwriting !== line && !isUntouched(row)) {
        lastOverwriting = line
        overwritingLineCount += 1
      }
    }
    return toCells(row)
  }

  function tab(count: number): void {
    cursor.column = Math.min((Math.floor(cursor.column / 8) + count) * 8, columns)
  }

  function up(count: number): void {
    cursor.row = Math.max(Math.min(cursor.row, top()), cursor.row - count)
  }

  /** Also below the last row, other than a terminal whose window is full: two texts must not be glued together. */
  function down(count: number): void {
    for (let left = Math.min(count, screenRows); left > 0; left--) {
      if (cursor.row + 1 === rows.length && !addRow()) return
      cursor.row += 1
    }
  }

  function addRow(): boolean {
    if (continuations >= mostContinuations) return false
    continuations += 1
    push(true)
    return true
  }

  function push(isContinuation: boolean): void {
    rows.push(newRow(line, isContinuation))
    const scrolledOut = rows[rows.length - 1 - screenRows]
    if (scrolledOut) closeRow(scrolledOut)
  }

  function toRow(place: number): void {
    const wanted = top() + Math.min(place, screenRows) - 1
    while (rows.length <= wanted && addRow());
    cursor.row = Math.min(wanted, rows.length - 1)
  }

  function eraseLine(which: number): void {
    const cells = touch(cursor.row)
    if (which === 0) eraseCells(cells, cursor.column, Infinity, cursor.style)
    else if (which === 1) eraseCells(cells, 0, cursor.column + 1, cursor.style)
    else if (which === 2) eraseCells(cells, 0, Infinity, cursor.style)
  }

  function eraseScreen(which: number): void {
    if (which === 2) return startScreen()
    if (which > 2) return
    eraseLine(which)
    const [from, to] = which === 0 ? [cursor.row + 1, rows.length] : [top(), cursor.row]
    for (let row = from; row < to; row++) eraseCells(touch(row), 0, Infinity, cursor.style)
  }

  /** What the log has so far stays above. */
  function startScreen(): void {
    let next = rows.length
    for (let row = rows[next - 1]; row && isUntouched(row); row = rows[next - 1]) next -= 1
    if (next === rows.length && !addRow()) return
    base = next
    cursor.row = next
  }

  function save(): void {
    saved = { ...cursor, sets: [...cursor.sets] }
  }

  function restore(): void {
    if (!saved) return
    Object.assign(cursor, saved, { sets: [...saved.sets] })
    cursor.row = Math.min(Math.max(cursor.row, top()), rows.length - 1)
  }

  return {
    feed,
    rowCount() {
      let count = rows.length
      for (let row = rows[count - 1]; row?.isContinuation && isUntouched(row); row = rows[count - 1])
        count -= 1
      return count
    },
    row: (index) => rows[index] ?? newRow(line, true),
    settled: (index) => (rows[index] ? settledRow(rows[index]) : ''),
    rowOfLine: (index) => rowsOfLines[index] ?? 0,
    get rewriteCount() {
      return rewriteCount
    },
    get overwritingLineCount() {
      return overwritingLineCount
    },
  }
}
