import { sectionOfJob } from '../jobs/list-jobs.ts'
import { uncategorized } from '../jobs/uncategorized.ts'
import type { Deps } from '../deps.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { findSolo5 } from './find-solo5.ts'

type JobRow = { name: string; section: string | null; synopsis: string | null; uuid: string; sha256: string }
type JobJson = { name: string; synopsis: string | null; latest?: object }

const { sql, empty } = Prisma

/**
 * The jobs that have a build with a main binary: all of them, or those whose newest such build started within
 * `recentDays`. Sections are in builder-web's order (reverse alphabetical), jobs are ordered by name. Unikernels
 * have `latest`. Source: docs/spec/drop-in.md, "URLs"; builder-web, Builder_web.builds and its JSON.
 */
export async function jobsJson(
  deps: Pick<Deps, 'analyses' | 'blobs' | 'clock' | 'copies' | 'db' | 'log' | 'workers'>,
  recentDays: number | null,
) {
  const rows = await findJobs(deps, recentDays, deps.clock.now())
  const solo5 = await findSolo5(
    deps,
    rows.map(({ sha256 }) => sha256),
  )
  const sections = new Map<string, JobJson[]>()
  for (const { section, name, synopsis, uuid, sha256 } of rows) {
    const heading = section ?? uncategorized
    const jobs = sections.get(heading) ?? []
    const facts = solo5.get(sha256)
    const isWhole = facts?.solo5_manifest && facts.solo5_abi
    jobs.push({ name, synopsis, ...(isWhole ? { latest: { uuid, ...facts } } : {}) })
    sections.set(heading, jobs)
  }
  const sorted = [...sections].toSorted(([a], [b]) => (a < b ? 1 : -1))
  return { jobs: sorted.flatMap(([, jobs]) => jobs), jobs_by_section: Object.fromEntries(sorted) }
}

/**
 * Each job with its newest build with a main binary on any platform. Raw SQL: Prisma would read the builds of all
 * platforms.
 */
async function findJobs({ db }: Pick<Deps, 'db'>, recentDays: number | null, now: Date): Promise<JobRow[]> {
  const isRecent =
    recentDays === null
      ? empty
      : sql`AND b."startedAt" >= ${new Date(now.getTime() - recentDays * 86_400_000)}`
  return db.$queryRaw<JobRow[]>(
    sql`SELECT j.name, ${sectionOfJob} AS section, j.synopsis, b.uuid, b."mainBinarySha256" AS sha256
      FROM "Job" j JOIN "Build" b ON b.id = (
        SELECT n.id FROM "JobPlatform" p JOIN "Build" n ON n.id = p."newestMainBinaryId"
        WHERE p."jobId" = j.id ORDER BY n."startedAt" DESC, n.id DESC LIMIT 1)
      WHERE j."isHidden" = FALSE ${isRecent} ORDER BY j.name`,
  )
}
