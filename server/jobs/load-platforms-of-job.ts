import DataLoader from 'dataloader'
import type { Deps } from '../deps.ts'
import type { JobId } from '../ids.ts'
import { perOperation } from '../per-operation.ts'
import { parametersPerStatement } from '../slices.ts'
import { findPlatformsOfJobs, type PlatformsOfJob } from './platforms-of-jobs.ts'

const loader = perOperation(
  ({ db }: Pick<Deps, 'db'>) =>
    new DataLoader<JobId, PlatformsOfJob>(
      async (ids) => {
        const found = await findPlatformsOfJobs(db, ids)
        return ids.map((id) => found.get(id) ?? { platforms: [], count: 0 })
      },
      { maxBatchSize: parametersPerStatement },
    ),
)

/** The platforms of a job. The fields of an operation read the platforms of all its jobs together. */
export function loadPlatformsOfJob(context: Pick<Deps, 'db'>, id: JobId): Promise<PlatformsOfJob> {
  return loader(context).load(id)
}
