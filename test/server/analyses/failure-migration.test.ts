import { firstWithBytes, migrationsFrom, olderDatabase } from '../older-database.ts'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { kinds } from '../../../server/analyses/kinds.ts'
import { migrateDatabase } from '../../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { projectDir, testApp, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'
import { bringBackAnalyses } from '../older-analyses.ts'
import { analyseAll } from './analyse-all.ts'

const version = kinds.FAILURE!.version

const failed = (number: number, text: string, deltaNs: bigint) =>
  sampleRecord({
    uuid: uuidOf(number),
    result: { kind: 'exited', code: 20n },
    artifacts: [],
    console: [{ deltaNs, text: Buffer.from(text) }],
  })

/**
 * The text of the first two consoles is the same, also their times in milliseconds, but not their times in
 * nanoseconds.
 */
const records = [failed(1, 'curl: (6) no', 0n), failed(2, 'curl: (6) no', 1n), failed(3, 'curl: (7) no', 0n)]

type Row = {
  key: string
  state: string
  version: number
  summary: string | null
}

const selectFailures = `SELECT key, state, version, summary FROM "QueuedTask" WHERE kind = 'FAILURE' ORDER BY key`

const failuresOf = async (app: TestApp) => {
  const { data, errors } = await app.graphql(
    `{ builds { nodes { uuid failure { class reason excerpt { lines } } analyses(kinds: [FAILURE]) { state } } } }`,
  )
  expect(errors).toBeUndefined()
  return data.builds.nodes as unknown[]
}

test('failures by the console alone are shown until they are made again with the index of its lines', async () => {
  const app = await testApp()
  await receiveAll(app, records)
  await analyseAll(app)
  const before = await failuresOf(app)
  expect(before).toMatchObject(records.map(() => ({ failure: {}, analyses: [{ state: 'READY' }] })))

  const old = olderDatabase(join(app.deps.config.stagingDir, 'test.sqlite3'))
  const sqlite = new Database(old)
  const made = sqlite.prepare<[], Row>(selectFailures).all()
  expect(made).toHaveLength(3)
  expect(new Set(made.map(({ key }) => key.slice(0, 64))).size).toBe(2)
  bringBackAnalyses(sqlite)
  // As the release before stored it; one console is of no build.
  sqlite.exec(`
    DELETE FROM "Analysis" WHERE kind = 'FAILURE' AND id NOT IN (
      SELECT MIN(id) FROM "Analysis" WHERE kind = 'FAILURE' GROUP BY "inputSha256");
    UPDATE "Analysis" SET "debugSha256" = '', version = ${version - 1} WHERE kind = 'FAILURE';
    INSERT INTO "Analysis" (kind, "inputSha256", state, "dueAt") VALUES ('FAILURE', '${'0'.repeat(64)}', 'PENDING', 0);
    DELETE FROM "_prisma_migrations" WHERE migration_name = '0013_failure_with_index'`)
  sqlite.close()
  expect(migrateDatabase(old, join(projectDir, 'prisma/migrations'))).toEqual([
    ...['0013_failure_with_index', '0016_queued_tasks', '0017_tasks_of_analyses'],
    ...migrationsFrom(firstWithBytes),
  ])

  const migrated = new Database(old)
  expect(migrated.prepare<[], Row>(selectFailures).all()).toEqual(
    made.map((row) => ({ ...row, version: version - 1 })),
  )
  migrated.close()
  const database = await openDatabase(old)
  onTestFinished(database.closeDatabase)
  const next = await testApp({ database, blobs: app.deps.blobs })
  expect(await failuresOf(next)).toEqual(before)
  await analyseAll(next)
  const { _min } = await database.db.queuedTask.aggregate({
    where: { kind: 'FAILURE' },
    _min: { version: true },
  })
  expect(_min.version).toBe(version)
})
