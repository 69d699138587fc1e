import type { Reader } from '../database/reader.ts'
import type { Package, Repository } from '../generated/prisma/client.ts'
import type { JobId } from '../ids.ts'
import { parametersPerStatement, slicesOf } from '../slices.ts'
import { parseDetails, type PublishedDetails } from './published-details.ts'

/** A repository that is published. */
export type PublishedRepository = Omit<Repository, 'details'> & PublishedDetails

/** A repository, with the names of a job's packages in it. */
export type RepositoryOfJob = PublishedRepository & { packageNames: string[] }

/** A package of a repository. */
export type PublishedPackage = Pick<Package, 'architecture' | 'name' | 'sha256' | 'version'> & {
  path: string
  sizeBytes: bigint
  publishedAt: Date
}

/** All repositories, by name. */
export async function listRepositories(db: Reader): Promise<PublishedRepository[]> {
  return (await db.repository.findMany({ orderBy: { name: 'asc' } })).map(described)
}

/** null: it is not published. */
export async function findRepository(db: Reader, name: string): Promise<PublishedRepository | null> {
  const row = await db.repository.findUnique({ where: { name } })
  return row && described(row)
}

/** The repositories that have a package of a job now. */
export async function repositoriesOfJob(db: Reader, jobId: JobId): Promise<RepositoryOfJob[]> {
  const found = await db.$queryRaw<{ repository: string; packageName: string }[]>`
    SELECT DISTINCT f."repository", p."name" AS "packageName" FROM "JobOutput" o
    JOIN "RepositoryFile" f ON f."sha256" = o."sha256" JOIN "Package" p ON p."sha256" = o."sha256"
    WHERE o."jobId" = ${jobId} AND o."scope" = 0 AND f."replacedAt" IS NULL ORDER BY p."name"`
  if (found.length === 0) return []
  const names = [...new Set(found.map(({ repository }) => repository))]
  const rows = await db.repository.findMany({ where: { name: { in: names } }, orderBy: { name: 'asc' } })
  return rows.map((row) => ({
    ...described(row),
    packageNames: found.filter((one) => one.repository === row.name).map((one) => one.packageName),
  }))
}

/** The packages of a repository, in the order of their names, from `offset` on. */
export async function listPackages(
  db: Reader,
  repository: string,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<PublishedPackage[]> {
  const folder = repository.startsWith('apt/') ? 'pool/' : 'All/'
  const files = await db.repositoryFile.findMany({
    where: { repository, replacedAt: null, path: { startsWith: folder } },
    select: { path: true, sha256: true, sizeBytes: true, publishedAt: true },
  })
  const packages = new Map<string, Package>()
  for (const slice of slicesOf(files, parametersPerStatement)) {
    const ids = slice.map(({ sha256 }) => sha256)
    for (const row of await db.package.findMany({ where: { sha256: { in: ids } } }))
      packages.set(row.sha256, row)
  }
  const found = files.flatMap((file) => {
    const row = packages.get(file.sha256)
    if (!row) return []
    const { architecture, name, version } = row
    return [{ ...file, architecture, name, version }]
  })
  const order = new Intl.Collator('en', { numeric: true })
  return found
    .sort((left, right) => order.compare(left.name, right.name) || order.compare(right.version, left.version))
    .slice(offset, offset + limit)
}

function described({ details, ...row }: Repository): PublishedRepository {
  return { ...row, ...parseDetails(details) }
}
