import { findBrokenEntry } from '../audit/find-broken-entry.ts'
import type { Reader } from '../database/reader.ts'
import type { Finding } from './finding.ts'

/** The first entry of the audit log that is not what was written. */
export async function* checkAudit(
  db: Reader,
  onProgress: (count: number) => void,
): AsyncGenerator<Finding, void, void> {
  const { broken } = await findBrokenEntry(db, onProgress)
  if (!broken) return
  const subject = { table: 'AuditEntry', row: String(broken.id) }
  yield { kind: 'AUDIT_BROKEN', subject, detail: broken.reason, repairs: [] }
}
