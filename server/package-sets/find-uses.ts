import { compareBytes } from '../compare-bytes.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { inSlices, parametersPerStatement } from '../slices.ts'
import { identityOfEntry, type EntryIdentity } from './entry-identity.ts'

const { sql, join } = Prisma

/** The newest build with an output of a job on a platform, and the version of a package in it. */
export type PackageUse = {
  versionId: number
  job: string
  platform: string
  uuid: string
  startedAt: Date
  identifiedBy: EntryIdentity
  /** False: the package only served to build. */
  isRequired: boolean
}

/** The sets of the newest builds with an output, one row for each job that is not hidden and platform whose packages are known. */
const newestSets = sql`"JobPlatform" p CROSS JOIN "Job" j CROSS JOIN "Build" b CROSS JOIN "PackageSet" s CROSS JOIN "PackageSetEntry" e`
const areJoined = sql`j.id = p."jobId" AND j."isHidden" = FALSE AND b.id = p."newestMainBinaryId" AND s.sha256 = b."opamSwitchSha256" AND e."setId" = s.id`

/**
 * Which jobs, without hidden ones, have these versions now, by name and platform. CROSS JOIN fixes the order of the loops: the cost grows with the places
 * (jobs × platforms) and the versions asked for, never with the builds of the site.
 */
export async function findUses(db: Reader, versionIds: readonly number[]): Promise<PackageUse[]> {
  const rows = await inSlices(versionIds, parametersPerStatement, (slice) =>
    db.$queryRaw<(Omit<PackageUse, 'isRequired'> & { isRequired: boolean | number })[]>(
      sql`SELECT e."packageVersionId" AS "versionId", j.name AS job, f.name AS platform, b.uuid, b."startedAt",
          ${identityOfEntry} AS "identifiedBy", e."isRequired"
        FROM ${newestSets} JOIN "Platform" f ON f.id = p."platformId"
        WHERE ${areJoined} AND e."packageVersionId" IN (${join(slice)})`,
    ),
  )
  return rows
    .map((row) => ({ ...row, isRequired: Boolean(row.isRequired) }))
    .toSorted(
      (one, other) =>
        compareBytes(one.job, other.job) ||
        compareBytes(one.platform, other.platform) ||
        one.versionId - other.versionId,
    )
}

/** Which jobs, without hidden ones, have versions now: numbers of versions and jobs, a pair for each platform. For lists of packages. */
export async function findJobsWith(
  db: Reader,
  versionIds: readonly number[],
): Promise<{ versionId: number; jobId: number }[]> {
  return inSlices(versionIds, parametersPerStatement, (slice) =>
    db.$queryRaw<{ versionId: number; jobId: number }[]>(
      sql`SELECT e."packageVersionId" AS "versionId", p."jobId" FROM ${newestSets}
        WHERE ${areJoined} AND e."packageVersionId" IN (${join(slice)})`,
    ),
  )
}
