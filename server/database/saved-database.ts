/** What a database was saved as, in a folder. */
export type SavedDatabase = {
  /** Name of its file in the folder. */
  fileName: string
  engine: 'sqlite' | 'postgresql'
  /** Names of the migrations that it has. */
  migrations: string[]
  counts: { builds: number; jobs: number; users: number }
}

/** Columns with the hashes of blobs, by their table. */
export type HashColumns = Readonly<Record<string, readonly string[]>>

/** Hears hashes, 64 digits each, some at a time. */
export type HashListener = (hashes: readonly string[]) => Promise<void>

/** Hashes that a listener is given at once. */
export const hashesAtOnce = 256

/** A statement for every hash in the columns, each once, in their order. `digits` is the SQL of the digits of a column. */
export function everyHash(columns: HashColumns, digits: (column: string) => string): string {
  const parts = Object.entries(columns).flatMap(([table, names]) =>
    names.map((name) => `SELECT "${name}" AS hash FROM "${table}" WHERE "${name}" IS NOT NULL`),
  )
  return `SELECT ${digits('hash')} AS hash FROM (${parts.join(' UNION ')}) AS hashes ORDER BY hashes.hash`
}
