// Classifies errors of the database. Like database.ts, this file depends on SQLite.
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
