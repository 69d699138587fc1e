import { Prisma } from '../generated/prisma/client.ts'
import type { Reader } from '../database/reader.ts'
import type { Transaction } from '../database/writer.ts'
import { newerOf, type StoredBuild } from './build-facts.ts'
import type { Difference, FactRow, FactRule } from './fact-rule.ts'
import { compareRows, rulesOfJobs, writeExpected, type FactTable } from './fact-table.ts'

const { sql, join } = Prisma

const table: FactTable = {
  rule: 'job-platforms',
  table: 'JobPlatform',
  key: ['jobId', 'platformId'],
  values: [
    ...['succeededCount', 'failedCount', 'reproducedCount', 'notReproducibleCount', 'unconfirmedCount'],
    ...['newestBuildId', 'newestSuccessId', 'newestMainBinaryId'],
  ],
}

const ofJobs = rulesOfJobs(table, (jobId) => {
  const builds = new Map<number, ReturnType<typeof countersOf>>()
  return {
    see(build) {
      const own = builds.get(build.platformId) ?? countersOf()
      builds.set(build.platformId, own)
      own.see(build)
    },
    rows: () => [...builds].map(([platformId, own]) => ({ jobId, platformId, ...own.row() })),
  }
})

const platforms: FactTable = { rule: 'job-platforms', table: 'Platform', key: ['id'], values: ['name'] }

/** What a job did on each platform: counters, and the newest builds. A platform without builds has no row. */
export const jobPlatforms: FactRule = {
  name: table.rule,
  add,
  remove,
  check: (db, scope) => (scope === 'unowned' ? checkPlatforms(db) : ofJobs.check(db, scope)),
  rebuild: async (tx, scope) =>
    scope === 'unowned' ? writeExpected(tx, platforms, await checkPlatforms(tx)) : ofJobs.rebuild(tx, scope),
}

async function checkPlatforms(db: Reader): Promise<Difference[]> {
  const unused = await db.platform.findMany({ where: { builds: { none: {} } } })
  return compareRows(platforms, [], unused)
}

function countersOf() {
  const counts = { SUCCEEDED: 0, FAILED: 0, REPRODUCED: 0, NOT_REPRODUCIBLE: 0, UNCONFIRMED: 0, NO_OUTPUT: 0 }
  let newest: StoredBuild | null = null
  let newestSuccess: StoredBuild | null = null
  let newestMainBinary: StoredBuild | null = null
  return {
    see(build: StoredBuild) {
      counts[build.isSuccess ? 'SUCCEEDED' : 'FAILED']++
      counts[build.verdict]++
      newest = newerOf(newest, build)
      if (build.isSuccess) newestSuccess = newerOf(newestSuccess, build)
      if (build.output) newestMainBinary = newerOf(newestMainBinary, build)
    },
    row: (): FactRow => ({
      succeededCount: counts.SUCCEEDED,
      failedCount: counts.FAILED,
      reproducedCount: counts.REPRODUCED,
      notReproducibleCount: counts.NOT_REPRODUCIBLE,
      unconfirmedCount: counts.UNCONFIRMED,
      newestBuildId: newest?.id ?? null,
      newestSuccessId: newestSuccess?.id ?? null,
      newestMainBinaryId: newestMainBinary?.id ?? null,
    }),
  }
}

const one = (isCounted: boolean) => (isCounted ? 1 : 0)

/**
 * Counts a build for its job on its platform, and stores it as the newest build if it is. Builds can arrive late: a
 * record that could not be sent for a day is not the newest. If two builds started at the same time, the later row
 * is newer, as in every list.
 *
 * Raw SQL: Prisma would read the row and both builds first.
 */
