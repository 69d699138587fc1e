import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { InputFiles } from './read-inputs.ts'

const { sql, join } = Prisma

/** A build with what tells it from others, and where its inputs are told. */
export type StoredBuild = InputFiles & {
  id: BuildId
  uuid: string
  jobId: JobId
  job: string
  platformId: PlatformId
  startedAt: Date
  status: 'SUCCEEDED' | 'FAILED'
  mainBinarySha256: string | null
}

const fileOf = (path: string) =>
  sql`(SELECT a.sha256 FROM "Artifact" a WHERE a."buildId" = b.id AND a.path = ${path})`

const columns = sql`b.id, b.uuid, b."jobId", j.name AS job, b."platformId", f.name AS platform, b."startedAt", b.status,
  b."mainBinarySha256", b."opamSwitchSha256", b."scriptSha256", b."consoleSha256",
  ${fileOf('system-packages')} AS "systemPackagesSha256", ${fileOf('build-environment')} AS "environmentSha256"`
const tables = sql`"Build" b JOIN "Job" j ON j.id = b."jobId" JOIN "Platform" f ON f.id = b."platformId"`

/** Builds by their UUIDs or ids, in no order. One statement. */
export async function findStoredBuilds(
  db: Reader,
  by: { uuids: readonly string[] } | { ids: readonly BuildId[] },
): Promise<StoredBuild[]> {
  const condition =
    'uuids' in by ? sql`b.uuid IN (${join([...by.uuids])})` : sql`b.id IN (${join([...by.ids])})`
  return db.$queryRaw<StoredBuild[]>(sql`SELECT ${columns} FROM ${tables} WHERE ${condition}`)
}

/** Builds that are looked at: before the two, between them (the newest), and after them. */
const seriesSizes = { before: 8, between: 24, after: 8 }

/**
 * The builds of a job on a platform from a little before `left` to a little after `right`, both included, in order of time. One statement, which reads
 * some dozen builds by an index.
 */
export async function findSeries(db: Reader, left: StoredBuild, right: StoredBuild): Promise<StoredBuild[]> {
  const place = sql`i."jobId" = ${right.jobId} AND i."platformId" = ${right.platformId}`
  const at = sql`(i."startedAt", i.id)`
  const [first, last] = [sql`(${left.startedAt}, ${left.id})`, sql`(${right.startedAt}, ${right.id})`]
  const part = (condition: Prisma.Sql, order: Prisma.Sql, limit: number) =>
    sql`SELECT * FROM (SELECT i.id FROM "Build" i WHERE ${place} AND ${condition}
      ORDER BY i."startedAt" ${order}, i.id ${order} LIMIT ${limit}) x`
  const ids = join(
    [
      part(sql`${at} < ${first}`, sql`DESC`, seriesSizes.before),
      part(sql`${at} > ${first} AND ${at} < ${last}`, sql`DESC`, seriesSizes.between),
      part(sql`${at} > ${last}`, sql`ASC`, seriesSizes.after),
      sql`SELECT i.id FROM "Build" i WHERE i.id IN (${left.id}, ${right.id})`,
    ],
    ' UNION ALL ',
  )
  const found = await db.$queryRaw<StoredBuild[]>(
    sql`SELECT ${columns} FROM ${tables} WHERE b.id IN (${ids})`,
  )
  return found.toSorted((l, r) => l.startedAt.getTime() - r.startedAt.getTime() || l.id - r.id)
}
