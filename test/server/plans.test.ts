import { afterAll, beforeAll, expect, test } from 'vitest'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findBuildIds, type BuildFilter } from '../../server/builds/list-builds.ts'
import { systemClock as clock } from '../../server/clock.ts'
import type { BuildId, QueuedTaskId } from '../../server/ids.ts'
import { findBuildsOfTerm, findFailuresOfTerm } from '../../server/search/find-builds-of-term.ts'
import {
  findFilesOfTerm,
  findJobsOfTerm,
  findPackagesOfTerm,
  findPlatformsOfTerm,
} from '../../server/search/find-names.ts'
import { findContentsOfTerm } from '../../server/search/find-place.ts'
import { readTerm } from '../../server/search/read-term.ts'
import { dispatchEventsHandler } from '../../server/webhooks/dispatch-events-handler.ts'
import { freshDatabase, isSqlite, type FreshDatabase } from '../database.ts'

/** Enough rows that PostgreSQL does not prefer to read a whole table. */
const [jobCount, buildsPerJob] = [100, 400]

let database: FreshDatabase
let statements: string[] = []
const dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))

beforeAll(async () => {
  database = await freshDatabase(dir, (statement) => statements.push(statement))
  await seed()
})
afterAll(async () => {
  await database.closeDatabase()
  rmSync(dir, { recursive: true, force: true })
})

const execute = (sql: string) => database.writer.transact([], (tx) => tx.$executeRawUnsafe(sql))

/** The hash that is a number, and the time so many minutes after the epoch. */
const hashOf = (number: string) =>
  isSqlite ? `unhex(printf('%064x', ${number}))` : `decode(lpad(to_hex(${number}), 64, '0'), 'hex')`
const timeOf = (minutes: string) =>
  isSqlite ? `${minutes} * 60000` : `TIMESTAMP 'epoch' + ${minutes} * INTERVAL '1 minute'`

