import { hash } from '../database/sql.ts'
import type { Verdict } from '../builds/verdict.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { slicesOf } from '../slices.ts'
import type { Transaction } from '../database/writer.ts'
import { findBuildsOfPeriod, type StoredBuild } from './build-facts.ts'
import type { FactRow, FactRule } from './fact-rule.ts'
import { rulesOfJobs, type FactTable } from './fact-table.ts'
import { addedColumns, greatestColumns, leastColumns } from './period-sums.ts'
import { plus, sumsOf, sumsOfChange, sumUp, taken, type PeriodSums } from './period-sums.ts'
import { type Period, periodsOf } from './period.ts'
import type { Place } from './place-build.ts'

/** A change of a verdict. */
export type ChangedVerdict = Place & { startedAt: Date; from: Verdict; to: Verdict }

type PeriodOfPlace = Place & Period & { sums: PeriodSums }

const { sql, join, raw } = Prisma

const table: FactTable = {
  rule: 'job-periods',
  table: 'JobPeriod',
  key: ['jobId', 'platformId', 'unit', 'startsAt'],
  values: ['endsAt', ...addedColumns, ...leastColumns, ...greatestColumns],
}

/** What a job did on a platform within a day, a week or a month. */
export const jobPeriods: FactRule = {
  name: table.rule,
  add: (tx, build) =>
    addUp(
      tx,
      periodsOf(build.startedAt).map((period) => ({ ...placeOf(build), ...period, sums: sumsOf(build) })),
    ),
  remove,
  ...rulesOfJobs(table, () => {
    const found = collect()
    return {
      see: (build) => found.see(build, sumsOf(build)),
      rows: () => found.periods().map(({ sums, ...period }): FactRow => ({ ...period, ...sums })),
    }
  }),
}

/** Moves the counts of earlier builds to their new verdicts. One statement for some hundred periods. */
export async function changeInPeriods(tx: Transaction, changes: readonly ChangedVerdict[]): Promise<void> {
  // PostgreSQL refuses to update a row twice in one statement.
  const changed = collect()
  for (const change of changes) changed.see(change, sumsOfChange(change.from, change.to))
  for (const periods of slicesOf(changed.periods(), 500)) await addUp(tx, periods)
}

const placeOf = ({ jobId, platformId }: Place): Place => ({ jobId, platformId })

/** Sums for each day, week and month of each place. */
function collect() {
  const found = new Map<string, PeriodOfPlace>()
  return {
    see(at: Place & { startedAt: Date }, sums: PeriodSums) {
      for (const period of periodsOf(at.startedAt)) {
        const name = `${at.jobId} ${at.platformId} ${period.unit} ${period.startsAt.getTime()}`
        const own = found.get(name)
        found.set(name, { ...placeOf(at), ...period, sums: own ? plus(own.sums, sums) : sums })
      }
    },
    periods: () => [...found.values()],
  }
}

const valueOf = (sums: PeriodSums, name: keyof PeriodSums) =>
  name === 'sha256Min' || name === 'sha256Max' ? hash(sums[name]) : sql`${sums[name]}`

/** Raw SQL: Prisma would read the rows first. */
async function addUp(tx: Transaction, periods: readonly PeriodOfPlace[]): Promise<void> {
  const columns = [...addedColumns, ...leastColumns, ...greatestColumns]
  const rows = periods.map(
    ({ jobId, platformId, unit, startsAt, endsAt, sums }) =>
      sql`(${jobId}, ${platformId}, ${unit}, ${startsAt}, ${endsAt}, ${join(columns.map((name) => valueOf(sums, name)))})`,
  )
  const quoted = (name: string) => raw(`"${name}"`)
  const add = (column: Prisma.Sql) => sql`${column} = "JobPeriod".${column} + excluded.${column}`
  // CASE instead of a function for the minimum: SQLite calls it MIN, PostgreSQL LEAST.
  const extreme = (column: Prisma.Sql, wins: Prisma.Sql) =>
    sql`${column} = CASE WHEN "JobPeriod".${column} IS NULL OR excluded.${column} ${wins} "JobPeriod".${column}
      THEN excluded.${column} ELSE "JobPeriod".${column} END`
  const updates = [
    ...addedColumns.map((name) => add(quoted(name))),
    ...leastColumns.map((name) => extreme(quoted(name), sql`<`)),
    ...greatestColumns.map((name) => extreme(quoted(name), sql`>`)),
  ]
  await tx.$executeRaw(sql`INSERT INTO "JobPeriod"
      ("jobId", "platformId", unit, "startsAt", "endsAt", ${join(columns.map(quoted))}) VALUES ${join(rows)}
    ON CONFLICT ("jobId", "platformId", unit, "startsAt") DO UPDATE SET ${join(updates)}`)
}

