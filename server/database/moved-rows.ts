import { createHash } from 'node:crypto'

/** What both engines have of a column. */
export type ColumnKind = 'integer' | 'boolean' | 'float' | 'text' | 'bytes' | 'time'

export type MovedTable = {
  name: string
  columns: { name: string; kind: ColumnKind }[]
  /** Columns of the primary key. */
  key: string[]
}

/**
 * Values in the order of the columns, as texts that are the same on both engines: digits, `true`, `\x0a0b`, `2026-11-30T01:02:03.004` (UTC);
 * null: NULL.
 */
export type MovedRow = (string | null)[]

/** The rows of one table in the order of its key, from those after the key `after` on, in slices. */
export type ReadRows = (
  table: MovedTable,
  after: MovedRow | null,
) => AsyncIterable<MovedRow[]> | Iterable<MovedRow[]>

/** How many rows there are, and a sum of their hashes, which no order changes. */
export type RowSum = { count: number; sum: string }

const modulus = 1n << 128n

export async function sumRows(slices: ReturnType<ReadRows>): Promise<RowSum> {
  let count = 0
  let sum = 0n
  for await (const rows of slices)
    for (const row of rows) {
      count += 1
      const digest = createHash('sha256').update(JSON.stringify(row)).digest('hex')
      sum = (sum + BigInt(`0x${digest.slice(0, 32)}`)) % modulus
    }
  return { count, sum: sum.toString(16).padStart(32, '0') }
}
