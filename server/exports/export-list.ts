import type { BuildFilter } from '../builds/list-builds.ts'
import type { Reader } from '../database/reader.ts'

/** The value of a cell. A time is written as RFC 3339 in UTC; null: empty in CSV. */
export type Cell = string | number | bigint | boolean | Date | null

export type Row = Readonly<Record<string, Cell>>

/** What a list can be restricted by, as parameters of its address. */
export const filterNames = ['job', 'platform', 'status', 'verdict', 'since', 'until', 'build'] as const
export type FilterName = (typeof filterNames)[number]

/** `build`: a UUID. `job` and `platform`: names. */
export type ExportFilter = BuildFilter & { build?: string }

/** A list that is exported as a whole. */
export type ExportList = {
  /** Names of the columns, in their order. */
  columns: readonly string[]
  filters: readonly FilterName[]
  /** Those that must be given. */
  needs?: readonly FilterName[]
  /** The rows in parts, each of which is read at once: whatever their number, few are in memory. */
  pages: (db: Reader, filter: ExportFilter) => AsyncGenerator<readonly Row[]>
}

/** Rows that are read at once. */
export const rowsAtOnce = 1_000
