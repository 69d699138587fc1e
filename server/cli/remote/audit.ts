import type { AuditFilter } from '../../audit/list-audit.ts'
import { graphql } from '../../generated/operations/gql.ts'
import type { PrintedAuditEntry } from '../print-audit.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate } from './times.ts'

const listDocument = graphql(`
  query CommandAudit($first: Int, $after: String, $filter: AuditFilter) {
    admin {
      audit(first: $first, after: $after, filter: $filter) {
        nodes {
          id
          at
          actor
          via
          credential
          address
          requestId
          action
          target
          result
          detail
          previousSha256
          sha256
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

/** The entries that meet the filter, the newest first. */
export async function listAuditAt(
  site: RemoteSite,
  { since, until, actor, action, result, target }: AuditFilter,
  limit: number,
): Promise<PrintedAuditEntry[]> {
  const filter = {
    ...(since ? { since: since.toISOString() } : {}),
    ...(until ? { until: until.toISOString() } : {}),
    ...(actor == null ? {} : { actor }),
    ...(action == null ? {} : { action }),
    ...(result == null ? {} : { result }),
    ...(target == null ? {} : { target }),
  }
  const entries = await allItems(site, listDocument, { filter }, ({ admin }) => admin?.audit, limit)
  return entries.map(({ id, at, ...own }) => ({ ...own, id: Number(id), at: toDate(at) }))
}
