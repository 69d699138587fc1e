import type { Transaction } from '../database/writer.ts'
import type { SessionId, UserId } from '../ids.ts'

/** Ends the sessions of a user, all or all but one. Returns how many there were. */
export async function endSessionsOf(
  tx: Transaction,
  userId: UserId,
  { except }: { except?: SessionId } = {},
): Promise<number> {
  const { count } = await tx.session.deleteMany({
    where: { userId, ...(except === undefined ? {} : { id: { not: except } }) },
  })
  return count
}
