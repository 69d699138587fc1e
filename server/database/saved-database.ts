/** What a database was saved as, in a folder. */
export type SavedDatabase = {
  /** Name of its file in the folder. */
  fileName: string
  engine: 'sqlite' | 'postgresql'
  /** Names of the migrations that it has. */
  migrations: string[]
  counts: { builds: number; jobs: number; users: number }
}

/** Columns with the hashes of blobs, by their table, and the columns of the same rows that give the blobs' lengths. */
export type BlobColumns = {
  hashes: Readonly<Record<string, readonly string[]>>
  sizes: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** A blob that rows refer to. */
export type ReferredBlob = {
  /** 64 digits. */
  hash: string
  /** The length that rows give, in bytes; null: none gives it. */
  sizeBytes: number | null
  /** It has been found damaged. */
  isMarked: boolean
}

/** Hears blobs, some at a time. */
export type BlobListener = (blobs: readonly ReferredBlob[]) => Promise<void>

/** Blobs that a listener is given at once. */
export const blobsAtOnce = 256

/**
 * A statement for every blob in the columns, each once, in the order of their hashes: `hash`, `size` and `marked`. `digits` is the
 * SQL of the digits of a column.
 */
export function everyBlob({ hashes, sizes }: BlobColumns, digits: (column: string) => string): string {
  const parts = Object.entries(hashes).flatMap(([table, names]) =>
    names.map((name) => {
      const size = sizes[table]?.[name]
      // PostgreSQL takes a NULL without a type for text.
      const shown = size === undefined ? 'CAST(NULL AS BIGINT)' : `"${size}"`
      return `SELECT "${name}" AS hash, ${shown} AS size FROM "${table}" WHERE "${name}" IS NOT NULL`
    }),
  )
  return `SELECT ${digits('blobs.hash')} AS hash, blobs.size,
      EXISTS (SELECT 1 FROM "DamagedBlob" WHERE "DamagedBlob".sha256 = blobs.hash) AS marked
    FROM (SELECT hash, MAX(size) AS size FROM (${parts.join(' UNION ')}) AS referring GROUP BY hash) AS blobs
    ORDER BY blobs.hash`
}
