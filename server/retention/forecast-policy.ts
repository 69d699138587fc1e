import type { Deps } from '../deps.ts'
import { perServer } from '../per-server.ts'
import { countFreedBytesOfPlaces } from './count-freed-bytes.ts'
import { FactsUnknownError } from './known-facts.ts'
import { listPlaces } from './places.ts'
import { planOfPolicy, type RetentionPolicy } from './retention-policy.ts'
import { forecastVacuum } from './vacuum.ts'

/** What the next application of a policy would do to the builds of a job, on all its platforms. */
export type JobForecast = { job: string; buildCount: number; removedCount: number; freedBytes: number }

export type PolicyForecast = {
  at: Date
  /** Those of which builds would be removed, the most bytes first. */
  jobs: JobForecast[]
  /** Why nothing is known; null: the forecast is whole. */
  unknownBecause: string | null
}

type Site = Pick<Deps, 'clock' | 'db'>

const running = perServer(() => new Map<string, Promise<PolicyForecast>>())

/**
 * What the policy would remove now. It looks at all builds of the site: requests at the same time share one look.
 */
export function forecastPolicy(site: Site, policy: RetentionPolicy): Promise<PolicyForecast> {
  const looks = running(site.db)
  const name = JSON.stringify(policy)
  const known = looks.get(name)
  if (known) return known
  const look = forecast(site, policy).finally(() => looks.delete(name))
  looks.set(name, look)
  return look
}

async function forecast({ clock, db }: Site, policy: RetentionPolicy): Promise<PolicyForecast> {
  const at = clock.now()
  const plan = planOfPolicy(policy, await listPlaces(db))
  const byJob = new Map<string, JobForecast>()
  const ofJob = (job: string) => {
    const found = byJob.get(job) ?? { job, buildCount: 0, removedCount: 0, freedBytes: 0 }
    byJob.set(job, found)
    return found
  }
  try {
    for await (const { place, buildCount, removedCount } of forecastVacuum({ db }, plan, at)) {
      const one = ofJob(place.job)
      one.buildCount += buildCount
      one.removedCount += removedCount
    }
    const freed = await countFreedBytesOfPlaces(db, plan, at)
    for (const [index, { place }] of plan.entries()) ofJob(place.job).freedBytes += freed[index] ?? 0
  } catch (error) {
    if (error instanceof FactsUnknownError) return { at, jobs: [], unknownBecause: error.message }
    throw error
  }
  const jobs = [...byJob.values()].filter(({ removedCount }) => removedCount > 0)
  return { at, jobs: jobs.toSorted((a, b) => b.freedBytes - a.freedBytes), unknownBecause: null }
}
