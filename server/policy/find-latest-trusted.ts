import { MissingDownloadError } from '../artifacts/find-download.ts'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { hash } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { sitePolicy } from './site-policy.ts'

const { sql, empty } = Prisma

/**
 * UUID of the job's newest build whose main binary the policy trusts, on any platform or on one. Throws MissingDownloadError. Raw SQL: it goes
 * from the outputs of the job to their newest builds, each by a key.
 */
export async function findLatestTrusted(
  { config, db }: Pick<Deps, 'db'> & { config: Pick<Config, 'configDir'> },
  job: string,
  platform: string | null,
): Promise<string> {
  const policy = sitePolicy(config)
  if (policy === null) throw new MissingDownloadError('this site has no policy, so that it trusts no build')
  const isThere =
    platform === null
      ? empty
      : sql`AND v."platformId" = (SELECT n.id FROM "Platform" n WHERE n.name = ${platform})`
  const [newest] = await db.$queryRaw<{ uuid: string }[]>(
    sql`SELECT b.uuid FROM "PolicyVerdict" v
      JOIN "JobOutput" o ON o."jobId" = v."jobId" AND o.scope = v."platformId" AND o.sha256 = v.sha256
      JOIN "Build" b ON b.id = o."lastBuildId"
      WHERE v."jobId" = (SELECT j.id FROM "Job" j WHERE j.name = ${job}) ${isThere}
        AND v.outcome = 'TRUSTED' AND v."policySha256" = ${hash(policy.sha256)}
      ORDER BY o."lastStartedAt" DESC, o."lastBuildId" DESC LIMIT 1`,
  )
  if (!newest) {
    const where = platform === null ? '' : ` on platform ${JSON.stringify(platform)}`
    throw new MissingDownloadError(`the policy trusts no build of job ${JSON.stringify(job)}${where}`)
  }
  return newest.uuid
}
