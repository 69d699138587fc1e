import type { Transaction } from '../database/writer.ts'
import type { Prisma } from '../generated/prisma/client.ts'

/** Ends runs that wait. `where` chooses among them. `why` is for people. Returns how many. */
export async function cancelQueued(
  tx: Transaction,
  where: Prisma.RunWhereInput,
  why: string,
  at: Date,
): Promise<number> {
  const { count } = await tx.run.updateMany({
    where: { ...where, state: 'QUEUED' },
    data: { state: 'CANCELLED', queueKey: null, endedAt: at, error: why },
  })
  return count
}
