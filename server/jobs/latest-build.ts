import { findBuildIdsOf, type BuildFilter } from '../builds/list-builds.ts'
import type { PrismaClient } from '../generated/prisma/client.ts'
import type { BuildId, JobId } from '../ids.ts'

const newestOnly = { limit: 0, backward: false, after: null, before: null }

/** The newest build of each job that matches; jobs without one are absent. */
export async function findLatestBuildIds(
  db: PrismaClient,
  jobIds: readonly JobId[],
  filter: Pick<BuildFilter, 'platform' | 'status'>,
): Promise<Map<JobId, BuildId>> {
  // A page has one item more than its limit.
  const found = await findBuildIdsOf(db, 'Job', jobIds, filter, newestOnly)
  return new Map([...found].flatMap(([jobId, [newest]]) => (newest === undefined ? [] : [[jobId, newest]])))
}
