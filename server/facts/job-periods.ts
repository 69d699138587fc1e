import type { Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Transaction } from '../writer.ts'
import type { StoredBuild } from './build-facts.ts'
import { type Period, periodsOf } from './period.ts'
import type { Place } from './place-build.ts'

/** A change of a verdict. */
export type ChangedVerdict = Place & { startedAt: Date; from: Verdict; to: Verdict }

type Summand = Place & { period: Period; values: Prisma.Sql }

const { sql, join } = Prisma

const counted = ['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED'] as const

/** Count a build for its job on its platform in its day, week and month. One statement. */
export async function addToJobPeriods(tx: Transaction, build: StoredBuild): Promise<void> {
  const { jobId, platformId, finishedAt, startedAt, isSuccess, output, verdict } = build
  const durationMs = isSuccess ? finishedAt.getTime() - startedAt.getTime() : null
  const { sha256 = null, sizeBytes = null } = output ?? {}
  const verdicts = counted.map((one) => (one === verdict ? 1 : 0))
  const values = sql`1, ${isSuccess ? 0 : 1}, ${join(verdicts)}, ${durationMs ?? 0}, ${durationMs}, ${durationMs},
    ${sizeBytes}, ${sizeBytes}, ${sha256}, ${sha256}`
  await add(
    tx,
    periodsOf(startedAt).map((period) => ({ jobId, platformId, period, values })),
  )
}

/** Move the counts of earlier builds to their new verdicts. One statement for some hundred periods. */
export async function changeInPeriods(tx: Transaction, changes: readonly ChangedVerdict[]): Promise<void> {
  // PostgreSQL refuses to update a row twice in one statement.
  const sums = new Map<string, Place & { period: Period; verdicts: number[] }>()
  for (const { jobId, platformId, startedAt, from, to } of changes)
    for (const period of periodsOf(startedAt)) {
      const key = `${jobId} ${platformId} ${period.unit} ${period.startsAt.getTime()}`
      const sum = sums.get(key) ?? { jobId, platformId, period, verdicts: counted.map(() => 0) }
      sum.verdicts = counted.map(
        (one, n) => (sum.verdicts[n] ?? 0) + (one === to ? 1 : 0) - (one === from ? 1 : 0),
      )
      sums.set(key, sum)
    }
  const rows = [...sums.values()].map(({ verdicts, ...place }) => ({
    ...place,
    values: sql`0, 0, ${join(verdicts)}, 0, NULL, NULL, NULL, NULL, NULL, NULL`,
  }))
  const rowsAtOnce = 500
  for (let start = 0; start < rows.length; start += rowsAtOnce)
    await add(tx, rows.slice(start, start + rowsAtOnce))
}

/** Raw SQL: Prisma would read the rows first. */
async function add(tx: Transaction, summands: readonly Summand[]): Promise<void> {
  const rows = summands.map(
    ({ jobId, platformId, period: { unit, startsAt, endsAt }, values }) =>
      sql`(${jobId}, ${platformId}, ${unit}, ${startsAt}, ${endsAt}, ${values})`,
  )
  const plus = (column: Prisma.Sql) => sql`${column} = "JobPeriod".${column} + excluded.${column}`
  // CASE instead of a function for the minimum: SQLite calls it MIN, PostgreSQL LEAST.
  const extreme = (column: Prisma.Sql, wins: Prisma.Sql) =>
    sql`${column} = CASE WHEN "JobPeriod".${column} IS NULL OR excluded.${column} ${wins} "JobPeriod".${column}
      THEN excluded.${column} ELSE "JobPeriod".${column} END`
  const [least, greatest] = [sql`<`, sql`>`]
  await tx.$executeRaw(sql`INSERT INTO "JobPeriod" ("jobId", "platformId", unit, "startsAt", "endsAt",
      "buildCount", "failedCount", "reproducedCount", "notReproducibleCount", "unconfirmedCount",
      "durationSumMs", "durationMinMs", "durationMaxMs", "sizeMinBytes", "sizeMaxBytes", "sha256Min", "sha256Max")
    VALUES ${join(rows)}
    ON CONFLICT ("jobId", "platformId", unit, "startsAt") DO UPDATE SET
      ${plus(sql`"buildCount"`)},
      ${plus(sql`"failedCount"`)},
      ${plus(sql`"reproducedCount"`)},
      ${plus(sql`"notReproducibleCount"`)},
      ${plus(sql`"unconfirmedCount"`)},
      ${plus(sql`"durationSumMs"`)},
      ${extreme(sql`"durationMinMs"`, least)},
      ${extreme(sql`"durationMaxMs"`, greatest)},
      ${extreme(sql`"sizeMinBytes"`, least)},
      ${extreme(sql`"sizeMaxBytes"`, greatest)},
      ${extreme(sql`"sha256Min"`, least)},
      ${extreme(sql`"sha256Max"`, greatest)}`)
}
