import type { Reader } from '../database/reader.ts'
import type { AuditEntry } from '../generated/prisma/client.ts'
import type { AuditEntryId } from '../ids.ts'
import { findByNewestId } from '../list-by-id.ts'
import type { Page } from '../page.ts'
import type { AuditResult } from './actions.ts'

/** Which entries of the audit log are asked for: those that meet all that is given. */
export type AuditFilter = {
  /** From then on. */
  since?: Date | null | undefined
  /** Before then. */
  until?: Date | null | undefined
  /** Name of the user who acted. */
  actor?: string | null | undefined
  /** One of `auditActions`, or one that another version has written. */
  action?: string | null | undefined
  result?: AuditResult | null | undefined
  target?: string | null | undefined
}

/** A page of the audit log, the newest entries first, and one more if it exists. The cursors are numbers of entries. */
export function listAudit(db: Reader, filter: AuditFilter, page: Page<number>): Promise<AuditEntry[]> {
  return findByNewestId(page, ({ range, ...asked }) =>
    db.auditEntry.findMany({
      ...asked,
      where: { ...conditionsOf(filter), id: range as { lt?: AuditEntryId; gt?: AuditEntryId } },
    }),
  )
}

/** Number of entries in all pages. */
export const countAudit = (db: Reader, filter: AuditFilter): Promise<number> =>
  db.auditEntry.count({ where: conditionsOf(filter) })

function conditionsOf({ since, until, actor, action, result, target }: AuditFilter) {
  return {
    ...(actor == null ? {} : { actor }),
    ...(action == null ? {} : { action }),
    ...(result == null ? {} : { result }),
    ...(target == null ? {} : { target }),
    at: { ...(since == null ? {} : { gte: since }), ...(until == null ? {} : { lt: until }) },
  }
}

/** An entry as JSON lines and `hub audit --json` have it. */
export function jsonOfEntry({ detail, ...entry }: AuditEntry): Record<string, unknown> {
  return { ...entry, detail: detail === null ? null : (JSON.parse(detail) as unknown) }
}