/** Most removals take two statements: one reads the rows of the periods, and one takes the build off all of them. */
async function remove(tx: Transaction, build: StoredBuild): Promise<void> {
  const own = sumsOf(build)
  const periods = periodsOf(build.startedAt)
  const { jobId, platformId } = build
  const keyOf = ({ unit, startsAt }: Period) => sql`"jobId" = ${jobId} AND "platformId" = ${platformId}
    AND unit = ${unit} AND "startsAt" = ${startsAt}`
  const columns = join(
    ['unit', ...addedColumns, ...leastColumns, ...greatestColumns].map((name) => raw(`"${name}"`)),
  )
  // Each part is a look-up by the whole key.
  const parts = periods.map((period) => sql`SELECT ${columns} FROM "JobPeriod" WHERE ${keyOf(period)}`)
  const rows = await tx.$queryRaw<(PeriodSums & { unit: string })[]>(join(parts, ' UNION ALL '))
  const lessened: PeriodOfPlace[] = []
  for (const period of periods) {
    const { unit, startsAt } = period
    const row = rows.find((one) => one.unit === unit)
    if (!row) continue
    if (row.buildCount <= 1) await tx.$executeRaw(sql`DELETE FROM "JobPeriod" WHERE ${keyOf(period)}`)
    else if (await needsCount(tx, build, period, own, row)) {
      const where = { jobId_platformId_unit_startsAt: { ...placeOf(build), unit, startsAt } }
      const data = sumUp(await findBuildsOfPeriod(tx, build, period, build.id))
      await tx.jobPeriod.update({ where, data, select: { unit: true } })
    } else lessened.push({ ...placeOf(build), ...period, sums: taken(own) })
  }
  if (lessened.length > 0) await addUp(tx, lessened)
}

/**
 * Whether a period loses its least or greatest value with a build, so that the others have to be read. Mostly it has
 * neither, or another build has the same.
 */
async function needsCount(
  tx: Transaction,
  build: StoredBuild,
  period: Period,
  own: PeriodSums,
  row: PeriodSums,
): Promise<boolean> {
  const { id, output } = build
  const values = [
    {
      names: ['durationMinMs', 'durationMaxMs'],
      // A difference of two times has another type in each database, but it is compared in both.
      isSame: sql`b.status = 'SUCCEEDED' AND b."finishedAt" - b."startedAt" =
        (SELECT o."finishedAt" - o."startedAt" FROM "Build" o WHERE o.id = ${id})`,
    },
    {
      names: ['sizeMinBytes', 'sizeMaxBytes'],
      isSame: sql`b."mainBinarySizeBytes" = ${output?.sizeBytes ?? null}`,
    },
    {
      names: ['sha256Min', 'sha256Max'],
      isSame: sql`b."mainBinarySha256" = ${hash(output?.sha256 ?? null)}`,
    },
  ] as const
  for (const { names, isSame } of values) {
    const isExtreme = names.some((name) => own[name] !== null && own[name] === row[name])
    if (isExtreme && !(await hasAnother(tx, build, period, isSame))) return true
  }
  return false
}

/** Whether another build of a period of the same job and platform meets a condition. Raw SQL: Prisma cannot subtract. */
async function hasAnother(
  tx: Transaction,
  { id, jobId, platformId }: StoredBuild,
  { startsAt, endsAt }: Period,
  condition: Prisma.Sql,
): Promise<boolean> {
  const found = await tx.$queryRaw<unknown[]>(
    sql`SELECT b.id FROM "Build" b WHERE b."jobId" = ${jobId} AND b."platformId" = ${platformId}
      AND b."startedAt" >= ${startsAt} AND b."startedAt" < ${endsAt} AND b.id <> ${id} AND ${condition} LIMIT 1`,
  )
  return found.length > 0
}
