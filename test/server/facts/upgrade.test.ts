import { join } from 'node:path'
import { onTestFinished, expect, test } from 'vitest'
import { seedBuilds } from '../../../bench/seed.ts'
import { migrateDatabase } from '../../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { rebuildNext } from '../../../server/facts/rebuild-facts.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { differences } from './fact-site.ts'

test('an upgrade from the first release derives what the definitions say, and compares it once', async () => {
  const path = temporaryDir()
  const databaseFile = join(path, 'builder-hub.sqlite3')
  seedBuilds({ path, databaseFile, remove() {} }, 3, 120, 4, 8)
  migrateDatabase(databaseFile, join(projectDir, 'prisma/migrations'))
  const database = await openDatabase(databaseFile)
  onTestFinished(() => database.closeDatabase())
  const found = await differences(database)
  const files = found.filter(({ table }) => table === 'JobFile')
  expect(files.every(({ found }) => found === null)).toBe(true)
  expect(files.length).toBeGreaterThan(2)
  // The seed gives each job a success at this moment, and a synopsis; the rest is what the migrations derived.
  expect(
    found.filter((one) => !files.includes(one)).map(({ table, found }) => [table, Object.keys(found ?? {})]),
  ).toEqual(Array.from({ length: 3 }, () => ['Job', ['newestSuccessAt', 'synopsis']]))
  const corrected: Record<string, number> = {}
  for (let step = await rebuildNext(database); step; step = await rebuildNext(database))
    corrected[step.rule] = (corrected[step.rule] ?? 0) + step.changedCount
  expect(corrected).toEqual({
    ...{ verdicts: 0, jobs: 3, 'job-platforms': 0, 'job-periods': 0, 'job-outputs': 0 },
    'job-files': files.length,
  })
  expect(await differences(database)).toEqual([])
})
