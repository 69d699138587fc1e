import { findBuildIdsOf, type BuildFilter } from '../builds/list-builds.ts'
import type { Reader } from '../database/reader.ts'
import type { BuildId, JobId } from '../ids.ts'

const newestOnly = { limit: 0, backward: false, after: null, before: null }

/** The newest matching build of each job. Jobs without a matching build are absent. */
export async function findNewestBuildIds(
  db: Reader,
  jobIds: readonly JobId[],
  filter: Pick<BuildFilter, 'platform' | 'status'>,
): Promise<Map<JobId, BuildId>> {
  // A page may contain one item more than its limit.
  const found = await findBuildIdsOf(db, 'Job', jobIds, filter, newestOnly)
  return new Map([...found].flatMap(([jobId, [newest]]) => (newest === undefined ? [] : [[jobId, newest]])))
}
