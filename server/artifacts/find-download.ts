import type { Deps } from '../deps.ts'

/** A download that does not exist; the message says what is missing. */
export class MissingDownloadError extends Error {
  override readonly name = 'MissingDownloadError'
}

const quote = (name: string) => JSON.stringify(name)

/** Says which of the two is missing; a build of another job counts as missing. */
async function refuseMissingBuild(db: Deps['db'], job: string, uuid: string): Promise<never> {
  const found = await db.job.findUnique({ where: { name: job }, select: { id: true } })
  throw new MissingDownloadError(found ? `job ${quote(job)} has no build ${uuid}` : `no job ${quote(job)}`)
}

/** Facts of a build that its downloads need. Throws MissingDownloadError. */
export async function findBuild({ db }: Pick<Deps, 'db'>, job: string, uuid: string) {
  const build = await db.build.findFirst({
    where: { uuid: uuid.toLowerCase(), job: { name: job } },
    select: {
      id: true,
      uuid: true,
      finishedAt: true,
      consoleSha256: true,
      consoleSizeBytes: true,
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

/** UUID of the job's newest build with a main binary, on any platform or on one. Throws MissingDownloadError. */
export async function findLatestBuild(
  { db }: Pick<Deps, 'db'>,
  job: string,
  platform: string | null,
): Promise<string> {
  const newest = await db.jobPlatform.findFirst({
    where: {
      job: { name: job },
      newestMainBinaryId: { not: null },
      ...(platform === null ? {} : { platform: { name: platform } }),
    },
    orderBy: [{ newestMainBinary: { startedAt: 'desc' } }, { newestMainBinaryId: 'desc' }],
    select: { newestMainBinary: { select: { uuid: true } } },
  })
  if (!newest?.newestMainBinary) {
    const where = platform === null ? '' : ` on platform ${quote(platform)}`
    throw new MissingDownloadError(`no build of job ${quote(job)} has a main binary${where}`)
  }
  return newest.newestMainBinary.uuid
}

/** The newest build with an artifact of this content. Throws MissingDownloadError. */
export async function findBuildByHash({ db }: Pick<Deps, 'db'>, sha256: string) {
  const artifact = await db.artifact.findFirst({
    where: { sha256 },
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    select: { build: { select: { uuid: true, job: { select: { name: true } } } } },
  })
  if (!artifact) throw new MissingDownloadError(`no artifact has the SHA-256 ${sha256}`)
  return { uuid: artifact.build.uuid, job: artifact.build.job.name }
}
