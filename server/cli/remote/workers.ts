import { graphql } from '../../generated/operations/gql.ts'
import type { PrintedWorker } from '../print-scheduling.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

const listDocument = graphql(`
  query CommandWorkers($first: Int, $after: String) {
    workers(first: $first, after: $after) {
      nodes {
        name
        platformName
        address
        protocol
        software
        slots
        connectedAt
        lastSeenAt
        disconnectedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

/** The workers of a site, by name. */
export async function listWorkersAt(site: RemoteSite): Promise<PrintedWorker[]> {
  const workers = await allItems(site, listDocument, {}, ({ workers }) => workers)
  return workers.map(({ platformName, connectedAt, lastSeenAt, disconnectedAt, ...own }) => ({
    ...{ ...own, platform: platformName, connectedAt: toDate(connectedAt), lastSeenAt: toDate(lastSeenAt) },
    disconnectedAt: toDateOrNull(disconnectedAt),
  }))
}
