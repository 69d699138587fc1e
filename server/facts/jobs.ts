import { hash } from '../database/sql.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { enqueue } from '../runner/enqueue.ts'
import type { Transaction } from '../database/writer.ts'
import type { JobId } from '../ids.ts'
import type { Reader } from '../database/reader.ts'
import { eachBuildOfJob, isNewer, newerOf, type StoredBuild } from './build-facts.ts'
import { taskOfJob } from './describe-job-task.ts'
import type { Difference, FactRow, FactRule } from './fact-rule.ts'
import { compareRows, writeExpected, type FactTable } from './fact-table.ts'

const { sql, join } = Prisma

const described = ['section', 'synopsis', 'description'] as const

const table: FactTable = {
  rule: 'jobs',
  table: 'Job',
  key: ['id'],
  values: ['newestSuccessAt', 'readmeSha256', 'readmeAt', 'pendingSwitchSha256', 'switchAt', ...described],
}

/**
 * What a job shows of its newest builds. Section, synopsis and description are read from the switch in the background
 * (server/jobs/describe-job-handler.ts): here they are wrong only if there is no switch. A job without builds has no row.
 */
export const jobs: FactRule = {
  name: table.rule,
  add,
  remove,
  check: async (db, scope) => (scope === 'unowned' ? [] : check(db, scope.jobId)),
  rebuild: async (tx, scope) => (scope === 'unowned' ? 0 : rebuild(tx, scope.jobId)),
}

async function rebuild(tx: Transaction, jobId: JobId): Promise<number> {
  const differences = await check(tx, jobId)
  const isToBeRead = differences.some(({ expected }) => (expected?.pendingSwitchSha256 ?? null) !== null)
  if (isToBeRead) await describeSoon(tx, jobId)
  return writeExpected(tx, table, differences)
}

/** Reads the pending switch of a job in the background. */
async function describeSoon(tx: Transaction, jobId: JobId): Promise<void> {
  const { name } = await tx.job.findUniqueOrThrow({ where: { id: jobId }, select: { name: true } })
  await enqueue(tx, [taskOfJob(name)], new Date())
}

async function check(db: Reader, jobId: JobId): Promise<Difference[]> {
  let count = 0
  let success: StoredBuild | null = null
  let readme: StoredBuild | null = null
  let opamSwitch: StoredBuild | null = null
  for await (const builds of eachBuildOfJob(db, jobId))
    for (const build of builds) {
      count++
      if (isActive(build)) success = newerOf(success, build)
      if (build.readmeSha256 !== null) readme = newerOf(readme, build)
      if (build.opamSwitchSha256 !== null) opamSwitch = newerOf(opamSwitch, build)
    }
  const row = await db.job.findUnique({ where: { id: jobId } })
  if (!row) return []
  // What the operator has chosen follows from no build.
  const { id, name: _name, operatorSection: _section, isHidden: _isHidden, ...found } = row
  const expected: FactRow = {
    id,
    newestSuccessAt: success?.startedAt ?? null,
    readmeSha256: readme?.readmeSha256 ?? null,
    readmeAt: readme?.startedAt ?? null,
    ...expectedSwitch(found, opamSwitch),
  }
  return compareRows(table, count > 0 ? [expected] : [], [{ id, ...found }])
}

type Described = { [Name in (typeof described)[number] | 'pendingSwitchSha256']: string | null }

/** A switch waits to be read if it is another one than the row says, or already waits. */
function expectedSwitch(row: Described & { switchAt: Date | null }, newest: StoredBuild | null) {
  const { section, synopsis, description, pendingSwitchSha256, switchAt } = row
  if (!newest)
    return { pendingSwitchSha256: null, switchAt: null, section: null, synopsis: null, description: null }
  const isRead = pendingSwitchSha256 === null && switchAt?.getTime() === newest.startedAt.getTime()
  return {
    ...{ section, synopsis, description },
    switchAt: newest.startedAt,
    pendingSwitchSha256: isRead ? null : newest.opamSwitchSha256,
  }
}

/** Exited 0, or failed and still has a main binary. */
const isActive = (build: StoredBuild) => build.isSuccess || build.output !== null

