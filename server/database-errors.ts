// Classifies errors of the database: of SQLite, and of PostgreSQL.
import BetterSqlite3 from 'better-sqlite3'
import { z } from 'zod'
import { Prisma } from './generated/prisma/client.ts'

/** Whether a row of `model` with the same value in its unique column `field` exists already. */
export function isUniqueViolation(error: unknown, model: Prisma.ModelName, field: string): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') return false
  if (error.meta?.['modelName'] !== model) return false
  const parsed = UniqueViolation.safeParse(error.meta?.['driverAdapterError'])
  if (!parsed.success) return false
  const { constraint } = parsed.data.cause
  if ('index' in constraint) return constraint.index === `${model}_${field}_key`
  return constraint.fields.length === 1 && constraint.fields[0] === field
}

/** SQLite's driver names the columns of the violated constraint, PostgreSQL's its index. */
const UniqueViolation = z.object({
  cause: z.object({
    constraint: z.union([z.object({ fields: z.array(z.string()) }), z.object({ index: z.string() })]),
  }),
})

/** SQLite's code, and PostgreSQL's of a full disk. */
const fullCodes = new Set(['SQLITE_FULL', '53100'])

/** The disk, or its quota, has no room. Prisma has no code of its own for this. */
export function isDatabaseFull(error: unknown): boolean {
  return fullCodes.has(databaseCodeOf(error) ?? '')
}

/** Another process has locked the database. */
export function isDatabaseBusy(error: unknown): boolean {
  return databaseCodeOf(error)?.startsWith('SQLITE_BUSY') ?? false
}

/** PostgreSQL cannot even look for a text with a NUL character. No stored text has one. */
export function isNulRefused(error: unknown): boolean {
  return databaseCodeOf(error) === '22021'
}

/** PostgreSQL's classes of errors of a connection, of one that is ended, and of a server that starts or stops. */
const unavailableCodes = /^(08|57P0|P1001|P1017)/

/** The database cannot be reached at the moment. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const own = error instanceof Prisma.PrismaClientKnownRequestError ? error.code : ''
  return unavailableCodes.test(databaseCodeOf(error) ?? '') || unavailableCodes.test(own)
}

const DriverError = z.object({ cause: z.object({ originalCode: z.string() }) })

/**
 * The code that the database gives an error: SQLite's name, such as `SQLITE_FULL`, or PostgreSQL's SQLSTATE, such as
 * `53100`. Null if the error is not from the driver. Prisma wraps the driver's error, but not that of BEGIN or
 * COMMIT, nor that of an open.
 */
export function databaseCodeOf(error: unknown): string | null {
  if (error instanceof BetterSqlite3.SqliteError) return error.code
  const isWrapped = error instanceof Prisma.PrismaClientKnownRequestError
  const parsed = DriverError.safeParse(isWrapped ? error.meta?.['driverAdapterError'] : error)
  return parsed.success ? parsed.data.cause.originalCode : null
}
