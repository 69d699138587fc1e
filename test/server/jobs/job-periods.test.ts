import { firstWithBytes, migrationsFrom, olderDatabase } from '../older-database.ts'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { migrateDatabase } from '../../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import type { Reader } from '../../../server/database/reader.ts'
import { projectDir, testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll } from '../graphql-site.ts'

const facts = fc.record({
  job: fc.constantFrom('one', 'two'),
  platform: fc.constantFrom('debian-12', 'freebsd-14'),
  failed: fc.boolean(),
  input: fc.option(fc.integer({ min: 1, max: 3 })),
  output: fc.option(fc.integer({ min: 1, max: 4 })),
  /** Around the turn of a year, of a week, and of the epoch. */
  startedAt: fc.oneof(
    fc.date({ min: new Date('2025-12-25T00:00Z'), max: new Date('2026-01-12T00:00Z'), noInvalidDate: true }),
    fc.date({ min: new Date('1969-12-30T00:00Z'), max: new Date('1970-01-02T00:00Z'), noInvalidDate: true }),
  ),
  durationMs: fc.integer({ min: -1_000, max: 100_000 }),
})

type BuildFacts = typeof facts extends fc.Arbitrary<infer Value> ? Value : never

function recordOf(one: BuildFacts, world: number): ExecRecord {
  const { job, platform, failed, input, output, startedAt, durationMs } = one
  return sampleRecord({
    job,
    platform,
    startedAt,
    finishedAt: new Date(startedAt.getTime() + durationMs),
    result: { kind: 'exited', code: failed ? 1n : 0n },
    artifacts: [
      ...(output === null ? [] : [file('bin/hello', `output ${world}`.padEnd(20 + output, '!'))]),
      ...(input === null ? [] : [file('opam-switch', `input ${world} ${input}`)]),
      file('build-environment', ''),
      file('system-packages', ''),
    ],
  })
}

const byKey = (left: { key: string }, right: { key: string }) => (left.key < right.key ? -1 : 1)
async function storedPeriods(db: Reader) {
  const rows = await db.jobPeriod.findMany()
  return rows
    .map(({ jobId, platformId, unit, startsAt, endsAt, ...sums }) => ({
      key: `${jobId} ${platformId} ${unit} ${startsAt.toISOString()} ${endsAt.toISOString()}`,
      ...sums,
    }))
    .sort(byKey)
}

test('the migration aggregates the stored builds', async () => {
  const app = await testApp()
  const records = fc.sample(facts, { seed: 19, numRuns: 200 }).map((one) => recordOf(one, 1))
  await receiveAll(app, records)
  const expected = await storedPeriods(app.deps.db)
  expect(expected.length).toBeGreaterThan(20)

  // The database as it was before there were periods.
  const old = olderDatabase(join(app.deps.config.stagingDir, 'test.sqlite3'))
  const before = new Database(old)
  before.exec('DROP TABLE "JobPeriod"')
  before.exec(`DELETE FROM "_prisma_migrations" WHERE migration_name = '0007_history'`).close()

  expect(migrateDatabase(old, join(projectDir, 'prisma/migrations'))).toEqual([
    '0007_history',
    ...migrationsFrom(firstWithBytes),
  ])
  const { db: migrated, closeDatabase } = await openDatabase(old)
  expect(await storedPeriods(migrated)).toEqual(expected)
  await closeDatabase()
})
