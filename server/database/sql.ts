import { Prisma } from '../generated/prisma/client.ts'
import { toHash } from './hash.ts'

/** A whole number as a parameter of VALUES or CASE, where PostgreSQL would take it for text. */
export const integer = (value: number): Prisma.Sql => Prisma.sql`CAST(${value} AS INTEGER)`

/** A time, likewise. */
export const timestamp = (value: Date): Prisma.Sql => Prisma.sql`CAST(${value} AS TIMESTAMP)`

/**
 * A hash as a parameter. `hex`: 64 lower-case hexadecimal digits. SQLite has the type BLOB; on PostgreSQL it is another
 * name of bytea, which a migration defines.
 */
export const hash = (hex: string | null): Prisma.Sql =>
  hex === null ? Prisma.sql`CAST(NULL AS BLOB)` : Prisma.sql`CAST(${toHash(hex)} AS BLOB)`
