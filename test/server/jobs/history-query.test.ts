import { join } from 'node:path'
import { expect, test } from 'vitest'
import { seedBuilds } from '../../../bench/seed.ts'
import { migrateDatabase } from '../../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { projectDir, temporaryDir, testApp, type TestApp } from '../../app.ts'
import { isSqlite } from '../../database.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'

const everything = `interval platformCount series { platform { name } points {
  startsAt endsAt buildCount failedCount reproducedCount notReproducibleCount unconfirmedCount
  sizeBytes minSizeBytes maxSizeBytes meanDurationMs minDurationMs maxDurationMs
  outputChanged change { resourcePath from { uuid } to { uuid } } newestBuild { uuid } resourcePath } }`

function query(args = '', fields = everything): string {
  return `{ job(name: "hello") { history${args && `(${args})`} { ${fields} } } }`
}

async function historyOf(app: TestApp, text: string) {
  const { data, errors } = await app.graphql(text)
  expect(errors).toBeUndefined()
  return data.job.history
}

type BuildFacts = {
  n: number
  at: string
  seconds?: number
  output?: string
  platform?: string
  failed?: boolean
}

/** `output`: the content of the main binary, `input`: that of the opam switch; none when absent. */
function build({
  n,
  at,
  seconds = 60,
  output,
  platform = 'debian-12',
  failed = false,
}: BuildFacts): ExecRecord {
  const startedAt = new Date(at)
  return sampleRecord({
    uuid: uuidOf(n),
    platform,
    startedAt,
    finishedAt: new Date(startedAt.getTime() + seconds * 1000),
    result: { kind: 'exited', code: failed ? 2n : 0n },
    artifacts: output === undefined ? [] : [file('bin/hello', output)],
  })
}

const facts: BuildFacts[] = [
  { n: 1, at: '2026-11-02T10:00:00Z', seconds: 60, output: 'four' },
  { n: 2, at: '2026-11-02T22:00:00Z', seconds: 90, output: 'seven..' },
  { n: 3, at: '2026-11-03T10:00:00Z', seconds: 5, failed: true },
  { n: 4, at: '2026-11-03T12:00:00Z', seconds: 70, output: 'seven..' },
  { n: 5, at: '2026-11-04T10:00:00Z', seconds: 3, failed: true },
  { n: 6, at: '2026-11-09T10:00:00Z', seconds: 80, output: 'eleven.....' },
  { n: 7, at: '2026-11-03T09:00:00Z', seconds: 30, output: 'four', platform: 'freebsd-14' },
]

async function smallSite(): Promise<TestApp> {
  const app = await testApp()
  // Builds arrive in any order.
  await receiveAll(app, [6, 1, 4, 3, 0, 5, 2].flatMap((index) => facts[index] ?? []).map(build))
  return app
}

test('few builds are single points, with the changes between them', async () => {
  const history = await historyOf(await smallSite(), query())
  expect(history).toMatchObject({ interval: 'BUILD', platformCount: 2 })
  expect(history.series.map(({ platform }: { platform: { name: string } }) => platform.name)).toEqual([
    'debian-12',
    'freebsd-14',
  ])
  const [debian, freebsd] = history.series
  expect(debian.points).toMatchObject([
    {
      newestBuild: { uuid: uuidOf(1) },
      sizeBytes: 4,
      outputChanged: false,
      change: null,
      reproducedCount: 1,
    },
    { newestBuild: { uuid: uuidOf(2) }, sizeBytes: 7, outputChanged: true, reproducedCount: 1 },
    {
      newestBuild: { uuid: uuidOf(3) },
      sizeBytes: null,
      failedCount: 1,
      meanDurationMs: null,
      outputChanged: false,
    },
    // The same as before the failure.
    { newestBuild: { uuid: uuidOf(4) }, sizeBytes: 7, outputChanged: false, change: null },
    { newestBuild: { uuid: uuidOf(5) }, sizeBytes: null, failedCount: 1 },
    { newestBuild: { uuid: uuidOf(6) }, sizeBytes: 11, outputChanged: true, unconfirmedCount: 1 },
  ])
  expect(debian.points[0]).toEqual({
    ...{ startsAt: '2026-11-02T10:00:00.000Z', endsAt: '2026-11-02T10:01:00.000Z' },
    ...{ buildCount: 1, failedCount: 0, reproducedCount: 1, notReproducibleCount: 0, unconfirmedCount: 0 },
    ...{ sizeBytes: 4, minSizeBytes: 4, maxSizeBytes: 4 },
    ...{ meanDurationMs: 60_000, minDurationMs: 60_000, maxDurationMs: 60_000 },
    ...{ outputChanged: false, change: null },
    ...{ newestBuild: { uuid: uuidOf(1) }, resourcePath: `/job/hello/build/${uuidOf(1)}` },
  })
  // From the last build that gave an output, past the one that failed.
  expect(debian.points[5].change).toEqual({
    resourcePath: `/compare/${uuidOf(4)}/${uuidOf(6)}`,
    from: { uuid: uuidOf(4) },
    to: { uuid: uuidOf(6) },
  })
  expect(freebsd.points).toHaveLength(1)
})