async function add(tx: Transaction, build: StoredBuild): Promise<void> {
  const { id, jobId, platformId, startedAt, isSuccess, verdict } = build
  const newer = (column: Prisma.Sql) =>
    sql`CASE WHEN excluded.${column} IS NOT NULL AND COALESCE(
        (SELECT b."startedAt" <= ${startedAt} FROM "Build" b WHERE b.id = "JobPlatform".${column}), 1 = 1)
      THEN excluded.${column} ELSE "JobPlatform".${column} END`
  const plus = (column: Prisma.Sql) => sql`${column} = "JobPlatform".${column} + excluded.${column}`
  await tx.$executeRaw(sql`INSERT INTO "JobPlatform" ("jobId", "platformId", "succeededCount", "failedCount",
      "reproducedCount", "notReproducibleCount", "unconfirmedCount", "newestBuildId", "newestSuccessId", "newestMainBinaryId")
    VALUES (${jobId}, ${platformId}, ${one(isSuccess)}, ${one(!isSuccess)}, ${one(verdict === 'REPRODUCED')},
      ${one(verdict === 'NOT_REPRODUCIBLE')}, ${one(verdict === 'UNCONFIRMED')}, ${id},
      ${isSuccess ? id : null},
      ${build.output ? id : null})
    ON CONFLICT ("jobId", "platformId") DO UPDATE SET
      ${plus(sql`"succeededCount"`)},
      ${plus(sql`"failedCount"`)},
      ${plus(sql`"reproducedCount"`)},
      ${plus(sql`"notReproducibleCount"`)},
      ${plus(sql`"unconfirmedCount"`)},
      "newestBuildId" = ${newer(sql`"newestBuildId"`)},
      "newestSuccessId" = ${newer(sql`"newestSuccessId"`)},
      "newestMainBinaryId" = ${newer(sql`"newestMainBinaryId"`)}`)
}

/** Raw SQL: one statement looks up the newest builds that remain, each by an index. */
async function remove(tx: Transaction, build: StoredBuild): Promise<void> {
  const { id, jobId, platformId, isSuccess, verdict } = build
  const others = sql`FROM "Build" b WHERE b."jobId" = ${jobId} AND b."platformId" = ${platformId} AND b.id <> ${id}`
  const row = sql`"jobId" = ${jobId} AND "platformId" = ${platformId}`
  const isGone = await tx.$executeRaw(
    sql`DELETE FROM "JobPlatform" WHERE ${row} AND NOT EXISTS (SELECT 1 ${others})`,
  )
  if (isGone > 0) return
  const newest = (condition: Prisma.Sql) =>
    sql`SELECT b.id AS id, b."startedAt" AS at ${others} ${condition} ORDER BY b."startedAt" DESC, b.id DESC LIMIT 1`
  // No index has builds with a main binary in the order of their start, but each verdict has one.
  const newestOfVerdicts = ['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED'].map(
    (one) => sql`SELECT * FROM (${newest(sql`AND b.verdict = ${one}`)}) x`,
  )
  const instead = (column: Prisma.Sql, found: Prisma.Sql) =>
    sql`${column} = CASE WHEN ${column} = ${id} THEN (SELECT n.id FROM (${found}) n ORDER BY n.at DESC, n.id DESC LIMIT 1)
      ELSE ${column} END`
  await tx.$executeRaw(sql`UPDATE "JobPlatform" SET
      "succeededCount" = "succeededCount" - ${one(isSuccess)},
      "failedCount" = "failedCount" - ${one(!isSuccess)},
      "reproducedCount" = "reproducedCount" - ${one(verdict === 'REPRODUCED')},
      "notReproducibleCount" = "notReproducibleCount" - ${one(verdict === 'NOT_REPRODUCIBLE')},
      "unconfirmedCount" = "unconfirmedCount" - ${one(verdict === 'UNCONFIRMED')},
      ${instead(sql`"newestBuildId"`, newest(sql``))},
      ${instead(sql`"newestSuccessId"`, newest(sql`AND b.status = 'SUCCEEDED'`))},
      ${instead(sql`"newestMainBinaryId"`, join(newestOfVerdicts, ' UNION ALL '))}
    WHERE ${row}`)
}
