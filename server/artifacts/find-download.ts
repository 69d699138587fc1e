import { hash } from '../database/sql.ts'
import type { Deps } from '../deps.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { explainRemoval, findRemovedBuild, findRemovedByHash } from '../retention/removed-build.ts'

const { sql } = Prisma

/** A download that does not exist; the message says what is missing. */
export class MissingDownloadError extends Error {
  override readonly name = 'MissingDownloadError'
}

/** A download of a build that was removed; the message says when, why, and which build is the newest now. */
export class RemovedDownloadError extends Error {
  override readonly name = 'RemovedDownloadError'
}

const quote = (name: string) => JSON.stringify(name)

/**
 * Says which of the two is missing; a build of another job counts as missing. Throws MissingDownloadError,
 * RemovedDownloadError.
 */
export async function refuseMissingBuild(db: Deps['db'], job: string, uuid: string): Promise<never> {
  const removed = await findRemovedBuild(db, uuid, job)
  if (removed) throw new RemovedDownloadError(await explainRemoval(db, removed))
  const found = await db.job.findUnique({ where: { name: job }, select: { id: true } })
  throw new MissingDownloadError(found ? `job ${quote(job)} has no build ${uuid}` : `no job ${quote(job)}`)
}

/** Facts of a build that its downloads need. Throws MissingDownloadError, RemovedDownloadError. */
export async function findBuild({ db }: Pick<Deps, 'db'>, job: string, uuid: string) {
  const build = await db.build.findFirst({
    where: { uuid: uuid.toLowerCase(), job: { name: job } },
    select: {
      id: true,
      uuid: true,
      finishedAt: true,
      consoleSha256: true,
      consoleSizeBytes: true,
      consoleIndexSha256: true,
      consoleLineCount: true,
      scriptSha256: true,
      scriptSizeBytes: true,
      mainBinary: { select: { path: true } },
    },
  })
  if (!build) return refuseMissingBuild(db, job, uuid)
  return build
}

/** An artifact by its path as in the URL, e.g. `bin//a` for `bin/a`. Throws MissingDownloadError. */
export async function findArtifact({ db }: Pick<Deps, 'db'>, job: string, uuid: string, urlPath: string) {
  const build = await findBuild({ db }, job, uuid)
  const segments = urlPath.split('/').filter((segment) => segment !== '' && segment !== '.')
  const path = segments.join('/')
  const artifact = segments.includes('..')
    ? null
    : await db.artifact.findUnique({
        where: { buildId_path: { buildId: build.id, path } },
        select: { path: true, sha256: true, sizeBytes: true },
      })
  if (!artifact) throw new MissingDownloadError(`build ${build.uuid} has no artifact ${quote(path)}`)
  return { ...artifact, finishedAt: build.finishedAt }
}

/**
 * UUID of the job's newest build with a main binary, on any platform or on one. Throws
 * MissingDownloadError. Raw SQL, here and below: clients ask all day whether something is new, and
 * Prisma sends several statements for it.
 */
export async function findLatestBuild(
  { db }: Pick<Deps, 'db'>,
  job: string,
  platform: string | null,
): Promise<string> {
  const isThere =
    platform === null
      ? sql`1 = 1`
      : sql`p."platformId" = (SELECT n.id FROM "Platform" n WHERE n.name = ${platform})`
  const [newest] = await db.$queryRaw<{ uuid: string }[]>(
    sql`SELECT b.uuid FROM "JobPlatform" p JOIN "Build" b ON b.id = p."newestMainBinaryId"
      WHERE p."jobId" = (SELECT j.id FROM "Job" j WHERE j.name = ${job}) AND ${isThere}
      ORDER BY b."startedAt" DESC, b.id DESC LIMIT 1`,
  )
  if (!newest) {
    const where = platform === null ? '' : ` on platform ${quote(platform)}`
    throw new MissingDownloadError(`no build of job ${quote(job)} has a main binary${where}`)
  }
  return newest.uuid
}

/**
 * The newest build with an artifact of this content. If there is none, the newest removed build that had one: its page
 * tells, and clients that look for something newer of its job find that. Throws MissingDownloadError.
 */
export async function findBuildByHash({ db }: Pick<Deps, 'db'>, sha256: string) {
  const [newest] = await db.$queryRaw<{ uuid: string; job: string }[]>(
    sql`SELECT b.uuid, j.name AS job FROM "Artifact" a
      JOIN "Build" b ON b.id = a."buildId" JOIN "Job" j ON j.id = b."jobId"
      WHERE a.sha256 = ${hash(sha256)} ORDER BY a."startedAt" DESC, a.id DESC LIMIT 1`,
  )
  const found = newest ?? (await findRemovedByHash(db, sha256))
  if (!found) throw new MissingDownloadError(`no artifact has the SHA-256 ${sha256}`)
  return found
}
