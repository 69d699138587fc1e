import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import { nextTurn } from '../loop-turns.ts'
import { byNewest, type StartCursor } from '../start-cursor.ts'
import type { Keep, StayReason } from './keep.ts'
import type { Place } from './places.ts'

const { sql, empty } = Prisma

/** A build of a place; `stays`: null if it is to be removed. */
export type JudgedBuild = { id: BuildId; uuid: string; startedAt: Date; stays: StayReason | null }

const buildsPerPage = 200
const dayMs = 86_400_000

/**
 * The builds of a place, newest first, in pages, each with what becomes of it. Nothing that is kept depends on builds that
 * are not: whoever removes them while reading, or starts again after a part of them, comes to the same end. Memory: a
 * page, and the boundaries.
 */
export async function* judgeBuilds(
  db: Reader,
  place: Place,
  keep: Keep,
  now: Date,
): AsyncGenerator<JudgedBuild[]> {
  const judge = await judgeOf(db, place, keep, now)
  let after: StartCursor | null = null
  for (;;) {
    const rows: BuildRow[] = await readPage(db, place, keep, after)
    if (rows.length > 0)
      yield rows.map((row) => ({
        ...{ id: row.id, uuid: row.uuid, startedAt: row.startedAt },
        stays: judge(row),
      }))
    after = rows.at(-1) ?? null
    if (rows.length < buildsPerPage || !after) return
    await nextTurn()
  }
}

type BuildRow = {
  id: BuildId
  uuid: string
  startedAt: Date
  finishedAt: Date
  status: string
  sha256: string | null
  /** The next four are 0 or 1. */
  isPinned: number | bigint
  isNewest: number | bigint
  isFirst: number | bigint
  isLast: number | bigint
  /** Newer builds with the same main binary: as many as `perOutput` at most. */
  newerCount: number | bigint
}

/** Raw SQL: Prisma's cursors compare with OR, and its relations take a statement each. */
function readPage(
  db: Reader,
  { jobId, platformId }: Place,
  { perOutput = 0 }: Keep,
  after: StartCursor | null,
): Promise<BuildRow[]> {
  const isAfter = after ? sql`AND (b."startedAt", b.id) < (${after.startedAt}, ${after.id})` : empty
  const newer =
    perOutput === 0
      ? sql`0`
      : sql`(SELECT COUNT(*) FROM (SELECT 1 FROM "Build" o WHERE o."mainBinarySha256" = b."mainBinarySha256"
          AND o."platformId" = ${platformId} AND o."jobId" = ${jobId}
          AND (o."startedAt", o.id) > (b."startedAt", b.id) LIMIT ${perOutput}) s)`
  const flag = (condition: Prisma.Sql) => sql`CASE WHEN ${condition} THEN 1 ELSE 0 END`
  return db.$queryRaw<BuildRow[]>(
    sql`SELECT b.id, b.uuid, b."startedAt", b."finishedAt", b.status, b."mainBinarySha256" AS sha256,
        ${flag(sql`p."buildId" IS NOT NULL`)} AS "isPinned",
        ${flag(sql`n."newestBuildId" = b.id OR n."newestSuccessId" = b.id OR n."newestMainBinaryId" = b.id`)} AS "isNewest",
        ${flag(sql`o."firstBuildId" = b.id`)} AS "isFirst", ${flag(sql`o."lastBuildId" = b.id`)} AS "isLast",
        ${newer} AS "newerCount"
      FROM "Build" b
        LEFT JOIN "Pin" p ON p."buildId" = b.id
        LEFT JOIN "JobPlatform" n ON n."jobId" = ${jobId} AND n."platformId" = ${platformId}
        LEFT JOIN "JobOutput" o ON o."jobId" = ${jobId} AND o.scope = ${platformId} AND o.sha256 = b."mainBinarySha256"
      WHERE b."jobId" = ${jobId} AND b."platformId" = ${platformId} ${isAfter}
      ORDER BY b."startedAt" DESC, b.id DESC LIMIT ${buildsPerPage}`,
  )
}

/** Judges the builds of a place, which must come newest first. */
async function judgeOf(
  db: Reader,
  place: Place,
  keep: Keep,
  now: Date,
): Promise<(build: BuildRow) => StayReason | null> {
  const isSuccess = sql`b.status = 'SUCCEEDED'`
  const hasBinary = sql`b."mainBinarySha256" IS NOT NULL`
  // With fewer builds than are asked for, the oldest one is far below all: everything stays.
  const newest = keep.newest === undefined ? null : await findNth(db, place, sql`1 = 1`, keep.newest)
  const success =
    keep.newestSuccessful === undefined ? null : await findNth(db, place, isSuccess, keep.newestSuccessful)
  const since =
    keep.sinceSuccessful === undefined ? null : await findNth(db, place, hasBinary, keep.sinceSuccessful)
  const startedSince = keep.days === undefined ? Infinity : now.getTime() - keep.days * dayMs
  const finishedAfter = keep.finishedAfter?.getTime() ?? Infinity
  const ofMonth = { month: '', count: 0 }

  const isKeptByRule = (build: BuildRow): boolean => {
    if (newest && isFrom(build, newest)) return true
    if (success && build.status === 'SUCCEEDED' && isFrom(build, success)) return true
    if (since && isFrom(build, since)) return true
    if (build.finishedAt.getTime() > finishedAfter || build.startedAt.getTime() >= startedSince) return true
    return keep.perOutput !== undefined && build.sha256 !== null && Number(build.newerCount) < keep.perOutput
  }
  const isKeptOfMonth = (build: BuildRow): boolean => {
    if (keep.perMonth === undefined || build.sha256 === null) return false
    const month = build.startedAt.toISOString().slice(0, -17)
    if (month !== ofMonth.month) Object.assign(ofMonth, { month, count: 0 })
    ofMonth.count++
    return ofMonth.count <= keep.perMonth
  }
  const isKeptOfOutput = ({ isFirst, isLast }: BuildRow): boolean =>
    (Number(isFirst) === 1 && (keep.outputs === 'first' || keep.outputs === 'first-and-last')) ||
    (Number(isLast) === 1 && (keep.outputs === 'last' || keep.outputs === 'first-and-last'))

  return (build) => {
    // Counts each build, whatever else keeps it.
    const isOfMonth = isKeptOfMonth(build)
    if (isOfMonth || isKeptByRule(build)) return 'rule'
    if (isKeptOfOutput(build)) return 'output'
    if (Number(build.isNewest) === 1) return 'newest'
    return Number(build.isPinned) === 1 ? 'pinned' : null
  }
}

/** Every build is newer. */
const beginning: StartCursor = { startedAt: new Date(-8.64e15), id: 0 }

const isFrom = (build: StartCursor, boundary: StartCursor) => byNewest(build, boundary) <= 0

/** The Nth newest build of a place that meets a condition. If there are fewer: a point before all builds. */
async function findNth(
  db: Reader,
  { jobId, platformId }: Place,
  condition: Prisma.Sql,
  n: number,
): Promise<StartCursor> {
  const [found] = await db.$queryRaw<StartCursor[]>(
    sql`SELECT b."startedAt", b.id FROM "Build" b
      WHERE b."jobId" = ${jobId} AND b."platformId" = ${platformId} AND ${condition}
      ORDER BY b."startedAt" DESC, b.id DESC LIMIT 1 OFFSET ${n - 1}`,
  )
  return found ?? beginning
}
