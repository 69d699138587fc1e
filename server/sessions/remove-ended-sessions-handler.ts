import type { Deps } from '../deps.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { idleSince } from './session-times.ts'

const hourMs = 3_600_000

const expiredTokenDays = 30

/** Removes, once an hour, the rows of sessions that are over, of codes that no limit counts, and of tokens that expired a month ago. */
export function removeEndedSessionsHandler({ clock }: Pick<Deps, 'clock'>): TaskHandler<Date> {
  return {
    ...{ kind: 'REMOVE_ENDED_SESSIONS', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 3, retryPauseMs: 60_000, standing: { everyMs: hourMs } },
    run: () => Promise.resolve(clock.now()),
    // What is over counts no more in any case.
    changes: () => [],
    async complete(tx, _task, now) {
      await tx.session.deleteMany({
        where: { OR: [{ expiresAt: { lte: now } }, { lastSeenAt: { lte: idleSince(now) } }] },
      })
      await tx.codeAttempt.deleteMany({ where: { at: { lte: new Date(now.getTime() - hourMs) } } })
      await tx.token.deleteMany({
        where: { expiresAt: { lte: new Date(now.getTime() - expiredTokenDays * 24 * hourMs) } },
      })
    },
  }
}
