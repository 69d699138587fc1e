import type { Reader } from '../database/reader.ts'
import { DomainError } from '../errors.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { JobId, PlatformId } from '../ids.ts'
import { sectionOfJob } from '../jobs/list-jobs.ts'

/** A job on a platform: its builds are kept or removed by themselves. */
export type Place = {
  jobId: JobId
  platformId: PlatformId
  job: string
  platform: string
  section: string | null
  buildCount: number
}

/** A job or a platform that a command names is not there. */
export class UnknownPlaceError extends DomainError {
  override readonly name = 'UnknownPlaceError'
}

/** All jobs on all platforms that have builds. Raw SQL: one statement. */
export async function listPlaces(db: Reader): Promise<Place[]> {
  const rows = await db.$queryRaw<Place[]>(
    Prisma.sql`SELECT p."jobId", p."platformId", j.name AS job, n.name AS platform, ${sectionOfJob} AS section,
        p."succeededCount" + p."failedCount" AS "buildCount"
      FROM "JobPlatform" p JOIN "Job" j ON j.id = p."jobId" JOIN "Platform" n ON n.id = p."platformId"
      ORDER BY j.name, n.name`,
  )
  return rows.map((row) => ({ ...row, buildCount: Number(row.buildCount) }))
}

/** The places of some jobs and platforms; of all if none is named. Throws UnknownPlaceError. */
export function placesOf(
  places: readonly Place[],
  { jobs, platforms }: { jobs: readonly string[]; platforms: readonly string[] },
): Place[] {
  checkKnown('job', jobs, new Set(places.map(({ job }) => job)))
  checkKnown('platform', platforms, new Set(places.map(({ platform }) => platform)))
  const isNamed = (names: readonly string[], name: string) => names.length === 0 || names.includes(name)
  return places.filter(({ job, platform }) => isNamed(jobs, job) && isNamed(platforms, platform))
}

function checkKnown(what: string, names: readonly string[], known: ReadonlySet<string>): void {
  const unknown = names.filter((name) => !known.has(name))
  if (unknown.length > 0)
    throw new UnknownPlaceError(
      `there is no ${what} ${unknown.map((name) => JSON.stringify(name)).join(', ')}: nothing was removed`,
    )
}
