import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { migrateDatabase } from '../../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import { projectDir, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { analyseAll } from './analyses/analyse-all.ts'
import { rebuildNext } from '../../server/facts/rebuild-facts.ts'
import { differences } from './facts/fact-site.ts'
import { receiveAll, sha256, uuidOf } from './graphql-site.ts'
import { firstWithBytes, migrationsFrom, olderDatabase } from './older-database.ts'

const shipped = join(projectDir, 'prisma/migrations')
const fileOf = ({ deps }: TestApp) => join(deps.config.stagingDir, 'test.sqlite3')

/** Builds with each verdict, of two jobs on two platforms; some fail, lack an input, or have a readme and a switch. */
async function filledSite(): Promise<TestApp> {
  const app = await testApp()
  const records = Array.from({ length: 24 }, (_, n) =>
    sampleRecord({
      ...{
        uuid: uuidOf(n),
        job: n % 2 === 0 ? 'hello' : 'other',
        platform: n % 3 === 0 ? 'debian-12' : 'freebsd-14',
      },
      startedAt: new Date(Date.UTC(2026, 9, 1) + n * 3_600_000),
      result: { kind: 'exited', code: n % 5 === 4 ? 1n : 0n },
      artifacts: [
        ...(n % 7 === 6 ? [] : [file('bin/hello', `binary ${n % 8}`)]),
        ...(n % 4 === 3
          ? []
          : [file('opam-switch', `switch ${n % 2}`), file('build-environment', `${n % 3}`)]),
        file('system-packages', 'packages'),
        file('README.md', `# Number ${n}`),
      ],
    }),
  )
  await receiveAll(app, records)
  await analyseAll(app)
  return app
}

const byText = (left: unknown, right: unknown) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)

/** Without the words that the search finds: a later migration leaves them to be read. */
const withoutWords = ({
  JobFile: _files,
  FailureExcerpt: _excerpts,
  FactRebuild: _marks,
  Output: outputs = [],
  sqlite_sequence: ids = [],
  ...rest
}: Record<string, unknown[]>) => ({
  ...rest,
  // Tasks note who disputes an output.
  outputs: outputs.map((row) => ({ ...(row as object), disputedBy: null })),
  ids: ids.filter((row) => !/^(?:JobFile|FailureExcerpt)$/.test((row as { name: string }).name)),
})

/** The rows of every table but that of migrations, and the last ids. Bytes are compared as bytes. */
function contentOf(databaseFile: string): Record<string, unknown[]> {
  const db = new Database(databaseFile, { readonly: true })
  try {
    const names = db
      .prepare<[], string>(
        `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
         AND name NOT IN ('_prisma_migrations', 'sqlite_schema')`,
      )
      .pluck()
      .all()
    return Object.fromEntries(
      names.map((name) => [name, db.prepare(`SELECT * FROM "${name}"`).all().sort(byText)]),
    )
  } finally {
    db.close()
  }
}

test('an upgrade to hashes as bytes keeps every row, and the last id of each table', async () => {
  const app = await filledSite()
  const newest = new Database(fileOf(app))
  // As if the last build had been removed: its id is not given again.
  newest.exec(`UPDATE sqlite_sequence SET seq = seq + 5 WHERE name IN ('Build', 'Job')`).close()
  const older = olderDatabase(fileOf(app))
  expect(contentOf(older).Output).toContainEqual(expect.objectContaining({ sha256: sha256('binary 1') }))
  expect(migrateDatabase(older, shipped)).toEqual(migrationsFrom(firstWithBytes))
  const content = contentOf(older)
  expect(withoutWords(content)).toEqual(withoutWords(contentOf(fileOf(app))))
  expect(content.Output).toContainEqual(
    expect.objectContaining({ sha256: Buffer.from(sha256('binary 1'), 'hex') }),
  )
  expect(content.sqlite_sequence).toContainEqual({ name: 'Build', seq: 29 })
})

