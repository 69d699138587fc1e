import type { Actor } from '../audit/actor.ts'
import { createBoundedAudit } from '../audit/bounded-audit.ts'
import type { Deps } from '../deps.ts'
import { BusyError, type DomainError } from '../errors.ts'
import { perServer } from '../per-server.ts'
import { networkOf } from '../users/authenticate.ts'
import type { NamedBuild } from './receive-build.ts'

const audits = perServer(() => createBoundedAudit())

/** Writes a refused upload to the audit log, after the answer: a bounded number, because anybody can send some. */
export function auditRefusal(
  { background, clock, events, writer }: Pick<Deps, 'background' | 'clock' | 'events' | 'writer'>,
  error: DomainError,
  actor: Actor,
  { job, uuid }: NamedBuild,
): void {
  // Neither the upload nor its sender is the reason.
  if (error instanceof BusyError) return
  const entry = { at: clock.now(), actor, action: 'build.upload' as const, result: 'REFUSED' as const }
  const detail = {
    reason: error.message.slice(0, 500),
    ...(job === undefined ? {} : { job: job.slice(0, 500) }),
  }
  background.run('write a refused upload to the audit log', () =>
    audits(events)(writer, networkOf(actor.address ?? ''), { ...entry, target: uuid ?? null, detail }),
  )
}
