import { firstWithBytes, migrationsFrom, olderDatabase } from './older-database.ts'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { kinds } from '../../server/analyses/kinds.ts'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import { projectDir, testApp } from '../app.ts'
import { analyseAll } from './analyses/analyse-all.ts'
import { receiveAll, sha256, uuidOf } from './graphql-site.ts'
import { bringBackAnalyses } from './older-analyses.ts'
import { file, sampleRecord } from '../record.ts'

const version = kinds.SOLO5?.version ?? 0

const query = `{ builds(first: 20) { nodes { uuid analyses {
  id kind state version inputSha256 attempts error startedAt finishedAt } } } }`

const uuids = [1, 2, 3, 4, 5].map(uuidOf)

/** What migration 0017 is to keep of analyses in each state, as pages show it. */
test('an upgrade keeps the analyses in each state, and runs no finished one again', async () => {
  const app = await testApp()
  const binaries = uuids.map((_uuid, n) => `binary ${n}`)
  await receiveAll(
    app,
    binaries.map((binary, n) =>
      sampleRecord({
        ...{ uuid: uuidOf(n), job: `job-${n}` },
        artifacts: [file('bin/a', binary), file('a.debug', 'debug'), file('opam-switch', `switch ${n}`)],
      }),
    ),
  )
  await analyseAll(app)
  const old = olderDatabase(join(app.deps.config.stagingDir, 'test.sqlite3'))
  const sqlite = new Database(old)
  bringBackAnalyses(sqlite)
  const analysis = (n: number) => `kind = 'SOLO5' AND "inputSha256" = '${sha256(`binary ${n}`)}'`
  const none = '"resultSha256" = NULL, "resultSizeBytes" = NULL, summary = NULL'
  sqlite.exec(`
    INSERT INTO "AnalysisSweep" VALUES ('SOLO5', ${version}, 0), ('DEPENDENCIES', 1, 3), ('BINARY_SIZE', 1, 0);
    UPDATE "Job" SET "pendingSwitchSha256" = '${sha256('switch 0')}' WHERE name = 'job-0';
    UPDATE "Analysis" SET state = 'PENDING', version = 0, attempts = 1, error = 'it takes too long', ${none}
      WHERE ${analysis(1)};
    UPDATE "Analysis" SET state = 'RUNNING', version = 0, attempts = 2, ${none} WHERE ${analysis(2)};
    UPDATE "Analysis" SET state = 'FAILED', error = 'malformed', ${none} WHERE ${analysis(3)};
    UPDATE "Analysis" SET state = 'FAILED', attempts = 3, error = 'too long; it was tried 3 times', ${none}
      WHERE ${analysis(4)}`)
  const before = sqlite
    .prepare(
      'SELECT kind, "inputSha256" || \':\' || "debugSha256" AS key, "resultSha256", summary FROM "Analysis" ORDER BY id',
    )
    .all()
  sqlite.close()
  expect(migrateDatabase(old, join(projectDir, 'prisma/migrations'))).toEqual([
    ...['0016_queued_tasks', '0017_tasks_of_analyses'],
    ...migrationsFrom(firstWithBytes),
  ])

  const database = await openDatabase(old)
  onTestFinished(database.closeDatabase)
  const rows = await database.db.queuedTask.findMany({
    where: { kind: { in: Object.keys(kinds) } },
    orderBy: { id: 'asc' },
  })
  const shown = rows.map(({ kind, key, resultSha256, summary }) => ({
    ...{ kind, resultSha256, summary },
    key: key.includes(':') ? key : `${key}:`,
  }))
  expect(shown).toEqual(before)
  const select = { state: true, version: true, progress: true }
  const taskOf = (kind: string, key = '') =>
    database.db.queuedTask.findFirst({ where: { kind, key }, select })
  expect(await taskOf('BACKFILL_SOLO5')).toEqual({ state: 'DONE', version, progress: null })
  expect(await taskOf('BACKFILL_DEPENDENCIES')).toEqual({
    ...{ state: 'PENDING', version: 0, progress: '{"version":1,"beforeId":3}' },
  })
  expect(await taskOf('DESCRIBE_JOB', 'job-0')).toMatchObject({ state: 'PENDING' })
  expect(await taskOf('DESCRIBE_JOB', 'job-1')).toBeNull()

  const next = await testApp({ database, blobs: app.deps.blobs })
  const { data } = await next.graphql(query)
  const solo5 = (data.builds.nodes as { uuid: string; analyses: { kind: string }[] }[])
    .toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1))
    .map(({ analyses }) => analyses.find(({ kind }) => kind === 'SOLO5'))
  expect(solo5).toMatchObject([
    { state: 'READY', version, attempts: 1, error: null },
    { state: 'PENDING', version: null, attempts: 1, error: 'it takes too long' },
    { state: 'RUNNING', version: null, attempts: 2 },
    { state: 'FAILED', version, error: 'malformed' },
    { state: 'FAILED', version, attempts: 3, error: 'too long; it was tried 3 times' },
  ])

  await analyseAll(next)
  const after = await database.db.queuedTask.findMany({ where: { kind: 'SOLO5' }, orderBy: { id: 'asc' } })
  const startOf = (list: typeof rows, n: number) =>
    list.find(({ kind, key }) => kind === 'SOLO5' && key === sha256(`binary ${n}`))
  // Those that waited or ran have run; those that had ended have not.
  for (const n of [0, 3, 4]) expect(startOf(after, n), String(n)).toEqual(startOf(rows, n))
  for (const n of [1, 2])
    expect(startOf(after, n)).toMatchObject({ state: 'DONE', version, attempts: n + 1, error: null })
})

test('results of an older version run again after the upgrade, also where the search had ended', async () => {
  const app = await testApp()
  await receiveAll(app, [sampleRecord()])
  await analyseAll(app)
  const old = olderDatabase(join(app.deps.config.stagingDir, 'test.sqlite3'))
  const sqlite = new Database(old)
  bringBackAnalyses(sqlite)
  sqlite.exec(`INSERT INTO "AnalysisSweep" VALUES ('SOLO5', ${version}, 0);
    UPDATE "Analysis" SET version = ${version - 1} WHERE kind = 'SOLO5'`)
  sqlite.close()
  migrateDatabase(old, join(projectDir, 'prisma/migrations'))
  const database = await openDatabase(old)
  onTestFinished(database.closeDatabase)
  const next = await testApp({ database, blobs: app.deps.blobs })
  await analyseAll(next)
  expect(await database.db.queuedTask.findFirst({ where: { kind: 'SOLO5' } })).toMatchObject({ version })
})