test('after the upgrade every page has the same answers, the facts are right, and uploads go on', async () => {
  const app = await filledSite()
  const older = olderDatabase(fileOf(app))
  migrateDatabase(older, shipped)
  const database = await openDatabase(older)
  onTestFinished(database.closeDatabase)
  // What later migrations only mark.
  while (await rebuildNext(database)) continue
  expect(await differences(database)).toEqual([])
  const upgraded = await testApp({ database, blobs: app.deps.blobs })
  const documents = JSON.parse(
    readFileSync(join(projectDir, 'web/gql/persisted-documents.json'), 'utf8'),
  ) as Record<string, string>
  const variables = {
    ...{ uuid: uuidOf(3), keeps: uuidOf(3), left: uuidOf(1), right: uuidOf(5), name: 'hello', job: 'hello' },
    ...{ sha256: sha256('binary 1'), text: 'hello', filter: null, first: 50, mostPoints: 120 },
  }
  let answered = 0
  for (const document of Object.values(documents)) {
    if (!document.startsWith('query')) continue
    const before = await app.graphql(document, variables)
    const after = await upgraded.graphql(document, variables)
    expect(after, document).toEqual(before)
    if (!before.errors) answered++
  }
  expect(answered).toBeGreaterThan(5)
  await receiveAll(upgraded, [
    sampleRecord({ uuid: uuidOf(100), artifacts: [file('bin/hello', 'binary 1')] }),
  ])
  expect(await differences(database)).toEqual([])
})

test.each([
  [
    'Build',
    '"mainBinarySha256" = \'zz\' WHERE id = 3',
    "Build.mainBinarySha256 of the row with id 3 is 'zz'",
  ],
  ['Artifact', 'sha256 = substr(sha256, 1, 62) WHERE id = 2', 'Artifact.sha256 of the row with id 2 is '],
  ['Job', `"readmeSha256" = '' WHERE id = 1`, "Job.readmeSha256 of the row with id 1 is ''"],
  ['Output', `sha256 = 'none' WHERE rowid = 1`, "Output.sha256 is 'none'"],
  [
    'JobOutput',
    `sha256 = 'none' WHERE rowid = 1`,
    "JobOutput.sha256 of the row with jobId 1, scope 0 is 'none', not the 64 hexadecimal digits of a SHA-256",
  ],
])(
  'a text of %s that is no hash stops the upgrade, which changes nothing',
  async (table, change, message) => {
    const app = await testApp()
    await receiveAll(
      app,
      [0, 1, 2].map((n) =>
        sampleRecord({ uuid: uuidOf(n), artifacts: [file('bin/a', `${n}`), file('README.md', '#')] }),
      ),
    )
    const older = olderDatabase(fileOf(app))
    new Database(older).exec(`UPDATE "${table}" SET ${change}`).close()
    const before = contentOf(older)
    expect(() => migrateDatabase(older, shipped)).toThrow(message)
    expect(contentOf(older)).toEqual(before)
  },
)

test('a row that refers to none stops the upgrade and is named', async () => {
  const app = await testApp()
  await receiveAll(app, [sampleRecord()])
  const older = olderDatabase(fileOf(app))
  new Database(older)
    .exec('PRAGMA foreign_keys = OFF; UPDATE "Artifact" SET "buildId" = 99 WHERE id = 1')
    .close()
  expect(() => migrateDatabase(older, shipped)).toThrow(
    'row 1 of table Artifact refers to a row of table Build that does not exist',
  )
})

test('the database refuses a hash that is no bytes, or not 32', async () => {
  const app = await testApp()
  const insert = (value: string) =>
    new Database(fileOf(app)).exec(`INSERT INTO "Output" VALUES (${value}, 1, 1, false, NULL, NULL)`).close()
  for (const value of [`'${'0'.repeat(64)}'`, `'${'0'.repeat(32)}'`, `x'00'`, `zeroblob(33)`])
    expect(() => insert(value), value).toThrow('Output_sha256_hash')
  insert('zeroblob(32)')
})
