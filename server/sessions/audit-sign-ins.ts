import { createBoundedAudit } from '../audit/bounded-audit.ts'
import type { Audited } from '../audit/record-audit.ts'
import type { Writer } from '../database/writer.ts'

/** Writes an entry about a sign-in that failed, or does not because there are too many: false. */
export type FailureAudit = (
  writer: Writer,
  address: string,
  entry: Omit<Audited, 'action' | 'result'>,
) => Promise<boolean>

/** Failed sign-ins in the audit log: a bounded number, because anybody can make them. One for each server. */
export function createFailureAudit(limits?: { ofAddress: number; ofAll: number }): FailureAudit {
  const audit = createBoundedAudit(limits && { ofNetwork: limits.ofAddress, ofAll: limits.ofAll })
  return (writer, address, entry) =>
    audit(writer, address, { ...entry, action: 'session.sign-in', result: 'FAILED' })
}
