import type { Deps } from '../deps.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { JobId, PlatformId } from '../ids.ts'
import { byNewest, type StartCursor } from '../start-cursor.ts'
import { allPlatforms } from '../facts/job-outputs.ts'

type Place = { jobId: JobId; platformId: PlatformId | null }
type Output = { uuid: string; path: string; sha256: string; sizeBytes: bigint }

/** Number of rows per read, so that other requests do not wait for a job with many builds. */
const pageRows = 500

const { sql, empty } = Prisma

/**
 * The builds of a job, newest first: the newest one of each distinct main binary and, with `withFailed`, all
 * builds without a main binary. Null if there is no such job. Source: docs/spec/drop-in.md, "URLs";
 * builder-web, Builder_web.job and its JSON.
 */
export async function jobJson(
  { db }: Pick<Deps, 'db'>,
  asked: { job: string; platform: string | null; withFailed: boolean },
) {
  const job = await db.job.findUnique({ where: { name: asked.job }, select: { id: true } })
  if (!job) return null
  const platform =
    asked.platform === null
      ? null
      : await db.platform.findUnique({ where: { name: asked.platform }, select: { id: true } })
  if (asked.platform !== null && !platform) return { builds: [] }
  const place = { jobId: job.id, platformId: platform?.id ?? null }
  const outputs = await readAll((after) => readOutputs(db, place, after))
  const failed = asked.withFailed ? await readAll((after) => readWithoutOutput(db, place, after)) : []
  const builds = [
    ...outputs.map(({ uuid, path, sha256, sizeBytes, ...at }) => {
      const filename = path.split('/').at(-1)
      return { at, json: { uuid, main_binary: { filename, sha256, size: Number(sizeBytes) } } }
    }),
    ...failed.map(({ uuid, ...at }) => ({ at, json: { uuid, main_binary: null } })),
  ]
  return { builds: builds.toSorted((a, b) => byNewest(a.at, b.at)).map(({ json }) => json) }
}

/** Raw SQL, here and below: Prisma's own cursors compare with OR, for which SQLite scans the whole index. */
function readOutputs(db: Deps['db'], { jobId, platformId }: Place, after: StartCursor | null) {
  const scope = platformId ?? allPlatforms
  const isAfter = after
    ? sql`AND (o."lastStartedAt", o."lastBuildId") < (${after.startedAt}, ${after.id})`
    : empty
  return db.$queryRaw<(StartCursor & Output)[]>(
    sql`SELECT o."lastStartedAt" AS "startedAt", o."lastBuildId" AS id, b.uuid, b."mainBinaryPath" AS path,
        o.sha256, o."sizeBytes"
      FROM "JobOutput" o JOIN "Build" b ON b.id = o."lastBuildId"
      WHERE o."jobId" = ${jobId} AND o.scope = ${scope} ${isAfter}
      ORDER BY o."lastStartedAt" DESC, o."lastBuildId" DESC LIMIT ${pageRows}`,
  )
}

function readWithoutOutput(db: Deps['db'], { jobId, platformId }: Place, after: StartCursor | null) {
  const isThere = platformId === null ? empty : sql`AND b."platformId" = ${platformId}`
  const isAfter = after ? sql`AND (b."startedAt", b.id) < (${after.startedAt}, ${after.id})` : empty
  return db.$queryRaw<(StartCursor & { uuid: string })[]>(
    sql`SELECT b."startedAt", b.id, b.uuid FROM "Build" b
      WHERE b."jobId" = ${jobId} AND b.verdict = 'NO_OUTPUT' ${isThere} ${isAfter}
      ORDER BY b."startedAt" DESC, b.id DESC LIMIT ${pageRows}`,
  )
}

/** All rows of a list, page by page. */
async function readAll<Row extends StartCursor>(
  readPage: (after: StartCursor | null) => Promise<Row[]>,
): Promise<Row[]> {
  const all: Row[] = []
  for (;;) {
    const rows = await readPage(all.at(-1) ?? null)
    all.push(...rows)
    if (rows.length < pageRows) return all
  }
}
