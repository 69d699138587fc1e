import type { AuditEntry } from '../generated/prisma/client.ts'
import { visibleLine } from './visible-line.ts'

/** What commands print of an entry of the audit log. */
export type PrintedAuditEntry = Omit<AuditEntry, 'id'> & { id: number }

/** An entry as a line of JSON. */
export function auditJson(entry: PrintedAuditEntry): string {
  const { id, at, actor, via, credential, address, requestId } = entry
  const { action, target, result, previousSha256, sha256 } = entry
  const detail = entry.detail === null ? null : (JSON.parse(entry.detail) as unknown)
  return `${JSON.stringify({
    ...{ id, at, actor, via, credential, address, requestId },
    ...{ action, target, result, previousSha256, sha256, detail },
  })}\n`
}

/** `2026-… alice (token bhub_Ab3x from 10.0.0.1) user.disable bob DONE {…}`. */
export function describeAuditEntry(entry: PrintedAuditEntry): string {
  const { at, actor, via, credential, address, action, target, result, detail } = entry
  const how = [via, credential, address === null ? null : `from ${address}`].filter((part) => part !== null)
  const words = [
    at.toISOString(),
    actor ?? '-',
    `(${how.join(' ')})`,
    action,
    target ?? '-',
    result,
    detail ?? '',
  ]
  return visibleLine(words.join(' ').trimEnd())
}
