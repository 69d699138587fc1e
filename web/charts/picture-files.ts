import { stringify } from 'csv-stringify/browser/esm/sync'

/** What a picture shows, one fact a row; the keys are the columns. Numbers in base units (bytes, ms), times in RFC 3339. */
export type PictureRow = Readonly<Record<string, string | number | boolean | null>>

/**
 * Rows as CSV (RFC 4180), headed by their keys. Names come from builds and spreadsheets run what looks like
 * a formula: such text gets an apostrophe in front, numbers stay as they are.
 */
export function toCsv(rows: readonly PictureRow[]): string {
  return stringify([...rows], {
    header: true,
    escape_formulas: true,
    record_delimiter: 'windows',
    cast: { boolean: String },
  })
}

/** Parts of a name that all systems take for one file name, without extension: `dns-primary_size_debian-12`. */
export function toFileName(parts: readonly string[]): string {
  const words = parts.map((part) =>
    part
      .normalize('NFKC')
      .replace(/[^\p{L}\p{N}.-]+/gu, '-')
      // A leading dot hides a file, a leading dash is an option to programs.
      .replace(/^[-.]+|[-.]+$/g, ''),
  )
  const name = words.filter((word) => word !== '').join('_')
  // Most systems take 255 bytes, of which the extension needs some; a letter may need four.
  return Array.from(name).slice(0, 60).join('') || 'picture'
}
