import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../writer.ts'
import type { StoredBuild } from './build-facts.ts'

/** `JobOutput.scope` of the row that counts all platforms. */
export const allPlatforms = 0

const { sql, join } = Prisma

/**
 * Counts a main binary in the lists of distinct outputs of a job: for all platforms, and for the platform of the
 * build. Raw SQL: Prisma would read both rows first. If two builds started at the same time, the later row is newer,
 * as in every list.
 */
export async function addToJobOutputs(tx: Transaction, build: StoredBuild): Promise<void> {
  if (!build.output) return
  const { id, jobId, platformId, startedAt } = build
  const { sha256, sizeBytes } = build.output
  const rows = [allPlatforms, platformId].map(
    (scope) =>
      sql`(${jobId}, ${scope}, ${sha256}, ${sizeBytes}, 1, ${id}, ${startedAt}, ${id}, ${startedAt})`,
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
