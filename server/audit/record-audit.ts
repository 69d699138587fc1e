import { createHash } from 'node:crypto'
import type { Transaction } from '../database/writer.ts'
import type { AuditEntry } from '../generated/prisma/client.ts'
import type { AuditAction, AuditResult } from './actions.ts'
import type { Actor } from './actor.ts'

/** What an entry of the audit log says. */
export type Audited = {
  at: Date
  actor: Actor
  action: AuditAction
  /** On what: a name, or a UUID. */
  target?: string | null
  /** Default: DONE. */
  result?: AuditResult
  /** What changed, as JSON without secrets. */
  detail?: Readonly<Record<string, unknown>>
}

/**
 * Adds an entry to the audit log, in the transaction of what it tells: neither is there without the other. Each entry has
 * the hash of the one before, so that none can be changed or removed unnoticed (`findBrokenEntry`).
 */
export async function recordAudit(
  tx: Transaction,
  { at, actor, action, target = null, result = 'DONE', detail }: Audited,
): Promise<void> {
  const previous = await tx.auditEntry.findFirst({ orderBy: { id: 'desc' }, select: { sha256: true } })
  const entry = {
    at,
    actor: actor.name,
    via: actor.via,
    credential: actor.credential,
    address: actor.address,
    requestId: actor.requestId,
    action,
    target,
    result,
    detail: detail === undefined ? null : JSON.stringify(detail),
    previousSha256: previous?.sha256 ?? null,
  }
  await tx.auditEntry.create({ data: { ...entry, sha256: entrySha256(entry) }, select: { id: true } })
}

/** The columns that an entry's hash is made of, in this order. */
export type HashedEntry = Omit<AuditEntry, 'id' | 'sha256'>

/** SHA-256 over the columns of an entry as a JSON array in UTF-8; times in ISO 8601. As hexadecimal digits. */
export function entrySha256(entry: HashedEntry): string {
  const { at, actor, via, credential, address, requestId, action, target, result, detail } = entry
  const columns = [entry.previousSha256, at.toISOString(), actor, via, credential, address, requestId]
  const text = JSON.stringify([...columns, action, target, result, detail])
  return createHash('sha256').update(text).digest('hex')
}
