import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../writer.ts'
import type { StoredBuild } from './build-facts.ts'

const { sql } = Prisma

/**
 * Counts a build for its job on its platform, and stores it as the newest build if it is. Builds can arrive late: a
 * record that could not be sent for a day is not the newest. If two builds started at the same time, the later row
 * is newer, as in every list.
 *
 * Raw SQL: Prisma would read the row and both builds first.
 */
export async function addToJobPlatform(tx: Transaction, build: StoredBuild): Promise<void> {
  const { id, jobId, platformId, startedAt, isSuccess, verdict } = build
  const one = (isCounted: boolean) => (isCounted ? 1 : 0)
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
