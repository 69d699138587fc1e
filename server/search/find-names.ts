import type { Reader } from '../database/reader.ts'
import { idsWithWords } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import { opamEcosystem } from '../package-sets/store-components.ts'
import { rankByName } from './rank.ts'
import { matchOf, type SearchTerm } from './read-term.ts'

const { sql, join } = Prisma

/** Rows that a table of words gives at most, the newest first, before they are ranked. */
const maxCandidates = 200
/** Versions of packages: many have the same name. */
const maxVersions = 2_000

/** A condition that a column contains all words. `%` and `_` are no part of words. */
const containsAll = (column: Prisma.Sql, words: readonly string[]) =>
  join(
    words.map((word) => sql`LOWER(${column}) LIKE ${`%${word}%`}`),
    ' AND ',
  )

/** Ids of the jobs, the best first, without hidden ones. The names of all jobs are read, besides the table of words. */
export async function findJobsOfTerm(db: Reader, term: SearchTerm, limit: number): Promise<JobId[]> {
  const match = matchOf(term)
  if (match === null) return []
  const rows = await db.$queryRaw<{ id: JobId; name: string }[]>(sql`SELECT j.id AS id, j.name AS name
    FROM "Job" j WHERE j."isHidden" = FALSE AND j.id IN (
      SELECT * FROM (${idsWithWords('JobSearch', match, maxCandidates)}) c
      UNION SELECT n.id FROM "Job" n WHERE ${containsAll(sql`n.name`, term.words)})`)
  return rankByName(rows, term, ({ name }) => name)
    .slice(0, limit)
    .map(({ id }) => id)
}

export type NamedPlatform = { id: PlatformId; name: string }

/** The platforms, the best first. There are few: all names are read. */
export async function findPlatformsOfTerm(
  db: Reader,
  term: SearchTerm,
  limit: number,
): Promise<NamedPlatform[]> {
  if (term.words.length === 0) return []
  const rows = await db.$queryRaw<NamedPlatform[]>(
    sql`SELECT p.id AS id, p.name AS name FROM "Platform" p WHERE ${containsAll(sql`p.name`, term.words)}`,
  )
  return rankByName(rows, term, ({ name }) => name).slice(0, limit)
}

/** Names of users, the best first. Only administrators may see them. */
export async function findUsersOfTerm(db: Reader, term: SearchTerm, limit: number): Promise<string[]> {
  if (term.words.length === 0) return []
  const rows = await db.$queryRaw<{ name: string }[]>(
    sql`SELECT u.name AS name FROM "User" u WHERE ${containsAll(sql`u.name`, term.words)}`,
  )
  return rankByName(rows, term, ({ name }) => name)
    .slice(0, limit)
    .map(({ name }) => name)
}

export type FoundPackage = { ecosystem: string; name: string; versionCount: number }

/** The packages that builds contain, the best first. */
export async function findPackagesOfTerm(
  db: Reader,
  term: SearchTerm,
  limit: number,
): Promise<FoundPackage[]> {
  const match = matchOf(term)
  if (match === null) return []
  const rows = await db.$queryRaw<{ ecosystem: string; name: string; count: number | bigint }[]>(
    sql`SELECT v.ecosystem AS ecosystem, v.name AS name, COUNT(*) AS count FROM "PackageVersion" v WHERE v.id IN (
        SELECT * FROM (${idsWithWords('PackageSearch', match, maxVersions)}) c
        UNION SELECT o.id FROM "PackageVersion" o WHERE o.ecosystem = ${opamEcosystem} AND o.name = ${term.text})
      GROUP BY v.ecosystem, v.name`,
  )
  return rankByName(rows, term, ({ name }) => name)
    .slice(0, limit)
    .map(({ ecosystem, name, count }) => ({ ecosystem, name, versionCount: Number(count) }))
}

export type FoundFile = { path: string; buildCount: number; job: string; newestBuildId: BuildId }

/** The files that jobs have made, the best first, and the newest build with each. */
export async function findFilesOfTerm(db: Reader, term: SearchTerm, limit: number): Promise<FoundFile[]> {
  const match = matchOf(term)
  if (match === null) return []
  const rows = await db.$queryRaw<FoundFile[]>(sql`SELECT f.path AS path, f."buildCount" AS "buildCount",
      j.name AS job, b.id AS "newestBuildId"
    FROM "JobFile" f JOIN "Job" j ON j.id = f."jobId" JOIN "Build" b ON b.id = f."newestBuildId"
    WHERE j."isHidden" = FALSE AND f.id IN (${idsWithWords('FileSearch', match, maxCandidates)})`)
  const fileOf = (path: string) => path.slice(path.lastIndexOf('/') + 1)
  return rankByName(rows, term, ({ path }) => fileOf(path)).slice(0, limit)
}
