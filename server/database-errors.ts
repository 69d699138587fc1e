// Classifies errors of the database. Like database.ts, this file depends on SQLite.
import BetterSqlite3 from 'better-sqlite3'
import { z } from 'zod'
import { Prisma } from './generated/prisma/client.ts'

/** Whether a row of `model` with the same value in its unique column `field` exists already. */
export function isUniqueViolation(error: unknown, model: Prisma.ModelName, field: string): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') return false
  if (error.meta?.['modelName'] !== model) return false
  return JSON.stringify(uniqueFieldsOf(error)) === JSON.stringify([field])
}

const UniqueViolation = z.object({
  cause: z.object({ constraint: z.object({ fields: z.array(z.string()) }) }),
})

/** The columns of the violated constraint. Null if the driver adapter does not report them. */
function uniqueFieldsOf({ meta }: Prisma.PrismaClientKnownRequestError): string[] | null {
  const parsed = UniqueViolation.safeParse(meta?.['driverAdapterError'])
  return parsed.success ? parsed.data.cause.constraint.fields : null
}

/** The disk, or its quota, has no room. Prisma has no code of its own for this. */
export function isDatabaseFull(error: unknown): boolean {
  return sqliteCodeOf(error) === 'SQLITE_FULL'
}

/** Another process has locked the database. */
export function isDatabaseBusy(error: unknown): boolean {
  return sqliteCodeOf(error)?.startsWith('SQLITE_BUSY') ?? false
}

const DriverError = z.object({ cause: z.object({ originalCode: z.string() }) })

/**
 * The code that SQLite gives an error, such as `SQLITE_FULL`. Null if the error is not from the driver. Prisma
 * wraps the driver's error, but not that of BEGIN or COMMIT, nor that of an open.
 */
export function sqliteCodeOf(error: unknown): string | null {
  if (error instanceof BetterSqlite3.SqliteError) return error.code
  const isWrapped = error instanceof Prisma.PrismaClientKnownRequestError
  const parsed = DriverError.safeParse(isWrapped ? error.meta?.['driverAdapterError'] : error)
  return parsed.success ? parsed.data.cause.originalCode : null
}
