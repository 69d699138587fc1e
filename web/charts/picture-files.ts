import { stringify } from 'csv-stringify/browser/esm/sync'

/** One fact of a picture; the keys are the columns. Numbers are in base units (bytes, ms), times in RFC 3339. */
export type PictureRow = Readonly<Record<string, string | number | boolean | null>>

/**
 * Rows as CSV (RFC 4180), with the keys as the header. Names come from builds, and spreadsheets execute text that
 * looks like a formula: such text gets an apostrophe in front. Numbers are unchanged.
 */
export function toCsv(rows: readonly PictureRow[]): string {
  return stringify([...rows], {
    header: true,
    escape_formulas: true,
    record_delimiter: 'windows',
    cast: { boolean: String },
  })
}

/** Joins parts to a file name that is valid on all systems, without extension: `dns-primary_size_debian-12`. */
export function toFileName(parts: readonly string[]): string {
  const words = parts.map((part) =>
    part
      .normalize('NFKC')
      .replace(/[^\p{L}\p{N}.-]+/gu, '-')
      // A leading dot hides a file; programs read a leading dash as an option.
      .replace(/^[-.]+|[-.]+$/g, ''),
  )
  const name = words.filter((word) => word !== '').join('_')
  // Most systems allow 255 bytes with the extension; a letter may need four bytes.
  return Array.from(name).slice(0, 60).join('') || 'picture'
}
