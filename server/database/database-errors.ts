// Classifies errors of the database: of SQLite, and of PostgreSQL.
import { isDeepStrictEqual } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import * as z from 'zod'
import { Prisma } from '../generated/prisma/client.ts'

/** Whether a row of `model` with the same value in its unique column, or the same values in its columns, exists already. */
export function isUniqueViolation(
  error: unknown,
  model: Prisma.ModelName,
  field: string | readonly string[],
): boolean {
  const fields = [field].flat()
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') return false
  if (error.meta?.['modelName'] !== model) return false
  const parsed = UniqueViolation.safeParse(error.meta?.['driverAdapterError'])
  if (!parsed.success) return false
  const { constraint } = parsed.data.cause
  if ('index' in constraint) return constraint.index === `${model}_${fields.join('_')}_key`
  return isDeepStrictEqual(constraint.fields, fields)
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

/** SQLite's codes, and PostgreSQL's `data_corrupted` and `index_corrupted`. */
const damageCodes = /^(SQLITE_(CORRUPT|NOTADB|IOERR)|XX00[12]$)/

/** A part of the database is damaged, or the disk cannot read it. */
export function isDatabaseDamaged(error: unknown): boolean {
  return damageCodes.test(databaseCodeOf(error) ?? '')
}

/** Another process has locked the database. */
export function isDatabaseBusy(error: unknown): boolean {
  return databaseCodeOf(error)?.startsWith('SQLITE_BUSY') ?? false
}

/** PostgreSQL cannot even look for a text with a NUL character. No stored text has one. */
export function isNulRefused(error: unknown): boolean {
  return databaseCodeOf(error) === '22021'
}

/**
 * Codes of PostgreSQL, Prisma and Node.js: a connection that breaks or is ended, also in an idle transaction, a server that starts,
 * stops or has too many connections.
 */
const unavailableCodes =
  /^(08|25P03$|53300$|57P0|P1001$|P1008$|P1017$|E(CONNREFUSED|CONNRESET|HOSTUNREACH|NETUNREACH|PIPE|TIMEDOUT|NOTFOUND)$)/
const unavailableKinds = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
])
/** PostgreSQL's driver has no codes for these. */
const unavailableMessages =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect)/

/** The database cannot be reached at the moment. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const codes = [databaseCodeOf(error), codeOf(error)]
  if (codes.some((code) => code !== null && unavailableCodes.test(code))) return true
  if (!(error instanceof Error)) return false
  const kind = ErrorKind.safeParse(
    error instanceof Prisma.PrismaClientKnownRequestError ? error.meta?.['driverAdapterError'] : error,
  )
  if (kind.success && unavailableKinds.has(kind.data.cause.kind)) return true
  if (unavailableMessages.test(error.message)) return true
  return error.cause !== undefined && isDatabaseUnavailable(error.cause)
}

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null

const ErrorKind = z.object({ cause: z.object({ kind: z.string() }) })

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
