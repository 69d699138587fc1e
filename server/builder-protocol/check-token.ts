import { createBoundedAudit } from '../audit/bounded-audit.ts'
import { type Actor, actorOf } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import type { TokenId, UserId } from '../ids.ts'
import { perServer } from '../per-server.ts'
import { auditAuthentication } from '../users/audit-authentication.ts'
import { networkOf } from '../users/authenticate.ts'
import { BadCredentialsError, TooManyAttemptsError } from '../users/bad-credentials.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import type { Right } from '../users/rights.ts'
import { checkRight } from '../users/viewer.ts'

const audits = perServer(() => createBoundedAudit())

export type TokenDeps = Pick<
  Deps,
  'authenticate' | 'background' | 'clock' | 'config' | 'db' | 'events' | 'writer'
>

const missing =
  'this hub serves only those who send a token: give hub worker one with --token-file; builder-worker and builder-client cannot send one'

/** Who a peer is. Both ids null: it has sent no token, and needs none. */
export type Admitted = { actor: Actor; tokenId: TokenId | null; userId: UserId | null }

/**
 * Who a peer is, by its token; null: it has sent none. What is refused is in the audit log. Throws NotAuthorizedError for a
 * token that is wrong or lacks the right, and for none where one is required.
 */
export async function checkToken(
  deps: TokenDeps,
  token: string | null,
  right: Extract<Right, 'schedule' | 'work'>,
  from: { address: string; requestId: string },
): Promise<Admitted> {
  if (token === null) {
    const nobody = actorOf(null, from)
    if (!deps.config.builderTokenRequired) return { actor: nobody, tokenId: null, userId: null }
    auditRefusal(deps, nobody, right, 'no token')
    throw new NotAuthorizedError(missing, 'UNAUTHENTICATED')
  }
  const credentials = { kind: 'token', name: null, text: token } as const
  let viewer
  try {
    viewer = await deps.authenticate(credentials, from.address)
  } catch (error) {
    if (!(error instanceof BadCredentialsError) && !(error instanceof TooManyAttemptsError)) throw error
    auditAuthentication(deps, error, credentials, from)
    throw new NotAuthorizedError(error.message, 'UNAUTHENTICATED')
  }
  const actor = actorOf(viewer, from)
  try {
    checkRight(viewer, right)
  } catch (error) {
    if (error instanceof NotAuthorizedError) auditRefusal(deps, actor, right, error.message)
    throw error
  }
  const { credential, id: userId } = viewer
  return { actor, tokenId: credential.kind === 'token' ? credential.id : null, userId }
}

function auditRefusal(
  { background, clock, events, writer }: TokenDeps,
  actor: Actor,
  right: 'schedule' | 'work',
  reason: string,
): void {
  const action = right === 'work' ? 'worker.connect' : 'client.connect'
  const entry = { at: clock.now(), actor, action, result: 'REFUSED', detail: { reason } } as const
  background.run('write a refused connection to the audit log', () =>
    audits(events)(writer, networkOf(actor.address ?? ''), entry),
  )
}
