import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import type { JobId } from '../../ids.ts'
import type { AnalysedBuild } from '../kind.ts'

type Row = AnalysedBuild & { jobId: JobId }

/**
 * What is analysed of each job's newest build with a main binary, on whatever platform, by its start;
 * jobs without one are absent.
 */
export async function findNewestMainBinaries(
  db: PrismaClient,
  jobIds: readonly JobId[],
): Promise<Map<JobId, AnalysedBuild>> {
  // Prisma would take two statements, of which the home page has few left.
  const rows = await db.$queryRaw<Row[]>`
    SELECT "JobPlatform"."jobId", "Build"."status", "Build"."mainBinarySha256", "Build"."debugBinarySha256",
      "Build"."opamSwitchSha256", "Build"."consoleSha256"
    FROM "JobPlatform" JOIN "Build" ON "Build"."id" = "JobPlatform"."newestMainBinaryId"
    WHERE "JobPlatform"."jobId" IN (${Prisma.join([...jobIds])})
    ORDER BY "Build"."startedAt", "Build"."id"`
  return new Map(rows.map(({ jobId, ...build }) => [jobId, build]))
}
