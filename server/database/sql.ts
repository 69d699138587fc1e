import { Prisma } from '../generated/prisma/client.ts'

/** A whole number as a parameter of VALUES or CASE, where PostgreSQL would take it for text. */
export const integer = (value: number): Prisma.Sql => Prisma.sql`CAST(${value} AS INTEGER)`

/** A time, likewise. */
export const timestamp = (value: Date): Prisma.Sql => Prisma.sql`CAST(${value} AS TIMESTAMP)`
