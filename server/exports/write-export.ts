import { stringify } from 'csv-stringify/sync'
import type { Reader } from '../database/reader.ts'
import type { Cell, ExportFilter, ExportList, Row } from './export-list.ts'

export const exportFormats = ['csv', 'jsonl'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** As files of these formats are sent. https://jsonlines.org has no registered type yet, and recommends this one. */
export const mediaTypes: Record<ExportFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl',
}

/**
 * A list as text, in parts. CSV (RFC 4180) has a line with the names of the columns first; JSON Lines have an object a line, and
 * nothing for a list without rows.
 */
export async function* writeExport(
  db: Reader,
  list: ExportList,
  filter: ExportFilter,
  format: ExportFormat,
): AsyncGenerator<string> {
  if (format === 'csv') yield csv([list.columns])
  for await (const rows of list.pages(db, filter))
    yield format === 'csv'
      ? csv(rows.map((row) => list.columns.map((name) => cellOf(row, name))))
      : rows.map((row) => `${JSON.stringify(objectOf(list, row))}\n`).join('')
}

/**
 * A text that a spreadsheet would take for a formula, since it begins with `=`, `+`, `-`, `@`, a tab or a line end, gets a `'` in
 * front: names, paths and messages come from uploaders.
 */
const csv = (rows: readonly (readonly (string | number)[])[]): string =>
  stringify([...rows.map((row) => [...row])], { escape_formulas: true, record_delimiter: 'windows' })

function cellOf(row: Row, name: string): string | number {
  const value = plain(row[name] ?? null)
  // The library takes a negative number for a formula only if it is text.
  return value === null ? '' : typeof value === 'boolean' ? String(value) : value
}

const objectOf = ({ columns }: ExportList, row: Row) =>
  Object.fromEntries(columns.map((name) => [name, plain(row[name] ?? null)]))

/** Whole numbers that a double cannot hold are text. */
function plain(value: Cell): string | number | boolean | null {
  if (value instanceof Date) return value.toISOString()
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}
