import { toVerdict, type Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../database/writer.ts'
import type { BuildId } from '../ids.ts'
import { changeInPeriods } from './job-periods.ts'
import type { Place } from './place-build.ts'

const { sql, join, empty } = Prisma

/** A stored build had the verdict `from`, and has `to`. */
export type VerdictChange = {
  buildId: BuildId
  uuid: string
  /** Names of its job and its platform. */
  job: string
  platform: string
  startedAt: Date
  from: Verdict
  to: Verdict
}

type Row = Place & Omit<VerdictChange, 'buildId' | 'from' | 'to'> & { id: BuildId; from: string }

/**
 * Gives builds that have another verdict this one, and moves the counts of their jobs and periods. `builds` is a
 * condition on `Build b`, which an index must serve. Returns what changed. Raw SQL: Prisma cannot add counts of another
 * table to a row.
 */
export async function changeVerdicts(
  tx: Transaction,
  builds: Prisma.Sql,
  verdict: Verdict,
  verdictAt: Date,
): Promise<VerdictChange[]> {
  const rows = await tx.$queryRaw<Row[]>(
    sql`SELECT b.id AS id, b."jobId" AS "jobId", b."platformId" AS "platformId", b."startedAt" AS "startedAt", b.verdict AS "from",
        b.uuid AS uuid, j.name AS job, p.name AS platform
      FROM "Build" b JOIN "Job" j ON j.id = b."jobId" JOIN "Platform" p ON p.id = b."platformId" WHERE ${builds}`,
  )
  if (rows.length === 0) return []
  const counters = [
    [sql`"reproducedCount"`, 'REPRODUCED'],
    [sql`"notReproducibleCount"`, 'NOT_REPRODUCIBLE'],
    [sql`"unconfirmedCount"`, 'UNCONFIRMED'],
  ] as const
  const updates = counters.map(
    ([column, one]) =>
      sql`${column} = "JobPlatform".${column} - c.${column} ${one === verdict ? sql`+ c.total` : empty}`,
  )
  const sums = counters.map(
    ([column, one]) => sql`SUM(CASE b.verdict WHEN ${one} THEN 1 ELSE 0 END) AS ${column}`,
  )
  await tx.$executeRaw(sql`UPDATE "JobPlatform" SET ${join(updates)}
    FROM (SELECT b."jobId" AS "ofJob", b."platformId" AS "onPlatform", COUNT(*) AS total, ${join(sums)}
      FROM "Build" b WHERE ${builds} GROUP BY b."jobId", b."platformId") c
    WHERE "jobId" = c."ofJob" AND "platformId" = c."onPlatform"`)
  await changeInPeriods(
    tx,
    rows.map(({ jobId, platformId, startedAt, from }) => ({
      ...{ jobId, platformId, startedAt },
      ...{ from: toVerdict(from), to: verdict },
    })),
  )
  await tx.$executeRaw(
    sql`UPDATE "Build" AS b SET verdict = ${verdict}, "verdictAt" = ${verdictAt} WHERE ${builds}`,
  )
  return rows
    .map(({ id, uuid, job, platform, startedAt, from }) => ({
      ...{ buildId: id, uuid, job, platform, startedAt },
      ...{ from: toVerdict(from), to: verdict },
    }))
    .filter(({ from }) => from !== verdict)
}
