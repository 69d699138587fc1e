import { actorOf } from '../audit/actor.ts'
import { createBoundedAudit } from '../audit/bounded-audit.ts'
import type { Deps } from '../deps.ts'
import { perServer } from '../per-server.ts'
import { networkOf } from './authenticate.ts'
import { TooManyAttemptsError } from './bad-credentials.ts'
import type { Credentials } from './credentials.ts'

const audits = perServer(() => createBoundedAudit())

export type AuditAuthenticationDeps = Pick<Deps, 'background' | 'clock' | 'db' | 'events' | 'writer'>

/**
 * Writes to the audit log that a password or a token in a request was refused: after the answer, and a bounded number, because
 * anybody can send some. A name is there only if a user has it: people type passwords into the wrong field. Sessions that are over
 * are no attempts.
 */
export function auditAuthentication(
  { background, clock, db, events, writer }: AuditAuthenticationDeps,
  error: unknown,
  credentials: Exclude<Credentials, { kind: 'session' }>,
  from: { address: string; requestId: string },
): void {
  const { kind, name } = credentials
  const entry = { at: clock.now(), actor: actorOf(null, from), result: 'FAILED' as const }
  const reason = error instanceof TooManyAttemptsError ? 'too many attempts' : `wrong ${kind}`
  background.run('write refused credentials to the audit log', async () => {
    // The name beside a token says nothing: builder-server sends any.
    const user =
      kind === 'password' ? await db.user.findUnique({ where: { name }, select: { id: true } }) : null
    const target = user ? name : null
    const audited = { ...entry, action: 'user.authenticate' as const, target, detail: { reason } }
    await audits(events)(writer, networkOf(from.address), audited)
  })
}
