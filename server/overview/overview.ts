import { findAffectedNewest, type AffectedBuild } from '../advisories/find-affected.ts'
import type { Solo5Result } from '../analyses/solo5/analyse-solo5.ts'
import { findNewestSolo5 } from '../analyses/solo5/newest-solo5.ts'
import { toVerdict } from '../builds/verdict.ts'
import type { Deps } from '../deps.ts'
import { groupBy } from '../group-by.ts'
import { gradeOf, type Grade } from '../policy/grade.ts'
import { findPlaces, type Place } from './find-places.ts'
import { findSizes } from './find-sizes.ts'

/** What needs somebody's attention, the worst first. */
export const jobProblems = ['FAILING', 'DISPUTED', 'AFFECTED', 'STALE'] as const
export type JobProblem = (typeof jobProblems)[number]

/** A place with its newest main binary. */
type PlaceWithBinary = Place & { mainUuid: string; mainAt: Date; mainPath: string; mainSizeBytes: bigint }

/** A platform of a job in an overview. */
export type PlatformInOverview = Place & { problems: JobProblem[]; grade: Grade }

/** A job in an overview. */
export type JobInOverview = {
  place: Place
  /** Where its newest main binary is from, whatever the platform; null: it has none. */
  newest: (PlaceWithBinary & { grade: Grade }) | null
  sizes: number[]
  solo5: Solo5Result | null
  platforms: PlatformInOverview[]
  problems: JobProblem[]
}

/** An advisory that newest builds of jobs have, and the names of these jobs. */
export type IssueInOverview = Pick<AffectedBuild, 'advisoryId' | 'summary' | 'severity' | 'score'> & {
  jobs: string[]
}

export type Overview = { jobs: JobInOverview[]; issues: IssueInOverview[] }

type Needed = Pick<Deps, 'analyses' | 'clock' | 'config' | 'db'>

const dayMs = 86_400_000

/** All jobs that are not hidden, as the home page shows them. Takes four statements, however many jobs there are. */
export async function findOverview(context: Needed): Promise<Overview> {
  const { clock, config, db } = context
  const { expiredJobsDays: days } = config
  const since = days === 0 ? new Date(0) : new Date(clock.now().getTime() - days * dayMs)
  const ofJobs = [...groupBy(await findPlaces(db), ({ jobId }) => jobId).values()]
  const affected = await findAffectedNewest(db)
  const sizes = await findSizes(db)
  const solo5 = await findNewestSolo5(context, null)
  const shown = new Set(ofJobs.flatMap(([place]) => place?.job ?? []))
  const own = affected.filter(({ job }) => shown.has(job))
  const isAffected = new Set(own.map(({ job, platform }) => placeName(job, platform)))
  const jobs = ofJobs.flatMap((places): JobInOverview[] => {
    const [place] = places
    if (!place) return []
    const platforms = places.map((one) => ({ ...one, ...judge(one, since, isAffected) }))
    const binary = newestBinaryOf(places)
    const isStale = !places.some(({ newestAt }) => newestAt >= since)
    const found = new Set<JobProblem>(platforms.flatMap(({ problems }) => problems))
    if (isStale) found.add('STALE')
    return [
      {
        ...{ place, platforms },
        newest: binary && { ...binary, grade: gradeOfPlace(binary) },
        sizes: sizes.get(place.jobId) ?? [],
        solo5: solo5.get(place.jobId) ?? null,
        problems: jobProblems.filter((one) => found.has(one)),
      },
    ]
  })
  return { jobs, issues: toIssues(own) }
}

const placeName = (job: string, platform: string) => `${job}\0${platform}`

const hasBinary = (place: Place): place is PlaceWithBinary => place.mainUuid !== null

function newestBinaryOf(places: readonly Place[]): PlaceWithBinary | null {
  return (
    places.filter(hasBinary).toSorted((one, other) => Number(other.mainAt) - Number(one.mainAt))[0] ?? null
  )
}

function gradeOfPlace({ verdict, buildCount, confirmedBy, disputedBy }: Place): Grade {
  const output = buildCount === null ? null : { buildCount, confirmedBy, disputedBy }
  return gradeOf(toVerdict(verdict ?? 'NO_OUTPUT'), output)
}

/** A platform on which nothing was built since then no longer fails: nobody tries. */
function judge(place: Place, since: Date, affected: ReadonlySet<string>) {
  const grade = gradeOfPlace(place)
  const problems: JobProblem[] = [
    ...(place.status === 'FAILED' && place.newestAt >= since ? (['FAILING'] as const) : []),
    ...(grade.kind === 'DISPUTED' ? (['DISPUTED'] as const) : []),
    ...(affected.has(placeName(place.job, place.platform)) ? (['AFFECTED'] as const) : []),
  ]
  return { grade, problems }
}

/** The worst first. */
function toIssues(affected: readonly AffectedBuild[]): IssueInOverview[] {
  return [...groupBy(affected, ({ advisoryId }) => advisoryId).values()]
    .flatMap((own) => {
      const [first] = own
      return first ? [{ ...first, jobs: [...new Set(own.map(({ job }) => job))] }] : []
    })
    .toSorted((one, other) => (other.score ?? -1) - (one.score ?? -1))
}
