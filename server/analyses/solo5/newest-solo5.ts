import { Prisma } from '../../generated/prisma/client.ts'
import type { Deps } from '../../deps.ts'
import type { BuildId, JobId } from '../../ids.ts'
import { byNewest } from '../../start-cursor.ts'
import { lookAtSummary } from '../load-analyses.ts'
import { solo5Result } from '../stored-results.ts'
import type { Solo5Result } from './analyse-solo5.ts'

type Row = {
  jobId: JobId
  id: BuildId
  startedAt: Date
  mainBinarySha256: string
  state: string | null
  version: number
  resultSha256: string | null
  summary: string | null
}

/**
 * What is known of each job's newest main binary, on whatever platform, by its build's start; jobs
 * without one, or whose analysis has no result yet, are absent.
 */
export async function findNewestSolo5(
  context: Pick<Deps, 'analyses' | 'db'>,
  jobIds: readonly JobId[],
): Promise<Map<JobId, Solo5Result>> {
  // Prisma would take three statements, of which the home page has few left.
  const rows = await context.db.$queryRaw<Row[]>`
    SELECT "JobPlatform"."jobId", "Build"."id", "Build"."startedAt", "Build"."mainBinarySha256", "Analysis"."state", "Analysis"."version",
      "Analysis"."resultSha256", "Analysis"."summary"
    FROM "JobPlatform" JOIN "Build" ON "Build"."id" = "JobPlatform"."newestMainBinaryId"
    LEFT JOIN "Analysis" ON "Analysis"."kind" = 'SOLO5' AND "Analysis"."inputSha256" = "Build"."mainBinarySha256"
      AND "Analysis"."debugSha256" = ''
    WHERE "JobPlatform"."jobId" IN (${Prisma.join([...jobIds])})`
  // One row for each platform of a job: few, and their builds lie far apart for SQLite to sort them.
  const newest = new Map(
    rows
      .toSorted(byNewest)
      .toReversed()
      .map((row) => [row.jobId, row]),
  )
  const found = new Map<JobId, Solo5Result>()
  for (const { jobId, mainBinarySha256, state, ...row } of newest.values()) {
    const key = { kind: 'SOLO5', inputSha256: mainBinarySha256, debugSha256: '' } as const
    const result = lookAtSummary(context, key, solo5Result, state === null ? null : { ...row, state })
    if (result) found.set(jobId, result)
  }
  return found
}
