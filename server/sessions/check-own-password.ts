import { actorOf, type Actor } from '../audit/actor.ts'
import { createBoundedAudit } from '../audit/bounded-audit.ts'
import type { Deps } from '../deps.ts'
import { perServer } from '../per-server.ts'
import { networkOf } from '../users/authenticate.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import type { Viewing } from '../users/viewer.ts'
import type { SessionViewer } from './require-fresh-session.ts'

const audits = perServer(() => createBoundedAudit())

export type OwnPasswordParts = Pick<Deps, 'clock' | 'events' | 'writer'> &
  Pick<Viewing, 'checkPassword'> & { address: string } & Pick<Actor, 'requestId'>

/**
 * Checks the password that somebody who is signed in gives once more. A wrong one is in the audit log: somebody else may sit at
 * the browser. Throws NotAuthorizedError.
 */
export async function checkOwnPassword(
  { checkPassword, clock, events, writer, address, requestId }: OwnPasswordParts,
  viewer: SessionViewer,
  password: string,
): Promise<void> {
  try {
    await checkPassword(viewer.name, password)
  } catch (error) {
    if (!(error instanceof NotAuthorizedError)) throw error
    await audits(events)(writer, networkOf(address), {
      ...{ at: clock.now(), actor: actorOf(viewer, { address, requestId }) },
      ...{ action: 'user.authenticate', target: viewer.name, result: 'FAILED' },
      detail: { reason: error.code === 'RATE_LIMIT' ? 'too many attempts' : 'wrong password' },
    })
    throw error
  }
}
