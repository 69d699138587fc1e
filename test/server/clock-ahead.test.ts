import { firstWithBytes, migrationsFrom, olderDatabase } from './older-database.ts'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { bytesOf, projectDir, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

const ahead = { startedAt: new Date('9999-12-31T20:00:00Z'), finishedAt: new Date('9999-12-31T21:00:00Z') }

const recordAhead = sampleRecord({
  uuid: uuidOf(2),
  ...ahead,
  artifacts: [file('bin/hello.hvt', 'binary 2'), file('opam-switch', ''), file('README.md', '# Readme 2\n')],
})

/** A build of today, one whose builder's clock is far ahead, and one that is stored later than both. */
async function siteWithClockAhead(): Promise<TestApp> {
  const app = await testApp()
  const honest = (n: number, hoursAgo: number) =>
    sampleRecord({
      uuid: uuidOf(n),
      startedAt: new Date(Date.now() - hoursAgo * 3_600_000),
      artifacts: [file('bin/hello.hvt', `binary ${n}`), file('README.md', `# Readme ${n}\n`)],
    })
  for (const record of [honest(1, 3), recordAhead, honest(3, 0.5)]) {
    const response = await app.upload(record)
    expect([response.status, await response.text()]).toEqual([201, expect.any(String)])
  }
  return app
}

const get = (app: TestApp, path: string, accept = 'text/html') =>
  fetch(app.url + path, { redirect: 'manual', headers: { Accept: accept } })

test('a build whose record claims a start in the future does not stay the latest', async () => {
  const app = await siteWithClockAhead()
  const { data, errors } = await app.graphql(`{
    builds { nodes { uuid } }
    build(uuid: "${uuidOf(2)}") { durationMs clockAheadMs startedAt finishedAt receivedAt }
    honest: build(uuid: "${uuidOf(3)}") { clockAheadMs }
    job(name: "hello") {
      newestBuild { uuid } readme { markdown } outputs { nodes { newestBuild { uuid } } }
      history { series { points { newestBuild { uuid } } } }
      standings { newestBuild { uuid } newestSuccess { uuid } } } }`)
  expect(errors).toBeUndefined()
  const { job, build } = data
  expect(data.builds.nodes).toEqual([3, 2, 1].map((n) => ({ uuid: uuidOf(n) })))
  expect(job.newestBuild.uuid).toBe(uuidOf(3))
  expect(job.readme.markdown).toBe('# Readme 3\n')
  expect(job.outputs.nodes).toEqual([3, 2, 1].map((n) => ({ newestBuild: { uuid: uuidOf(n) } })))
  expect(job.standings).toEqual([{ newestBuild: { uuid: uuidOf(3) }, newestSuccess: { uuid: uuidOf(3) } }])
  // It ended when it was received, and took as long as the record says.
  expect([build.durationMs, build.finishedAt]).toEqual([3_600_000, build.receivedAt])
  expect(build.clockAheadMs).toBe(ahead.finishedAt.getTime() - Date.parse(build.receivedAt))
  expect(data.honest).toEqual({ clockAheadMs: null })

  const latest = await get(app, '/job/hello/build/latest/')
  expect(latest.headers.get('location')).toContain(uuidOf(3))
  const json = (await (await get(app, '/job/hello', 'application/json')).json()) as {
    builds: { uuid: string }[]
  }
  expect(json.builds.map(({ uuid }) => uuid)).toEqual([3, 2, 1].map(uuidOf))
})

test('the record and the JSON of a build have the times of its builder, and pages say that they are wrong', async () => {
  const app = await siteWithClockAhead()
  const path = `/job/hello/build/${uuidOf(2)}`
  const json = (await (await get(app, path, 'application/json')).json()) as Record<string, string>
  expect([json['start_time'], json['finish_time']]).toEqual([
    ahead.startedAt.toISOString(),
    ahead.finishedAt.toISOString(),
  ])
  const exec = Buffer.from(await (await get(app, `${path}/exec`)).arrayBuffer())
  expect(exec.equals(await bytesOf(encodeExecRecord(recordAhead)))).toBe(true)
  const remark = /The builder.{1,6}s clock was ahead: its record claims a start at 9999-12-31T20:00:00.000Z/
  expect(await (await get(app, path)).text()).toMatch(remark)
  expect(await (await get(app, '/feed.atom')).text()).toMatch(remark)
  expect(await (await get(app, `/job/hello/build/${uuidOf(3)}`)).text()).not.toMatch(remark)
})

test('no file was modified after it is sent', async () => {
  const app = await siteWithClockAhead()
  // Its start is possible, so its times are those of the record.
  const { finishedAt } = ahead
  await app.upload(
    sampleRecord({ uuid: uuidOf(4), finishedAt, artifacts: [file('bin/hello.hvt', 'binary 4')] }),
  )
  for (const n of [2, 4])
    for (const path of ['exec', 'all.tar.gz', 'script', 'console', 'f/bin/hello.hvt']) {
      const { headers } = await get(app, `/job/hello/build/${uuidOf(n)}/${path}`)
      expect(Date.parse(headers.get('last-modified') ?? '')).toBeLessThanOrEqual(Date.now())
    }
})

test('a clock that jumped back by millennia during a build leaves times that can be written', async () => {
  const app = await testApp()
  const finishedAt = new Date('2026-01-01T00:00:00Z')
  await app.upload(sampleRecord({ uuid: uuidOf(1), startedAt: ahead.startedAt, finishedAt }))
  const { data, errors } = await app.graphql(`{ build(uuid: "${uuidOf(1)}") { finishedAt durationMs } }`)
  expect(errors).toBeUndefined()
  expect(data.build.finishedAt).toBe('0000-01-01T00:00:00.000Z')
  expect(data.build.durationMs).toBeLessThan(0)
})

/** More builds of clocks that are ahead, and honest ones, of several jobs on several platforms. */
async function addOtherJobs(app: TestApp): Promise<void> {
  let n = 100
  for (const job of ['hello', 'other', 'third'])
    for (const platform of ['debian-12', 'debian-13', 'freebsd-14'])
      for (const [output, hoursAgo] of [
        ['a', 50],
        ['b', 30],
        // No build of the third job is ahead, and of the others only some platforms have one.
        ...(job !== 'third' && platform !== 'debian-13' ? [['b', null] as const] : []),
        ['a', 1],
      ] as const) {
        const times = hoursAgo === null ? ahead : { startedAt: new Date(Date.now() - hoursAgo * 3_600_000) }
        const artifacts = [file(`bin/${job}`, `${job} ${output}`), file('README.md', `# ${job} ${n}\n`)]
        const record = sampleRecord({ uuid: uuidOf(n++), job, platform, ...times, artifacts })
        expect((await app.upload(record)).status).toBe(201)
      }
}

test('the migration corrects stored builds of several jobs, and what is derived from them', async () => {
  const app = await siteWithClockAhead()
  await addOtherJobs(app)
  const old = olderDatabase(join(app.deps.config.stagingDir, 'test.sqlite3'))
  const facts = (sqlite: Database.Database) =>
    ['Build', 'Artifact', 'JobPlatform', 'JobOutput', 'JobPeriod'].map((table) =>
      sqlite.prepare(`SELECT * FROM "${table}" ORDER BY 1, 2, 3, 4`).all(),
    )
  const jobs = (sqlite: Database.Database) =>
    sqlite.prepare('SELECT "newestSuccessAt", "readmeSha256", "readmeAt", "switchAt" FROM "Job"').all()
  const newest = new Database(join(app.deps.config.stagingDir, 'test.sqlite3'))
  const expected = [facts(newest), jobs(newest)]
  newest.close()
  const before = new Database(old)
  // As a release without the correction stored it.
  before.exec(`
    UPDATE "Build" SET "startedAt" = "recordStartedAt", "finishedAt" = "recordFinishedAt" WHERE "recordStartedAt" IS NOT NULL;
    UPDATE "Artifact" SET "startedAt" = (SELECT b."startedAt" FROM "Build" b WHERE b.id = "buildId");
    CREATE TEMP TABLE ahead AS SELECT * FROM "Build" WHERE "recordStartedAt" IS NOT NULL;
    UPDATE "JobPlatform" AS p SET ("newestBuildId", "newestSuccessId", "newestMainBinaryId") =
        (SELECT a.id, a.id, a.id FROM ahead a WHERE a."jobId" = p."jobId" AND a."platformId" = p."platformId")
      WHERE ("jobId", "platformId") IN (SELECT "jobId", "platformId" FROM ahead);
    UPDATE "Job" AS j SET ("newestSuccessAt", "readmeAt", "readmeSha256") =
        (SELECT a."startedAt", a."startedAt", a."readmeSha256" FROM ahead a WHERE a."jobId" = j.id LIMIT 1)
      WHERE id IN (SELECT "jobId" FROM ahead);
    UPDATE "Job" SET "switchAt" = "newestSuccessAt" WHERE "switchAt" IS NOT NULL AND id IN (SELECT "jobId" FROM ahead);
    UPDATE "JobOutput" AS o SET ("lastBuildId", "lastStartedAt", "firstStartedAt") =
        (SELECT a.id, a."startedAt", a."startedAt" FROM ahead a
         WHERE a."jobId" = o."jobId" AND a."mainBinarySha256" = o.sha256 LIMIT 1)
      WHERE ("jobId", sha256) IN (SELECT "jobId", "mainBinarySha256" FROM ahead);
    UPDATE "JobPeriod" SET "startsAt" = "startsAt" + 86400000 * 365
      WHERE ("jobId", "platformId") IN (SELECT "jobId", "platformId" FROM ahead);
    ALTER TABLE "Build" DROP COLUMN "recordStartedAt";
    ALTER TABLE "Build" DROP COLUMN "recordFinishedAt";
    DELETE FROM "_prisma_migrations" WHERE migration_name = '0012_clock_ahead'`)
  before.close()
  expect(migrateDatabase(old, join(projectDir, 'prisma/migrations'))).toEqual([
    '0012_clock_ahead',
    ...migrationsFrom(firstWithBytes),
  ])
  const after = new Database(old)
  expect([facts(after), jobs(after)]).toEqual(expected)
  after.close()
})

test('the migration corrects times that would lie before the year 0', async () => {
  const app = await siteWithClockAhead()
  const old = olderDatabase(join(app.deps.config.stagingDir, 'test.sqlite3'))
  const before = new Database(old)
  // A build that ran for 7,900 years, as its record says.
  before.exec(`
    UPDATE "Build" SET "startedAt" = ${Date.parse('2100-01-01')}, "finishedAt" = ${Date.parse('9999-12-31')}
      WHERE "recordStartedAt" IS NOT NULL;
    ALTER TABLE "Build" DROP COLUMN "recordStartedAt";
    ALTER TABLE "Build" DROP COLUMN "recordFinishedAt";
    DELETE FROM "_prisma_migrations" WHERE migration_name = '0012_clock_ahead'`)
  before.close()
  migrateDatabase(old, join(projectDir, 'prisma/migrations'))
  const after = new Database(old)
  const rows = after
    .prepare(
      'SELECT "startedAt", "finishedAt" - "receivedAt" AS late FROM "Build" WHERE "recordStartedAt" IS NOT NULL',
    )
    .all()
  after.close()
  expect(rows).toEqual([{ startedAt: Date.parse('0000-01-01T00:00:00Z'), late: 0 }])
})
