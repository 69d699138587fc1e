import type { Reader } from '../database/reader.ts'
import { idsWithWords } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import { byNewest } from '../start-cursor.ts'
import { findJobsOfTerm, findPlatformsOfTerm } from './find-names.ts'
import { matchOf, type SearchTerm } from './read-term.ts'

const { sql, join } = Prisma

/** Jobs and platforms whose builds are looked at. */
const maxPlaces = 20
/** Failures that are looked at, the newest first. */
const maxExcerpts = 100

const isShown = sql`b."jobId" NOT IN (SELECT h.id FROM "Job" h WHERE h."isHidden" = TRUE)`
const newestFirst = sql`ORDER BY b."startedAt" DESC, b.id DESC`

type StartedBuild = { id: BuildId; startedAt: Date }

/** Of some hundred at most. */
const newest = <Found extends StartedBuild>(rows: readonly Found[], limit: number): Found[] =>
  rows.toSorted(byNewest).slice(0, limit)

/**
 * The builds that a term names: by the first characters of their UUID; by a day or a month, alone or with words of their job and
 * platform; or the newest of jobs on platforms, where words name both. Newest first, without those of hidden jobs.
 */
export async function findBuildsOfTerm(db: Reader, term: SearchTerm, limit: number): Promise<BuildId[]> {
  const { uuidStart, days, words } = term
  if (uuidStart !== null) return findByUuid(db, uuidStart, limit)
  if (days === null && words.length < 2) return []
  if (words.length === 0) return days ? findByDays(db, days, null, limit) : []
  const places = await findPlaces(db, term)
  if (!places) return []
  if (days !== null) return findByDays(db, days, places, limit)
  const [jobs, platforms] = [places.jobIds, places.platformIds]
  if (!jobs || !platforms) return []
  const rows = await db.$queryRaw<StartedBuild[]>(sql`SELECT b.id AS id, b."startedAt" AS "startedAt"
    FROM "JobPlatform" p JOIN "Build" b ON b.id = p."newestBuildId"
    WHERE p."jobId" IN (${join(jobs)}) AND p."platformId" IN (${join(platforms)})`)
  return newest(rows, limit).map(({ id }) => id)
}

async function findByUuid(db: Reader, start: string, limit: number): Promise<BuildId[]> {
  // No character of a UUID comes after `f`.
  const rows = await db.$queryRaw<{ id: BuildId }[]>(sql`SELECT b.id AS id FROM "Build" b
    WHERE b.uuid >= ${start} AND b.uuid < ${`${start}g`} AND ${isShown} ORDER BY b.uuid LIMIT ${limit}`)
  return rows.map(({ id }) => id)
}

/** Ids of jobs and of platforms; null: any. */
type Places = { jobIds: number[] | null; platformIds: number[] | null }

/** Words that are part of a platform's name name platforms, and the others jobs. Null: they name nothing. */
async function findPlaces(db: Reader, term: SearchTerm): Promise<Places | null> {
  const ofPlatforms = await Promise.all(
    term.words.map(async (word) => ({
      word,
      ids: (await findPlatformsOfTerm(db, { ...term, words: [word] }, maxPlaces)).map(({ id }) => id),
    })),
  )
  const naming = ofPlatforms.filter(({ ids }) => ids.length > 0)
  const platformIds = naming
    .map(({ ids }) => ids as number[])
    .reduce<number[] | null>((all, ids) => all?.filter((id) => ids.includes(id)) ?? ids, null)
  const rest = ofPlatforms.filter(({ ids }) => ids.length === 0).map(({ word }) => word)
  const jobIds =
    rest.length === 0
      ? null
      : await findJobsOfTerm(db, { ...term, text: rest.join(' '), words: rest }, maxPlaces)
  return platformIds?.length === 0 || jobIds?.length === 0 ? null : { jobIds, platformIds }
}

async function findByDays(
  db: Reader,
  { since, until }: NonNullable<SearchTerm['days']>,
  places: Places | null,
  limit: number,
): Promise<BuildId[]> {
  const conditions = [
    sql`b."startedAt" >= ${since} AND b."startedAt" < ${until} AND ${isShown}`,
    ...(places?.platformIds ? [sql`b."platformId" IN (${join(places.platformIds)})`] : []),
  ]
  const page = (more: readonly Prisma.Sql[]) =>
    sql`SELECT b.id AS id, b."startedAt" AS "startedAt" FROM "Build" b
      WHERE ${join([...conditions, ...more], ' AND ')} ${newestFirst} LIMIT ${limit}`
  // A page of each job: each is read from an index in the order of the list.
  const pages = places?.jobIds ? places.jobIds.map((id) => page([sql`b."jobId" = ${id}`])) : [page([])]
  const rows = await db.$queryRaw<StartedBuild[]>(
    join(
      pages.map((one) => sql`SELECT * FROM (${one}) p`),
      ' UNION ALL ',
    ),
  )
  return newest(rows, limit).map(({ id }) => id)
}

/** A failed build, and the line of its console that says why. */
export type FoundFailure = { buildId: BuildId; reason: string | null; line: string }

/** Failed builds whose reason, or the lines of their console that pages show, have all words. The newest first. */
export async function findFailuresOfTerm(
  db: Reader,
  term: SearchTerm,
  limit: number,
): Promise<FoundFailure[]> {
  const match = matchOf(term)
  if (match === null) return []
  const rows = await db.$queryRaw<(StartedBuild & { reason: string | null; lines: string })[]>(
    sql`SELECT b.id AS id, b."startedAt" AS "startedAt", e.reason AS reason, e.lines AS lines
      FROM "FailureExcerpt" e JOIN "Build" b ON b.id = (
        SELECT m.id FROM "Build" m WHERE m.status = 'FAILED' AND m."consoleSha256" = e."consoleSha256"
        ORDER BY m."startedAt" DESC, m.id DESC LIMIT 1)
      WHERE ${isShown} AND e.id IN (${idsWithWords('FailureSearch', match, maxExcerpts)})`,
  )
  return newest(rows, limit).map(({ id, reason, lines }) => ({
    ...{ buildId: id, reason },
    line: bestLine(lines, term.words),
  }))
}

/** The line with most of the words. */
function bestLine(lines: string, words: readonly string[]): string {
  let [best, most] = ['', -1]
  for (const line of lines.split('\n')) {
    const lower = line.toLowerCase()
    const count = words.filter((word) => lower.includes(word)).length
    if (count > most) [best, most] = [line, count]
  }
  return best.trim()
}
