// What errors of the database mean: like database.ts, one of the places that know SQLite.
import { Prisma } from './generated/prisma/client.ts'

/** A row with the same unique value is there already. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2002'
}

/** The disk, or its quota, has no room. Prisma has no code of its own for this. It wraps the driver's error, but not that of a COMMIT. */
export function isDatabaseFull(error: unknown): boolean {
  const isWrapped = error instanceof Prisma.PrismaClientKnownRequestError
  const driverError = isWrapped ? error.meta?.['driverAdapterError'] : error
  const cause = driverError instanceof Error ? driverError.cause : undefined
  return (
    typeof cause === 'object' &&
    cause !== null &&
    'originalCode' in cause &&
    cause.originalCode === 'SQLITE_FULL'
  )
}
