import { createHash } from 'node:crypto'
import { statSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { DomainError } from '../../errors.ts'
import type { ColumnKind, MovedRow, MovedTable, ReadRows } from '../moved-rows.ts'

/** A value of SQLite does not fit its column. */
export class OddValueError extends DomainError {
  override readonly name = 'OddValueError'
}

export type SqliteRows = {
  /** Another one after each change of the file. */
  mark: string
  /** Columns of a table; empty: it is absent. */
  columnsOf: (table: string) => string[]
  read: ReadRows
  close: () => void
}

const rowsPerSlice = 2_000

const quoted = (name: string) => `"${name}"`

/** The rows of a database that nobody else uses. */
export function openSqliteRows(file: string): SqliteRows {
  const sqlite = new BetterSqlite3(file, { fileMustExist: true })
  // What is in the log of writes becomes part of the file, and of its mark.
  sqlite.pragma('wal_checkpoint(TRUNCATE)')
  sqlite.defaultSafeIntegers(true)
  const { size, mtimeMs } = statSync(file)

  function* read({ name, columns, key }: MovedTable, after: MovedRow | null): Generator<MovedRow[]> {
    const names = columns.map((column) => quoted(column.name)).join(', ')
    const keys = key.map(quoted).join(', ')
    const select = (condition: string) =>
      sqlite
        .prepare<unknown[], unknown[]>(
          `SELECT ${names} FROM ${quoted(name)} ${condition} ORDER BY ${keys} LIMIT ${rowsPerSlice}`,
        )
        .raw()
    const first = select('')
    const next = select(`WHERE (${keys}) > (${key.map(() => '?').join(', ')})`)
    const keyColumns = key.map((column) => columns.findIndex((one) => one.name === column))
    for (let last = after; ;) {
      const values =
        last === null
          ? first.all()
          : next.all(keyColumns.map((at) => toSqlite(last?.[at] ?? null, columns[at]?.kind ?? 'text')))
      const rows = values.map((row) =>
        columns.map((column, at) => fromSqlite(row[at], column.kind, `${name}.${column.name}`)),
      )
      if (rows.length > 0) yield rows
      if (rows.length < rowsPerSlice) return
      last = rows.at(-1) ?? null
    }
  }

  return {
    mark: createHash('sha256').update(`${size} ${mtimeMs}`).digest('hex'),
    columnsOf: (table) =>
      sqlite.prepare<[string], string>('SELECT name FROM pragma_table_info(?)').pluck().all(table),
    read,
    close: () => void sqlite.close(),
  }
}

/** Throws OddValueError. */
function fromSqlite(value: unknown, kind: ColumnKind, where: string): string | null {
  if (value === null) return null
  if (kind === 'bytes' && value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  if (kind === 'text' && typeof value === 'string') return value
  if (kind === 'boolean' && (value === 0n || value === 1n)) return String(value === 1n)
  if (kind === 'integer' && typeof value === 'bigint') return String(value)
  if (kind === 'float' && (typeof value === 'number' || typeof value === 'bigint'))
    return String(Number(value))
  if (kind === 'time' && (typeof value === 'number' || typeof value === 'bigint'))
    return timeText(Number(value))
  throw new OddValueError(`${where} has a value that is no ${kind}: run "hub verify", which finds such rows`)
}

function toSqlite(text: string | null, kind: ColumnKind): unknown {
  if (text === null || kind === 'text') return text
  if (kind === 'bytes') return Buffer.from(text.slice(2), 'hex')
  if (kind === 'boolean') return text === 'true' ? 1n : 0n
  if (kind === 'integer') return BigInt(text)
  return kind === 'time' ? BigInt(Date.parse(`${text}Z`)) : Number(text)
}

/** As PostgreSQL writes it with `to_char`. */
function timeText(ms: number): string {
  const time = new Date(Math.trunc(ms))
  const pad = (number: number, digits = 2) => String(number).padStart(digits, '0')
  return (
    `${pad(time.getUTCFullYear(), 4)}-${pad(time.getUTCMonth() + 1)}-${pad(time.getUTCDate())}` +
    `T${pad(time.getUTCHours())}:${pad(time.getUTCMinutes())}:${pad(time.getUTCSeconds())}.${pad(time.getUTCMilliseconds(), 3)}`
  )
}
