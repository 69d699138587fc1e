import { hash } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../database/writer.ts'
import { isNewer, type StoredBuild } from './build-facts.ts'
import type { FactRule } from './fact-rule.ts'
import { rulesOfJobs, type FactTable } from './fact-table.ts'

/** `JobOutput.scope` of the row that counts all platforms. */
export const allPlatforms = 0

const { sql, join } = Prisma

const table: FactTable = {
  rule: 'job-outputs',
  table: 'JobOutput',
  key: ['jobId', 'scope', 'sha256'],
  values: ['sizeBytes', 'buildCount', 'firstBuildId', 'firstStartedAt', 'lastBuildId', 'lastStartedAt'],
}

type Counted = {
  output: NonNullable<StoredBuild['output']>
  buildCount: number
  first: StoredBuild
  last: StoredBuild
}

/** The distinct main binaries of a job, on each platform and on all together. */
export const jobOutputs: FactRule = {
  name: table.rule,
  add,
  remove,
  ...rulesOfJobs(table, (jobId) => {
    const found = new Map<number, Map<string, Counted>>()
    return {
      see(build) {
        const { output, platformId } = build
        if (!output) return
        for (const scope of [allPlatforms, platformId]) {
          const own = found.get(scope) ?? new Map<string, Counted>()
          found.set(scope, own)
          const { buildCount, first, last } = own.get(output.sha256) ?? {
            buildCount: 0,
            first: build,
            last: build,
          }
          own.set(output.sha256, {
            output,
            buildCount: buildCount + 1,
            first: isNewer(first, build) ? build : first,
            last: isNewer(build, last) ? build : last,
          })
        }
      },
      rows: () =>
        [...found].flatMap(([scope, own]) =>
          [...own.values()].map(({ output: { sha256, sizeBytes }, buildCount, first, last }) => ({
            ...{ jobId, scope, sha256, sizeBytes, buildCount },
            ...{ firstBuildId: first.id, firstStartedAt: first.startedAt },
            ...{ lastBuildId: last.id, lastStartedAt: last.startedAt },
          })),
        ),
    }
  }),
}

/**
 * Counts a main binary in the lists of distinct outputs of a job: for all platforms, and for the platform of the
 * build. Raw SQL: Prisma would read both rows first. If two builds started at the same time, the later row is newer,
 * as in every list.
 */
async function add(tx: Transaction, build: StoredBuild): Promise<void> {
  if (!build.output) return
  const { id, jobId, platformId, startedAt } = build
  const { sha256, sizeBytes } = build.output
  const rows = [allPlatforms, platformId].map(
    (scope) =>
      sql`(${jobId}, ${scope}, ${hash(sha256)}, ${sizeBytes}, 1, ${id}, ${startedAt}, ${id}, ${startedAt})`,
  )
  const isFirst = sql`excluded."firstStartedAt" < "JobOutput"."firstStartedAt"`
  const isLast = sql`excluded."lastStartedAt" >= "JobOutput"."lastStartedAt"`
  await tx.$executeRaw(sql`INSERT INTO "JobOutput" ("jobId", scope, sha256, "sizeBytes", "buildCount",
      "firstBuildId", "firstStartedAt", "lastBuildId", "lastStartedAt")
    VALUES ${join(rows)}
    ON CONFLICT ("jobId", scope, sha256) DO UPDATE SET
      "buildCount" = "JobOutput"."buildCount" + 1,
      "firstBuildId" = CASE WHEN ${isFirst} THEN excluded."firstBuildId" ELSE "JobOutput"."firstBuildId" END,
      "firstStartedAt" = CASE WHEN ${isFirst} THEN excluded."firstStartedAt" ELSE "JobOutput"."firstStartedAt" END,
      "lastBuildId" = CASE WHEN ${isLast} THEN excluded."lastBuildId" ELSE "JobOutput"."lastBuildId" END,
      "lastStartedAt" = CASE WHEN ${isLast} THEN excluded."lastStartedAt" ELSE "JobOutput"."lastStartedAt" END`)
}

/** Raw SQL: Prisma cannot set columns to what a query finds. */
async function remove(tx: Transaction, build: StoredBuild): Promise<void> {
  if (!build.output) return
  const { id, jobId, platformId } = build
  const { sha256 } = build.output
  // On its platform the remaining builds are found by an index. On all platforms, the rows of each platform tell.
  const ofPlatform = (order: Prisma.Sql) => sql`SELECT b.id, b."startedAt" FROM "Build" b
    WHERE b."mainBinarySha256" = ${hash(sha256)} AND b."platformId" = ${platformId} AND b."jobId" = ${jobId} AND b.id <> ${id}
    ORDER BY b."startedAt" ${order}, b.id ${order} LIMIT 1`
  const ofAll = (end: Prisma.Sql, order: Prisma.Sql) => {
    const [build, start] = [sql`o."${end}BuildId"`, sql`o."${end}StartedAt"`]
    return sql`SELECT ${build}, ${start} FROM "JobPlatform" p
      JOIN "JobOutput" o ON o."jobId" = p."jobId" AND o.scope = p."platformId" AND o.sha256 = ${hash(sha256)}
      WHERE p."jobId" = ${jobId} ORDER BY ${start} ${order}, ${build} ${order} LIMIT 1`
  }
  const [first, last, up, down] = [sql`first`, sql`last`, sql`ASC`, sql`DESC`]
  const scopes = [
    { scope: platformId, first: ofPlatform(up), last: ofPlatform(down) },
    { scope: allPlatforms, first: ofAll(first, up), last: ofAll(last, down) },
  ]
  for (const { scope, ...ends } of scopes) {
    const row = sql`"jobId" = ${jobId} AND scope = ${scope} AND sha256 = ${hash(sha256)}`
    if ((await tx.$executeRaw(sql`DELETE FROM "JobOutput" WHERE ${row} AND NOT EXISTS (${ends.first})`)) > 0)
      continue
    await tx.$executeRaw(sql`UPDATE "JobOutput" SET "buildCount" = "buildCount" - 1 WHERE ${row}`)
    for (const [end, found] of [
      [first, ends.first],
      [last, ends.last],
    ] as const)
      await tx.$executeRaw(
        sql`UPDATE "JobOutput" SET ("${end}BuildId", "${end}StartedAt") = (${found}) WHERE ${row} AND "${end}BuildId" = ${id}`,
      )
  }
}
