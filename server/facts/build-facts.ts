import { toVerdict, type Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import { nextTurn } from '../loop-turns.ts'
import type { Reader } from '../database/reader.ts'

const { sql } = Prisma

/** The columns of a build's row that facts are derived from. */
export type FactColumns = {
  jobId: JobId
  platformId: PlatformId
  startedAt: Date
  finishedAt: Date
  receivedAt: Date
  status: string
  inputId: string | null
  mainBinarySha256: string | null
  mainBinarySizeBytes: bigint | number | null
  readmeSha256: string | null
  opamSwitchSha256: string | null
}

/** A build as the rules of derived facts see it, before its row is written. */
export type NewBuild = {
  jobId: JobId
  platformId: PlatformId
  startedAt: Date
  finishedAt: Date
  receivedAt: Date
  /** Exited 0. */
  isSuccess: boolean
  /** SHA-256 over the three inputs, as hex; null when one is missing. */
  inputId: string | null
  /** The main binary; null: there is none. */
  output: { sha256: string; sizeBytes: bigint } | null
  readmeSha256: string | null
  opamSwitchSha256: string | null
}

/** A build with a row. */
export type StoredBuild = NewBuild & { id: BuildId; verdict: Verdict }

/** What the rules need of a build, from the columns of its row. */
export function buildFactsOf(row: FactColumns): NewBuild {
  const { jobId, platformId, startedAt, finishedAt, receivedAt, inputId, readmeSha256, opamSwitchSha256 } =
    row
  const { mainBinarySha256: sha256, mainBinarySizeBytes } = row
  return {
    ...{ jobId, platformId, startedAt, finishedAt, receivedAt, inputId, readmeSha256, opamSwitchSha256 },
    isSuccess: row.status === 'SUCCEEDED',
    output: sha256 === null ? null : { sha256, sizeBytes: BigInt(mainBinarySizeBytes ?? 0) },
  }
}

type BuildRow = FactColumns & { id: BuildId; verdict: string }

/** Raw SQL: Prisma takes three times as long for each of many rows. */
async function readBuilds(db: Reader, condition: Prisma.Sql): Promise<StoredBuild[]> {
  const rows = await db.$queryRaw<BuildRow[]>(sql`SELECT b.id, b."jobId", b."platformId", b."startedAt",
      b."finishedAt", b."receivedAt", b.status, b."inputId", b."mainBinarySha256", b."mainBinarySizeBytes",
      b."readmeSha256", b."opamSwitchSha256", b.verdict
    FROM "Build" b WHERE ${condition}`)
  return rows.map((row) => ({ ...buildFactsOf(row), id: row.id, verdict: toVerdict(row.verdict) }))
}

export async function findStoredBuild(db: Reader, id: BuildId): Promise<StoredBuild | null> {
  const [build = null] = await readBuilds(db, sql`b.id = ${id}`)
  return build
}

const buildsAtOnce = 1_000

/** The builds of a job in the order of their arrival, in parts. Other work of the server runs between the parts. */
export async function* eachBuildOfJob(db: Reader, jobId: JobId): AsyncGenerator<StoredBuild[]> {
  let after: BuildId | 0 = 0
  for (;;) {
    const builds = await readBuilds(
      db,
      sql`b."jobId" = ${jobId} AND b.id > ${after} ORDER BY b.id LIMIT ${buildsAtOnce}`,
    )
    if (builds.length > 0) yield builds
    const last = builds.at(-1)
    if (builds.length < buildsAtOnce || !last) return
    after = last.id
    await nextTurn()
  }
}

/** The builds of a job on a platform that started within a period, without one of them. */
export async function findBuildsOfPeriod(
  db: Reader,
  { jobId, platformId }: Pick<StoredBuild, 'jobId' | 'platformId'>,
  { startsAt, endsAt }: { startsAt: Date; endsAt: Date },
  without: BuildId,
): Promise<StoredBuild[]> {
  return readBuilds(
    db,
    sql`b."jobId" = ${jobId} AND b."platformId" = ${platformId}
      AND b."startedAt" >= ${startsAt} AND b."startedAt" < ${endsAt} AND b.id <> ${without}`,
  )
}

/** Whether a build is newer than another: by its start, or else by its arrival, as in every list. */
export function isNewer(
  one: Pick<StoredBuild, 'startedAt' | 'id'>,
  other: Pick<StoredBuild, 'startedAt' | 'id'>,
): boolean {
  const difference = one.startedAt.getTime() - other.startedAt.getTime()
  return difference === 0 ? one.id > other.id : difference > 0
}

/** The newer of two builds. */
export function newerOf(one: StoredBuild | null, other: StoredBuild): StoredBuild {
  return one && isNewer(one, other) ? one : other
}
