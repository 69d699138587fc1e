import type { Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import type { Transaction } from '../writer.ts'

/** A build whose row is written already. */
type BuildOnPlatform = {
  id: BuildId
  jobId: JobId
  platformId: PlatformId
  startedAt: Date
  isSuccess: boolean
  verdict: Verdict
}

const { sql } = Prisma

/**
 * Counts a build for its job on its platform, and stores it as the newest build if it is. Builds can arrive late: a
 * record that could not be sent for a day is not the newest. If two builds started at the same time, the later row
 * is newer, as in every list.
 *
 * Raw SQL: Prisma would read the row and both builds first.
 */
export async function updateJobPlatform(tx: Transaction, build: BuildOnPlatform): Promise<void> {
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
      ${verdict === 'NO_OUTPUT' ? null : id})
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