test('more builds are summed up by day, and more days by week', async () => {
  const app = await smallSite()
  const days = await historyOf(app, query('maxPoints: 4'))
  expect(days.interval).toBe('DAY')
  expect(days.series[0].points).toMatchObject([
    {
      ...{ startsAt: '2026-11-02T00:00:00.000Z', endsAt: '2026-11-03T00:00:00.000Z' },
      ...{ buildCount: 2, failedCount: 0, reproducedCount: 2 },
      ...{ sizeBytes: 7, minSizeBytes: 4, maxSizeBytes: 7 },
      ...{ meanDurationMs: 75_000, minDurationMs: 60_000, maxDurationMs: 90_000 },
      // Within the day; there is no point before to compare with.
      ...{ outputChanged: true, change: null, newestBuild: { uuid: uuidOf(2) } },
    },
    {
      ...{ startsAt: '2026-11-03T00:00:00.000Z', buildCount: 2, failedCount: 1, reproducedCount: 1 },
      // What failed early does not count.
      ...{ sizeBytes: 7, meanDurationMs: 70_000, outputChanged: false, newestBuild: { uuid: uuidOf(4) } },
    },
    { buildCount: 1, failedCount: 1, sizeBytes: null, meanDurationMs: null, outputChanged: false },
    { sizeBytes: 11, outputChanged: true, change: { resourcePath: `/compare/${uuidOf(4)}/${uuidOf(6)}` } },
  ])

  const weeks = await historyOf(app, query('maxPoints: 3'))
  expect(weeks.interval).toBe('WEEK')
  expect(weeks.series[0].points).toMatchObject([
    // The newest build failed; the size is that of the newest that gave one.
    {
      startsAt: '2026-11-02T00:00:00.000Z',
      buildCount: 5,
      failedCount: 2,
      sizeBytes: 7,
      newestBuild: { uuid: uuidOf(5) },
    },
    { startsAt: '2026-11-09T00:00:00.000Z', buildCount: 1, change: { from: { uuid: uuidOf(4) } } },
  ])
})

test('where even months are too many, the newest are given', async () => {
  const app = await testApp()
  const months = Array.from({ length: 5 }, (_, n) => ({
    n,
    at: `2026-0${n + 1}-15T00:00:00Z`,
    output: `${n}`,
  }))
  await receiveAll(app, months.map(build))
  const starts = (history: { series: { points: { startsAt: string }[] }[] }) =>
    history.series[0]?.points.map(({ startsAt }) => startsAt.slice(0, 7))
  const newest = await historyOf(app, query('maxPoints: 2'))
  expect([newest.interval, starts(newest)]).toEqual(['MONTH', ['2026-04', '2026-05']])
  const until = await historyOf(app, query('maxPoints: 2, until: "2026-04-15T00:00:00Z"'))
  expect([until.interval, starts(until)]).toEqual(['MONTH', ['2026-03', '2026-04']])
})

test.runIf(isSqlite)('builds of the first year that a record can name are summed up, too', async () => {
  const app = await testApp()
  await receiveAll(
    app,
    ['0000-03-01T10:00:00Z', '0000-03-01T12:00:00Z'].map((at, n) => build({ n, at })),
  )
  const { interval, series } = await historyOf(
    app,
    query('maxPoints: 1', 'interval series { points { buildCount } }'),
  )
  expect({ interval, series }).toEqual({ interval: 'DAY', series: [{ points: [{ buildCount: 2 }] }] })
})

test('a range and a platform narrow it', async () => {
  const app = await smallSite()
  const range = 'since: "2026-11-03T10:00:00Z", until: "2026-11-09T10:00:00Z"'
  const some = await historyOf(
    app,
    query(range, 'interval series { points { newestBuild { uuid } change { resourcePath } } }'),
  )
  expect(some).toEqual({
    interval: 'BUILD',
    series: [{ points: [3, 4, 5].map((n) => ({ newestBuild: { uuid: uuidOf(n) }, change: null })) }],
  })
  const names = 'platformCount series { platform { name } points { buildCount } }'
  expect(await historyOf(app, query('platform: "freebsd-14"', names))).toEqual({
    platformCount: 1,
    series: [{ platform: { name: 'freebsd-14' }, points: [{ buildCount: 1 }] }],
  })
  expect(await historyOf(app, query('platform: "plan-9"', names))).toEqual({ platformCount: 0, series: [] })
})