/** Builds that fail, and are not reproducible, now and then. */
async function seed(): Promise<void> {
  await execute(`INSERT INTO "Platform" (name) VALUES ('debian-12'), ('debian-13'), ('freebsd-14')`)
  const numbers = (count: number) =>
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`
  await execute(`INSERT INTO "Job" (name) ${numbers(jobCount)} SELECT 'job-' || i FROM n`)
  await execute(`INSERT INTO "Build" (uuid, "jobId", "platformId", "startedAt", "finishedAt", "receivedAt", status,
      "resultKind", "inputId", "mainBinarySha256", verdict, "scriptSha256", "scriptSizeBytes", "consoleSha256",
      "consoleSizeBytes", "consoleIndexSha256", "consoleLineCount", "artifactCount", "artifactsSizeBytes")
    ${numbers(jobCount * buildsPerJob)}
    SELECT 'uuid-' || i, i % ${jobCount} + 1, i / ${jobCount} % 3 + 1, ${timeOf('i')}, ${timeOf('i')}, ${timeOf('i')},
      CASE WHEN i % 17 = 0 THEN 'FAILED' ELSE 'SUCCEEDED' END, 'EXITED', ${hashOf('i / 4')},
      CASE WHEN i % 17 > 0 THEN ${hashOf('i / 4')} END,
      CASE WHEN i % 17 = 0 THEN 'NO_OUTPUT' WHEN i % 41 = 0 THEN 'NOT_REPRODUCIBLE' WHEN i % 5 = 0 THEN 'UNCONFIRMED'
        ELSE 'REPRODUCED' END,
      ${hashOf('1')}, 1, ${hashOf('i')}, 1, ${hashOf('2')}, 1, 0, 0 FROM n`)
  if (!isSqlite) await execute('ANALYZE')
}

/** How the database runs a statement, one step a line, whatever its parameters are but for the length of its page. */
async function planOf(statement: string): Promise<string[]> {
  const count = isSqlite ? (statement.match(/\?/g)?.length ?? 0) : Math.max(0, ...parametersOf(statement))
  if (isSqlite) {
    const rows = await database.writer.transact([], (tx) =>
      tx.$queryRawUnsafe<{ detail: string }[]>(
        `EXPLAIN QUERY PLAN ${statement}`,
        ...Array<null>(count).fill(null),
      ),
    )
    return rows.map(({ detail }) => detail)
  }
  return database.writer.transact([], async (tx) => {
    await tx.$executeRawUnsafe('SET LOCAL plan_cache_mode = force_generic_plan')
    await tx.$executeRawUnsafe(`PREPARE asked AS ${statement.replace(/LIMIT \$\d+/g, 'LIMIT 21')}`)
    const values = Array<string>(Math.max(0, ...parametersOf(statement.replace(/LIMIT \$\d+/g, '')))).fill(
      'NULL',
    )
    const list = values.length > 0 ? `(${values.join(', ')})` : ''
    const rows = await tx.$queryRawUnsafe<Record<string, string>[]>(`EXPLAIN EXECUTE asked${list}`)
    await tx.$executeRawUnsafe('DEALLOCATE asked')
    return rows.flatMap((row) => Object.values(row))
  })
}

const parametersOf = (statement: string) =>
  [...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number))

const page = { after: null, before: null, backward: false, limit: 20 }
const cursor = { startedAt: new Date(60_000_000), id: 900 as BuildId }
const pages = [page, { ...page, after: cursor }, { ...page, before: cursor, backward: true }]

/** The columns that a list is restricted by, as names of indexes have them. */
const columnsOf = ({ job, platform }: BuildFilter) => [
  ...(job == null ? [] : ['jobId']),
  ...(platform == null ? [] : ['platformId']),
]

/** The index that a list by start is read from. */
function indexByStart(filter: BuildFilter): string {
  const { status, verdict } = filter
  const columns = columnsOf(filter)
  if (verdict != null) return ['Build', ...columns, 'verdict_startedAt_id_status_idx'].join('_')
  if (status === 'FAILED') return ['Build_failed', ...columns, 'startedAt_id_idx'].join('_')
  if (status === 'SUCCEEDED' && filter.job != null)
    return ['Build_succeeded', ...columns, 'startedAt_id_idx'].join('_')
  const end = columns.length === 2 ? 'startedAt_id_mainBinarySha256_status_idx' : 'startedAt_id_status_idx'
  return ['Build', ...columns, end].join('_')
}

/** The index that a list by arrival is read from; null: the table itself, which has that order. */
function indexByArrival(filter: BuildFilter): string | null {
  const columns = columnsOf(filter)
  if (filter.status === 'FAILED') return ['Build_failed', ...columns, 'id_idx'].join('_')
  return columns.length > 0
    ? ['Build', ...columns, 'id_status_idx'].join('_')
    : isSqlite
      ? null
      : 'Build_pkey'
}

/**
 * PostgreSQL also walks an index with fewer columns, where it estimates that a page is found soon, and sorts the few
 * builds of a small part of a job.
 */
function checkPostgresqlPlan(filter: BuildFilter, plan: readonly string[], told: string): void {
  expect(told).not.toMatch(/Seq Scan on "Build"/)
  const indexes = plan.flatMap((step) => /Index.* (?:using|on) "(Build_\w+)"/.exec(step)?.[1] ?? [])
  expect(indexes, told).toHaveLength(1)
  if (filter.job != null) expect(indexes[0], told).toContain('_jobId_')
  else if (filter.status === 'FAILED') expect(indexes[0], told).toContain('_failed_')
  const sorted = plan.flatMap((step) => /Sort .*rows=(\d+)/.exec(step)?.[1] ?? [])
  for (const rows of sorted) expect(Number(rows), told).toBeLessThanOrEqual(100)
}

const places = [{}, { platform: 'debian-13' }, { job: 'job-3' }, { job: 'job-3', platform: 'debian-13' }]
const statuses = [{}, { status: 'FAILED' as const }, { status: 'SUCCEEDED' as const }]
const verdicts = [{ verdict: 'NOT_REPRODUCIBLE' as const }, { verdict: 'REPRODUCED' as const }]
const byStatus = places.flatMap((place) => statuses.map((status): BuildFilter => ({ ...place, ...status })))
const byVerdict = places.flatMap((place) =>
  verdicts.map((verdict): BuildFilter => ({ ...place, ...verdict })),
)

test.each([
  ...[...byStatus, ...byVerdict].map((filter) => ['STARTED', filter, indexByStart(filter)] as const),
  ...byStatus.map((filter) => ['RECEIVED', filter, indexByArrival(filter)] as const),
])(
  'a list of builds in the order %s, of those with %j, is read from %s, without a sort',
  async (order, filter, index) => {
    for (const own of pages) {
      statements = []
      await findBuildIds(database.db, filter, own, order)
      const [statement = ''] = statements
      const plan = await planOf(statement)
      const told = `${statement}\n${plan.join('\n')}`
      if (isSqlite) {
        const [ofBuilds = '', ...others] = plan.filter((step) => / b\b/.test(step))
        expect(others, told).toEqual([])
        expect(ofBuilds, told).toMatch(index === null ? /SCAN b$|PRIMARY KEY/ : new RegExp(`\\b${index}\\b`))
        expect(told).not.toMatch(/TEMP B-TREE/)
      } else checkPostgresqlPlan(filter, plan, told)
    }
  },
)

const term = (text: string) => readTerm(text)

test.runIf(isSqlite).each([
  ['jobs', () => findJobsOfTerm(database.db, term('job 7'), 20)],
  ['platforms', () => findPlatformsOfTerm(database.db, term('debian'), 20)],
  ['packages', () => findPackagesOfTerm(database.db, term('lwt'), 20)],
  ['files', () => findFilesOfTerm(database.db, term('hvt'), 20)],
  ['failures', () => findFailuresOfTerm(database.db, term('error'), 20)],
  ['builds by their UUID', () => findBuildsOfTerm(database.db, term('00000000-0000'), 20)],
  ['builds of a month', () => findBuildsOfTerm(database.db, term('1970-01'), 20)],
  ['builds of jobs in a month', () => findBuildsOfTerm(database.db, term('job 1970-01 debian'), 20)],
  ['builds of jobs on platforms', () => findBuildsOfTerm(database.db, term('job debian'), 20)],
  ['contents', () => findContentsOfTerm(database.db, term('000000'))],
])('a search for %s reads no table whose rows grow with builds', async (_name, search) => {
  statements = []
  await search()
  expect(statements.length).toBeGreaterThan(0)
  // Asking for a plan is a statement, too.
  for (const statement of [...statements]) {
    const told = `${statement}\n${(await planOf(statement)).join('\n')}`
    // Names of jobs and platforms are read; all else is found by words, keys or the order of an index.
    expect(told).not.toMatch(/^SCAN [abefmov]\b/m)
  }
})

test.runIf(isSqlite)('of endpoints that deliveries wait for, each is looked up', async () => {
  const { complete } = dispatchEventsHandler({ clock, db: database.db })
  const task = {
    ...{ id: 1 as QueuedTaskId, kind: '', key: '', attempts: 1, claims: 1 },
    payload: null,
    progress: null,
  }
  statements = []
  await database.writer.transact([], async (tx) =>
    complete?.(tx, task, { found: [], isPartial: false, now: clock.now() }),
  )
  const statement = statements.find((one) => one.includes('WebhookDelivery')) ?? ''
  expect(await planOf(statement)).toContain(
    'SEARCH d USING COVERING INDEX WebhookDelivery_endpointId_state_dueAt_id_idx (endpointId=? AND state=?)',
  )
})
