import { Prisma } from '../generated/prisma/client.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import type { BuildId, JobId } from '../ids.ts'
import { eachBuildOfJob, newerOf, type StoredBuild } from './build-facts.ts'
import type { Difference, FactRule } from './fact-rule.ts'
import { compareRows, writeExpected, type FactTable } from './fact-table.ts'

const { sql } = Prisma

const table: FactTable = {
  rule: 'job-files',
  table: 'JobFile',
  key: ['jobId', 'path'],
  values: ['buildCount', 'newestBuildId', 'newestStartedAt'],
}

/** The distinct paths of files that a job has made, for the search. */
export const jobFiles: FactRule = {
  name: table.rule,
  add,
  remove,
  check: async (db, scope) => (scope === 'unowned' ? [] : check(db, scope.jobId)),
  rebuild: async (tx, scope) =>
    scope === 'unowned' ? 0 : writeExpected(tx, table, await check(tx, scope.jobId)),
}

async function check(db: Reader, jobId: JobId): Promise<Difference[]> {
  const files = new Map<string, { buildCount: number; newest: StoredBuild }>()
  for await (const builds of eachBuildOfJob(db, jobId)) {
    const byId = new Map(builds.map((build) => [build.id, build]))
    for (const { buildId, path } of await readPaths(db, jobId, builds)) {
      const build = byId.get(buildId)
      if (!build) continue
      const known = files.get(path)
      files.set(path, {
        buildCount: (known?.buildCount ?? 0) + 1,
        newest: newerOf(known?.newest ?? null, build),
      })
    }
  }
  const expected = [...files].map(([path, { buildCount, newest }]) => ({
    ...{ jobId, path, buildCount },
    ...{ newestBuildId: newest.id, newestStartedAt: newest.startedAt },
  }))
  const found = await db.jobFile.findMany({ where: { jobId }, omit: { id: true } })
  return compareRows(table, expected, found)
}

/** Raw SQL: Prisma would name every build of the part. */
function readPaths(
  db: Reader,
  jobId: JobId,
  builds: readonly StoredBuild[],
): Promise<{ buildId: BuildId; path: string }[]> {
  return db.$queryRaw(sql`SELECT a."buildId" AS "buildId", a.path AS path
    FROM "Build" b JOIN "Artifact" a ON a."buildId" = b.id
    WHERE b."jobId" = ${jobId} AND b.id >= ${builds[0]?.id} AND b.id <= ${builds.at(-1)?.id}`)
}

/** Raw SQL: one statement, whatever the number of files. */
async function add(tx: Transaction, { id }: StoredBuild): Promise<void> {
  const isNewer = sql`excluded."newestStartedAt" >= "JobFile"."newestStartedAt"`
  await tx.$executeRaw(sql`INSERT INTO "JobFile" ("jobId", path, "buildCount", "newestBuildId", "newestStartedAt")
    SELECT b."jobId", a.path, 1, b.id, b."startedAt" FROM "Build" b JOIN "Artifact" a ON a."buildId" = b.id
    WHERE b.id = ${id}
    ON CONFLICT ("jobId", path) DO UPDATE SET
      "buildCount" = "JobFile"."buildCount" + 1,
      "newestBuildId" = CASE WHEN ${isNewer} THEN excluded."newestBuildId" ELSE "JobFile"."newestBuildId" END,
      "newestStartedAt" = CASE WHEN ${isNewer} THEN excluded."newestStartedAt" ELSE "JobFile"."newestStartedAt" END`)
}

/**
 * The builds of the job are read from the newest on until one has the file, which one of them has. Raw SQL: Prisma cannot
 * set columns to what a query finds.
 */
async function remove(tx: Transaction, { id, jobId }: StoredBuild): Promise<void> {
  const ofBuild = sql`"jobId" = ${jobId} AND path IN (SELECT a.path FROM "Artifact" a WHERE a."buildId" = ${id})`
  await tx.$executeRaw(sql`DELETE FROM "JobFile" WHERE ${ofBuild} AND "buildCount" <= 1`)
  await tx.$executeRaw(sql`UPDATE "JobFile" SET "buildCount" = "buildCount" - 1 WHERE ${ofBuild}`)
  const newest = (column: Prisma.Sql) => sql`COALESCE((SELECT ${column} FROM "Build" b CROSS JOIN "Artifact" a
    WHERE b."jobId" = ${jobId} AND b.id <> ${id} AND a."buildId" = b.id AND a.path = "JobFile".path
    ORDER BY b."startedAt" DESC, b.id DESC LIMIT 1)`
  await tx.$executeRaw(sql`UPDATE "JobFile" SET
      "newestBuildId" = ${newest(sql`b.id`)}, "newestBuildId"),
      "newestStartedAt" = ${newest(sql`b."startedAt"`)}, "newestStartedAt")
    WHERE ${ofBuild} AND "newestBuildId" = ${id}`)
}
