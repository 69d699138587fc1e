import type { Deps } from '../deps.ts'
import type { UserId } from '../ids.ts'
import { networkOf } from '../users/authenticate.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'

const minuteMs = 60_000

/** Codes have six digits: without limits somebody who has the password would find one. */
const limits = [
  { isOfNetwork: true, count: 5, ms: 5 * minuteMs },
  { isOfNetwork: false, count: 50, ms: 60 * minuteMs },
] as const

const longestMs = 60 * minuteMs

/** Whose attempt it is. `isRecovery`: of a recovery code. */
export type CodeAttempt = { userId: UserId; isRecovery: boolean; address: string }

/**
 * Counts an attempt to give a code of a second factor, before the code is checked. The counts are rows: they survive a restart, and
 * all servers share them. Recovery codes are counted by themselves: whoever guesses codes of the telephone cannot keep the user from
 * them. Throws NotAuthorizedError after too many.
 */
export async function countCodeAttempt(
  { clock, writer }: Pick<Deps, 'clock' | 'writer'>,
  { address, ...kind }: CodeAttempt,
): Promise<void> {
  const network = networkOf(address)
  const at = clock.now()
  const before = (ms: number) => new Date(at.getTime() - ms)
  await writer.transact([], async (tx) => {
    await tx.codeAttempt.deleteMany({ where: { userId: kind.userId, at: { lte: before(longestMs) } } })
    const earlier = await tx.codeAttempt.findMany({
      where: kind,
      orderBy: { at: 'desc' },
      select: { network: true, at: true },
    })
    for (const { isOfNetwork, count, ms } of limits) {
      const counted = earlier.filter(
        (one) => one.at > before(ms) && (!isOfNetwork || one.network === network),
      )
      // The next attempt is counted once this one is not.
      const last = counted[count - 1]
      if (last) throw tooMany(last.at.getTime() + ms - at.getTime())
    }
    await tx.codeAttempt.create({ data: { ...kind, network, at }, select: { id: true } })
  })
}

function tooMany(waitMs: number): NotAuthorizedError {
  const seconds = Math.ceil(waitMs / 1000)
  return new NotAuthorizedError(
    `too many codes: wait ${seconds} seconds, then try again`,
    'RATE_LIMIT',
    seconds,
  )
}
