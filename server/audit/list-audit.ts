import type { Reader } from '../database/reader.ts'
import type { AuditEntry } from '../generated/prisma/client.ts'
import type { AuditEntryId } from '../ids.ts'
import type { AuditAction, AuditResult } from './actions.ts'

/** Which entries of the audit log are asked for: those that meet all that is given. */
export type AuditFilter = {
  /** From then on. */
  since?: Date | undefined
  /** Before then. */
  until?: Date | undefined
  /** Name of the user who acted. */
  actor?: string | undefined
  action?: AuditAction | undefined
  result?: AuditResult | undefined
  target?: string | undefined
}

/** Numbers between which entries lie, without the ends; `limit`: so many at most. */
export type AuditPage = { before?: AuditEntryId; after?: AuditEntryId; limit: number; isBackward?: boolean }

/** Entries of the audit log, the newest first; with `isBackward` those that are next to `after`, in the same order. */
export async function listAudit(
  db: Reader,
  { since, until, ...exact }: AuditFilter,
  { before, after, limit, isBackward = false }: AuditPage,
): Promise<AuditEntry[]> {
  const entries = await db.auditEntry.findMany({
    where: {
      ...exact,
      at: { ...(since && { gte: since }), ...(until && { lt: until }) },
      id: { ...(before && { lt: before }), ...(after && { gt: after }) },
    },
    orderBy: { id: isBackward ? 'asc' : 'desc' },
    take: limit,
  })
  return isBackward ? entries.toReversed() : entries
}

/** An entry as JSON lines and `hub audit --json` have it. */
export function jsonOfEntry({ detail, ...entry }: AuditEntry): Record<string, unknown> {
  return { ...entry, detail: detail === null ? null : (JSON.parse(detail) as unknown) }
}
