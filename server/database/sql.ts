import { Prisma } from '../generated/prisma/client.ts'
import { toHash } from './hash.ts'

/** A whole number as a parameter of VALUES or CASE, where PostgreSQL would take it for text. */
export const integer = (value: number | null): Prisma.Sql => Prisma.sql`CAST(${value} AS INTEGER)`

/** A time, likewise. */
export const timestamp = (value: Date): Prisma.Sql => Prisma.sql`CAST(${value} AS TIMESTAMP)`

/**
 * A hash as a parameter. `hex`: 64 lower-case hexadecimal digits. SQLite has the type BLOB; on PostgreSQL it is another
 * name of bytea, which a migration defines.
 */
export const hash = (hex: string | null): Prisma.Sql =>
  hex === null ? Prisma.sql`CAST(NULL AS BLOB)` : Prisma.sql`CAST(${toHash(hex)} AS BLOB)`

/** A table of words (migration 0042): FTS5 on SQLite; on PostgreSQL a function of this name, over an index. */
export type WordTable = 'JobSearch' | 'FileSearch' | 'PackageSearch' | 'FailureSearch'

/**
 * Selects the ids of the newest rows, `limit` at most, that have all words of `match`: `dns* prim*` are words that begin so, of
 * lower-case letters and digits.
 */
export const idsWithWords = (table: WordTable, match: string, limit: number): Prisma.Sql =>
  Prisma.sql`SELECT w.rowid FROM ${Prisma.raw(`"${table}"`)}(${match}) w ORDER BY w.rowid DESC LIMIT ${limit}`