test('builds that are not reproducible are counted, also those that were stored before', async () => {
  const app = await testApp()
  const twin = (n: number, at: string, output: string) =>
    sampleRecord({
      ...build({ n, at }),
      artifacts: [
        file('bin/hello', output),
        ...['opam-switch', 'build-environment', 'system-packages'].map((path) => file(path, '')),
      ],
    })
  await receiveAll(app, [
    twin(1, '2026-11-02T10:00:00Z', 'one'),
    twin(2, '2026-11-02T11:00:00Z', 'one'),
    twin(3, '2026-11-03T11:00:00Z', 'other'),
  ])
  const history = await historyOf(app, query('maxPoints: 2'))
  expect(history.series[0].points).toMatchObject([
    { buildCount: 2, notReproducibleCount: 2, reproducedCount: 0, unconfirmedCount: 0 },
    { buildCount: 1, notReproducibleCount: 1, reproducedCount: 0, unconfirmedCount: 0 },
  ])
})

test('of many platforms, those that were built on last have a series', async () => {
  const app = await testApp()
  const builds = Array.from({ length: 15 }, (_, n) => ({
    ...{ n, at: `2026-11-${10 + n}T00:00:00Z`, output: 'same', platform: `platform-${n}` },
  }))
  await receiveAll(app, builds.map(build))
  const history = await historyOf(app, query('', 'platformCount series { platform { name } }'))
  expect(history.platformCount).toBe(15)
  expect(history.series).toHaveLength(12)
  expect(history.series[0].platform.name).toBe('platform-14')
})

test('of platforms whose newest builds started at the same time, the one that was stored last is first', async () => {
  const app = await testApp()
  const platforms = ['b', 'd', 'a', 'c']
  await receiveAll(
    app,
    platforms.map((platform, n) =>
      build({ n: n + 1, at: '2026-11-10T00:00:00Z', output: 'same', platform: `platform-${platform}` }),
    ),
  )
  const { series } = await historyOf(app, query('', 'series { platform { name } }'))
  expect(series.map(({ platform }: { platform: { name: string } }) => platform.name)).toEqual(
    platforms.toReversed().map((platform) => `platform-${platform}`),
  )
})

test('all fields of the most points can be asked for, with a few of their builds', async () => {
  const app = await smallSite()
  for (const args of ['maxPoints: 400', 'maxPoints: 400, platform: "debian-12"'])
    expect((await historyOf(app, query(args))).series[0].points).toHaveLength(6)
})

test.each([0, -1, 401])('maxPoints: %d is refused', async (maxPoints) => {
  const app = await smallSite()
  const { errors } = await app.graphql(query(`maxPoints: ${maxPoints}`, 'interval'))
  expect(errors).toMatchObject([
    {
      message: `maxPoints must be between 1 and 400, not ${maxPoints}`,
      extensions: { code: 'BAD_USER_INPUT' },
    },
  ])
})

/** Two jobs with so many builds each, one an hour, on three platforms. */
async function seeded(builds: number): Promise<{ app: TestApp; takeStatements: () => string[] }> {
  const path = temporaryDir()
  const databaseFile = join(path, 'hub.sqlite3')
  seedBuilds({ path, databaseFile, remove() {} }, 2, builds)
  migrateDatabase(databaseFile, join(projectDir, 'prisma/migrations'))
  const ran: string[] = []
  const app = await testApp({ database: await openDatabase(databaseFile, (sql) => ran.push(sql)) })
  ran.length = 0
  return { app, takeStatements: () => ran.splice(0) }
}

test('a history costs as many statements, and bounded points, with 5,000 builds as with 50', async () => {
  for (const builds of [50, 5_000]) {
    const { app, takeStatements } = await seeded(builds)
    const history = await historyOf(app, `{ job(name: "job-000") { history { ${everything} } } }`)
    // The job, the interval, the points, the platforms, and the builds that they name.
    expect(takeStatements()).toHaveLength(5)
    expect(history.series).toHaveLength(3)
    for (const { points } of history.series) {
      expect(points.length).toBeGreaterThan(10)
      expect(points.length).toBeLessThanOrEqual(120)
    }
  }
})

test('the histories of a list of jobs cost as many statements as that of one', async () => {
  const { app, takeStatements } = await seeded(50)
  const { data, errors } = await app.graphql(
    `{ jobs(first: 2) { nodes { history(maxPoints: 12) { interval series { points { buildCount sizeBytes resourcePath } } } } } }`,
  )
  expect(errors).toBeUndefined()
  const intervals = data.jobs.nodes.map(({ history }: { history: { interval: string } }) => history.interval)
  expect(intervals).toEqual(['DAY', 'DAY'])
  // The list of jobs in two, the intervals, the points.
  expect(takeStatements()).toHaveLength(4)
})