/**
 * The job takes the readme, the opam switch for its description, and the time of the last success from its newest
 * builds. Builds can arrive late, and a build without a readme does not change the readme. If two builds started at
 * the same time, the later row is newer, as in every list. Raw SQL: Prisma would read the row first.
 */
async function add(tx: Transaction, build: StoredBuild): Promise<void> {
  const { jobId, startedAt, readmeSha256, opamSwitchSha256 } = build
  /** `column` takes `value` if this build is at least as new as the one whose start `time` has. */
  const ifNewer = (time: Prisma.Sql, column: Prisma.Sql, value: Prisma.Sql) =>
    sql`${column} = CASE WHEN ${startedAt} >= COALESCE(${time}, ${startedAt}) THEN ${value} ELSE ${column} END`
  const [successAt, readmeAt, switchAt] = [sql`"newestSuccessAt"`, sql`"readmeAt"`, sql`"switchAt"`]
  const start = sql`${startedAt}`
  const changes = [
    ...(isActive(build) ? [ifNewer(successAt, successAt, start)] : []),
    ...(readmeSha256 === null
      ? []
      : [ifNewer(readmeAt, sql`"readmeSha256"`, hash(readmeSha256)), ifNewer(readmeAt, readmeAt, start)]),
    ...(opamSwitchSha256 === null
      ? []
      : [
          ifNewer(switchAt, sql`"pendingSwitchSha256"`, hash(opamSwitchSha256)),
          ifNewer(switchAt, switchAt, start),
        ]),
  ]
  if (changes.length > 0) await tx.$executeRaw(sql`UPDATE "Job" SET ${join(changes)} WHERE id = ${jobId}`)
}

/** Raw SQL: Prisma cannot set columns to what a query finds. */
async function remove(tx: Transaction, build: StoredBuild): Promise<void> {
  const { id, jobId, startedAt } = build
  const newest = (columns: Prisma.Sql, condition: Prisma.Sql) =>
    sql`SELECT ${columns} FROM "Build" b WHERE b."jobId" = ${jobId} AND b.id <> ${id} AND ${condition}
      ORDER BY b."startedAt" DESC, b.id DESC LIMIT 1`
  if (isActive(build)) {
    // Each of these has an index in the order of the start.
    const conditions = [
      sql`b.status = 'SUCCEEDED'`,
      ...['REPRODUCED', 'NOT_REPRODUCIBLE', 'UNCONFIRMED'].map((verdict) => sql`b.verdict = ${verdict}`),
    ]
    const starts = conditions.map((one) => sql`SELECT * FROM (${newest(sql`b."startedAt" AS at`, one)}) x`)
    await tx.$executeRaw(sql`UPDATE "Job" SET
        "newestSuccessAt" = (SELECT MAX(n.at) FROM (${join(starts, ' UNION ALL ')}) n)
      WHERE id = ${jobId} AND "newestSuccessAt" = ${startedAt}`)
  }
  if (build.readmeSha256 !== null) {
    const found = newest(sql`b."readmeSha256", b."startedAt"`, sql`b."readmeSha256" IS NOT NULL`)
    await tx.$executeRaw(sql`UPDATE "Job" SET ("readmeSha256", "readmeAt") = (${found})
      WHERE id = ${jobId} AND "readmeAt" = ${startedAt}`)
  }
  if (build.opamSwitchSha256 !== null) await removeSwitch(tx, build)
}

/** The job is described by the newest remaining switch, or not at all. */
async function removeSwitch(tx: Transaction, build: StoredBuild): Promise<void> {
  const { id, jobId, startedAt } = build
  const job = { id: jobId, switchAt: startedAt }
  if ((await tx.job.count({ where: job })) === 0) return
  const next = await tx.build.findFirst({
    where: { jobId, opamSwitchSha256: { not: null }, id: { not: id } },
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    select: { id: true, startedAt: true, opamSwitchSha256: true },
  })
  if (next && isNewer(next, build)) return
  const nothing = { section: null, synopsis: null, description: null }
  if (next) await describeSoon(tx, jobId)
  await tx.job.updateMany({
    where: job,
    data: {
      switchAt: next?.startedAt ?? null,
      pendingSwitchSha256: next?.opamSwitchSha256 ?? null,
      ...(next ? {} : nothing),
    },
  })
}
