import { Prisma } from '../../generated/prisma/client.ts'
import type { Deps } from '../../deps.ts'
import type { JobId } from '../../ids.ts'
import { lookAtSummary, summaryOf } from '../load-analyses.ts'
import { solo5Result } from '../stored-results.ts'
import type { Solo5Result } from './analyse-solo5.ts'

type Row = {
  jobId: JobId
  mainBinarySha256: string
  state: string | null
  version: number
  resultSha256: string | null
  summary: string | null
}

/**
 * What is known of each job's newest main binary, on whatever platform, by its build's start; jobs
 * without one, or whose analysis has no result yet, are absent. `jobIds` null: all jobs that are not hidden,
 * and no analysis is hurried for so many.
 */
export async function findNewestSolo5(
  context: Pick<Deps, 'analyses' | 'db'>,
  jobIds: readonly JobId[] | null,
): Promise<Map<JobId, Solo5Result>> {
  // Prisma would take three statements, of which the home page has few left.
  const rows = await context.db.$queryRaw<Row[]>`
    SELECT "Job"."id" AS "jobId", "Build"."mainBinarySha256", "QueuedTask"."state", "QueuedTask"."version",
      "QueuedTask"."resultSha256", "QueuedTask"."summary"
    FROM "Job" JOIN "Build" ON "Build"."id" = (
      SELECT n."id" FROM "JobPlatform" p CROSS JOIN "Build" n WHERE p."jobId" = "Job"."id" AND n."id" = p."newestMainBinaryId"
      ORDER BY n."startedAt" DESC, n."id" DESC LIMIT 1)
    LEFT JOIN "QueuedTask" ON "QueuedTask"."kind" = 'SOLO5' AND "QueuedTask"."key" = LOWER(HEX("Build"."mainBinarySha256"))
    WHERE ${jobIds ? Prisma.sql`"Job"."id" IN (${Prisma.join([...jobIds])})` : Prisma.sql`"Job"."isHidden" = FALSE`}`
  const read = jobIds ? lookAtSummary : summaryOf
  const found = new Map<JobId, Solo5Result>()
  for (const { jobId, mainBinarySha256, state, ...row } of rows) {
    const key = { kind: 'SOLO5', inputSha256: mainBinarySha256, debugSha256: '' } as const
    const result = read(context, key, solo5Result, state === null ? null : { ...row, state })
    if (result) found.set(jobId, result)
  }
  return found
}
