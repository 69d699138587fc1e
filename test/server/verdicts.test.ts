import { olderDatabase } from './older-database.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import type { ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { projectDir, testApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { definedFacts, storedFacts } from './facts/defined-facts.ts'
import { planOf, receiveAll } from './graphql-site.ts'

const told = fc.record({
  job: fc.constantFrom('one', 'two'),
  platform: fc.constantFrom('debian-12', 'freebsd-14'),
  failed: fc.boolean(),
  /** null: a file of the input is missing. */
  input: fc.option(fc.integer({ min: 1, max: 4 })),
  /** null: no main binary. */
  output: fc.option(fc.integer({ min: 1, max: 4 })),
})

type Told = typeof told extends fc.Arbitrary<infer Value> ? Value : never

/** Inputs and outputs of another `world` are others. */
function recordOf({ job, platform, failed, input, output }: Told, world: number): ExecRecord {
  return sampleRecord({
    job,
    platform,
    result: { kind: 'exited', code: failed ? 1n : 0n },
    artifacts: [
      ...(output === null ? [] : [file('bin/hello', `output ${world} ${output}`)]),
      ...(input === null ? [] : [file('opam-switch', `input ${world} ${input}`)]),
      file('build-environment', ''),
      file('system-packages', ''),
    ],
  })
}

const base: Told = { job: 'one', platform: 'debian-12', failed: false, input: 1, output: 1 }

test('an upload costs as much, however many builds from its input there are', async () => {
  const app = await testApp()
  const statementsOf = async (told: Told, world: number) => {
    app.takeQueries()
    await receiveAll(app, [recordOf(told, world)])
    return app.takeQueries().length
  }
  const turn = { ...base, output: 2 }
  // The first other output turns all builds from its input, in as many statements as it takes for one.
  await statementsOf(base, 1)
  const turnsOne = await statementsOf(turn, 1)
  for (let n = 0; n < 3; n++) await statementsOf(base, 2)
  const repeats = await statementsOf(base, 2)
  for (let n = 0; n < 20; n++) await statementsOf(base, 2)
  expect(await statementsOf(base, 2)).toBe(repeats)
  expect(await statementsOf(turn, 2)).toBe(turnsOne)
  // And never again.
  expect(await statementsOf(base, 2)).toBe(repeats)
  expect(await storedFacts(app.deps.db)).toEqual(await definedFacts(app.deps.db))
})

test('uploads read and change other builds through an index', async () => {
  const app = await testApp()
  const sequence = [base, base, { ...base, output: 2 }, { ...base, input: 2, output: 3 }]
  await receiveAll(app, [recordOf(base, 1)])
  app.takeQueries()
  await receiveAll(
    app,
    sequence.map((one) => recordOf(one, 0)),
  )
  const statements = app.takeQueries().filter((statement) => /^(SELECT|UPDATE).*"?Build\b/s.test(statement))
  expect(statements.length).toBeGreaterThan(5)
  for (const statement of statements) {
    const walks = planOf(app, statement).filter((step) => /^SCAN (main\.)?(`?Build|b\b)/.test(step))
    expect(walks, statement).toEqual([])
  }
})

test('the build page needs at most ten statements per request, also for builds that are not reproducible', async () => {
  const app = await testApp()
  const other = recordOf({ ...base, output: 2 }, 0)
  const records = [base, base, base].map((one) => recordOf(one, 0))
  await receiveAll(app, [...records, other])
  const file = join(projectDir, 'web/gql/persisted-documents.json')
  const documents = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>)
  const asked = documents.filter((document) =>
    /query Build(Page|RelationsPart|Reproductions)\b/.test(document),
  )
  expect(asked).toHaveLength(3)
  for (const { uuid } of [other, ...records.slice(0, 1)]) {
    for (const document of asked) {
      app.takeQueries()
      const { errors } = await app.graphql(document, { uuid, first: 20 })
      expect(errors).toBeUndefined()
      // Two of the page's own are for what was signed about the build.
      const allowed = document.includes('query BuildPage') ? 11 : 8
      expect(app.takeQueries().length, document).toBeLessThanOrEqual(allowed)
    }
  }
})

test('builds that are stored already get the verdicts that uploads would have given', async () => {
  const app = await testApp()
  const arbitrary = fc.array(told, { minLength: 60, maxLength: 60 })
  const [sequence = []] = fc.sample(arbitrary, { seed: 7, numRuns: 1 })
  await receiveAll(
    app,
    sequence.map((one, index) => recordOf(one, Math.floor(index / 4))),
  )
  const read = (db: Database.Database) => ({
    verdicts: db.prepare<[], string>('SELECT verdict FROM "Build" ORDER BY id').pluck().all(),
    outputs: db.prepare('SELECT * FROM "Output" ORDER BY sha256').all(),
    counts: db
      .prepare(
        'SELECT jobId, platformId, reproducedCount, notReproducibleCount, unconfirmedCount FROM "JobPlatform" ORDER BY 1, 2',
      )
      .all(),
  })

  // The same builds in a database as it was before there were verdicts.
  const before = olderDatabase(join(app.deps.config.stagingDir, 'test.sqlite3'), '0003')
  migrateDatabase(before, join(projectDir, 'prisma/migrations'))

  const migrated = new Database(before, { readonly: true })
  const filled = new Database(join(app.deps.config.stagingDir, 'test.sqlite3'), { readonly: true })
  try {
    expect(read(migrated)).toEqual(read(filled))
    expect(new Set(read(filled).verdicts).size).toBe(4)
  } finally {
    migrated.close()
    filled.close()
  }
})
