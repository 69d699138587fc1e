import { characterWidth } from './character-width.ts'
import { cutSettled, styledRuns } from './settled-text.ts'
import { changeStyle, plainStyle, type Style } from './style.ts'

/** Columns that a row has at most; what a program writes to the right of them is dropped. */
export const maxColumns = 10_000

/** Characters of a cell: no script needs as many marks on one letter. */
const maxCellLength = 32

/**
 * One row of a screen. `line` is the stored line, from 0, that began it; `lastLine` the last one that wrote to
 * it. `isContinuation`: the line began in another row, and moved down to this one.
 */
export type Row = {
  line: number
  lastLine: number
  isContinuation: boolean
  /** Whole text of a row that was written in one go; `start` is the style in force before it. */
  text: string | null
  start: Style
  /** By column, once a row is written to in another way; the right half of a wide character is ''. */
  cells: Cells | null
  isCut: boolean
  /** `text` is the settled text of a row whose cells were given up: nothing changes it any more. */
  isSettled: boolean
}

/** `text` null: nothing was written there, or it was erased. */
type Cell = { text: string | null; style: Style }

/** The columns that were written to, and what lies right of them. */
export type Cells = { columns: Cell[]; beyond: Cell }

const blank: Cell = { text: null, style: plainStyle }

export function newRow(line: number, isContinuation: boolean): Row {
  return {
    line,
    lastLine: line,
    isContinuation,
    text: null,
    start: plainStyle,
    cells: null,
    isCut: false,
    isSettled: false,
  }
}

/** Nothing was ever written to it. */
export function isUntouched({ text, cells }: Row): boolean {
  return text === null && cells === null
}

/** Write a character at a column; the column after it. */
export function writeCharacter(cells: Cells, column: number, character: string, style: Style): number {
  const { columns } = cells
  const width = characterWidth(character)
  if (width === 0) {
    // It belongs to the character before it.
    let before = column - 1
    while (before > 0 && columns[before]?.text === '') before -= 1
    const cell = columns[before]
    if (cell?.text && cell.text.length < maxCellLength)
      columns[before] = { ...cell, text: cell.text + character }
    return column
  }
  fill(cells, column)
  breakWide(columns, column)
  breakWide(columns, column + width)
  columns[column] = { text: character, style }
  if (width === 2) columns[column + 1] = { text: '', style }
  return column + width
}

/** Erase the columns from `from` to `to`, exclusive, or to the end of the row; they take the background colour. */
export function eraseCells(cells: Cells, from: number, to: number, style: Style): void {
  const erased = erasedCell(style)
  fill(cells, from)
  breakWide(cells.columns, from)
  if (to === Infinity) {
    cells.columns.length = from
    cells.beyond = erased
    return
  }
  const end = Math.min(to, maxColumns)
  fill(cells, end)
  breakWide(cells.columns, end)
  cells.columns.fill(erased, from, end)
}

/** Take `count` columns away at `column`: what is right of them moves left. */
export function deleteCells({ columns }: Cells, column: number, count: number): void {
  breakWide(columns, column)
  breakWide(columns, column + count)
  if (column < columns.length) columns.splice(column, count)
}

/** Put `count` empty columns in at `column`: what is there moves right. */
export function insertCells(cells: Cells, column: number, count: number, style: Style): void {
  const { columns } = cells
  fill(cells, column)
  breakWide(columns, column)
  columns.splice(column, 0, ...Array<Cell>(count).fill(erasedCell(style)))
  columns.length = Math.min(columns.length, maxColumns)
}

function erasedCell({ background }: Style): Cell {
  return background === null ? blank : { text: null, style: { ...plainStyle, background } }
}

function fill({ columns, beyond }: Cells, column: number): void {
  while (columns.length < column) columns.push(beyond)
}

/** A wide character of which a half is written over is gone. */
function breakWide(columns: Cell[], column: number): void {
  if (columns[column]?.text !== '') return
  const left = columns[column - 1]
  const right = columns[column]
  if (left) columns[column - 1] = { ...left, text: ' ' }
  if (right) columns[column] = { ...right, text: ' ' }
}

/** The row as settled text: what was never written at its end is not part of it. */
export function settledRow(row: Row): string {
  if (row.isSettled) return row.text ?? ''
  if (row.cells === null) return cutSettled(changeStyle(plainStyle, row.start) + (row.text ?? ''), maxColumns)
  const { columns } = row.cells
  const last = columns.findLastIndex(({ text }) => text !== null)
  let style = plainStyle
  let settled = ''
  for (let column = 0; column <= last; column++) {
    const cell = columns[column] ?? blank
    if (cell.text === '') continue
    settled += changeStyle(style, cell.style) + (cell.text ?? ' ')
    style = cell.style
  }
  return row.isCut ? `${settled} …` : settled
}

/** The row's cells, to be changed. */
export function toCells(row: Row): Cells {
  if (row.cells) return row.cells
  const cells: Cells = { columns: [], beyond: blank }
  if (row.text !== null) {
    let column = 0
    for (const { text, style } of styledRuns(changeStyle(plainStyle, row.start) + row.text))
      for (const character of text) {
        if (character === '\t') column = Math.floor(column / 8) * 8 + 8
        else if (column < maxColumns) column = writeCharacter(cells, column, character, style)
        else row.isCut = true
      }
  }
  row.text = null
  row.cells = cells
  row.isSettled = false
  return cells
}

/** Makes a row small that nothing can change any more. */
export function closeRow(row: Row): void {
  if (row.cells === null) return
  row.text = settledRow(row)
  row.start = plainStyle
  row.cells = null
  row.isSettled = true
}
