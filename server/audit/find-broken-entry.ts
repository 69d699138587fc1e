import type { Reader } from '../database/reader.ts'
import type { AuditEntryId } from '../ids.ts'
import { entrySha256 } from './record-audit.ts'

const entriesPerRead = 500

/** `count`: entries that were checked. `broken`: the first whose hash is wrong; null: none. */
export type AuditCheck = { count: number; broken: { id: AuditEntryId; reason: string } | null }

/**
 * Computes the hashes of the audit log anew, from its first entry on. An entry that was changed, removed, added between others or
 * moved breaks the chain there. Entries that were removed from the end are missed by the file alone (`auditFile`).
 */
export async function findBrokenEntry(
  db: Reader,
  onProgress: (count: number) => void = () => {},
): Promise<AuditCheck> {
  let count = 0
  let previous: string | null = null
  let after = 0 as AuditEntryId
  for (;;) {
    const entries = await db.auditEntry.findMany({
      where: { id: { gt: after } },
      orderBy: { id: 'asc' },
      take: entriesPerRead,
    })
    for (const { id, sha256, ...entry } of entries) {
      if (entry.previousSha256 !== previous)
        return {
          count,
          broken: { id, reason: 'the entry before it is not the one that it was written after' },
        }
      if (entrySha256(entry) !== sha256)
        return { count, broken: { id, reason: 'its content is not what its hash says' } }
      previous = sha256
      after = id
      count += 1
    }
    onProgress(count)
    if (entries.length < entriesPerRead) return { count, broken: null }
  }
}
