import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { integer, timestamp } from '../../../server/database/sql.ts'
import { databaseCodeOf, isDatabaseFull } from '../../../server/database/database-errors.ts'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { cachedPrepare } from '../../../server/database/sqlite/statement-cache.ts'
import { Prisma } from '../../../server/generated/prisma/client.ts'
import BetterSqlite3 from 'better-sqlite3'
import { temporaryDir, testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll } from '../graphql-site.ts'
import { copyTemplate } from '../../template.ts'

const { sql } = Prisma

test('rows are those that Prisma gives, of every column and of computed values', async () => {
  const app = await testApp()
  const { deps } = app
  await receiveAll(app, [
    sampleRecord(),
    sampleRecord({ artifacts: [], result: { kind: 'exited', code: 3_000_000_000n } }),
    sampleRecord({ artifacts: [file('bin/a', Buffer.alloc(70_000))], job: 'ü' }),
  ])
  // The others have bytes that are no hashes, which raw SQL does not read.
  const tables = [
    ...['Job', 'Platform', 'JobPlatform', 'Build', 'Artifact', 'Output', 'JobOutput', 'JobPeriod', 'JobFile'],
    ...['QueuedTask', 'Tombstone', 'FactRebuild', 'ChangeCount'],
  ]
  const statements = [
    ...tables.map((name) => sql`SELECT * FROM ${Prisma.raw(`"${name}"`)}`),
    sql`SELECT COUNT(*) AS n, SUM("artifactsSizeBytes") AS sum, AVG("artifactCount") AS mean, MAX(uuid) AS text,
      MAX("startedAt") AS at, NULL AS "none", 5000000000 AS large, 1.5 AS half, ${7} AS seven, ${2n ** 40n} AS big,
      ${'ü'} AS word, ${true} AS yes, ${new Date(5)} AS time, ${integer(3)} AS three, ${timestamp(new Date(9))} AS nine,
      1 AS one FROM "Build"`,
    sql`SELECT id FROM "Build" WHERE "startedAt" >= ${new Date(0)} AND "resultCode" < ${1n} ORDER BY id`,
    sql`SELECT id FROM "Build" WHERE 1 = 0`,
  ]
  for (const statement of statements) {
    const [direct, prismas] = await deps.writer.transact([], async (tx) => [
      await tx.$queryRaw(statement),
      // The other door of Prisma takes no statement of its own type.
      await tx.$queryRawUnsafe(statement.sql, ...statement.values),
    ])
    expect(direct, statement.sql).toEqual(prismas)
  }
})

test('statements are told, and see and undo the writes of the transaction; they do nothing after its end', async () => {
  const told: string[] = []
  const path = join(temporaryDir(), 'a.sqlite3')
  copyTemplate(path)
  const { db, writer, closeDatabase } = await openDatabase(path, (text) => told.push(text))
  onTestFinished(closeDatabase)
  const insert = sql`INSERT INTO "Platform" (name) VALUES (${'a'})`
  const failing = writer.transact([], async (tx) => {
    await tx.platform.create({ data: { name: 'b' } })
    expect(await tx.$executeRaw(insert)).toBe(1)
    expect(await tx.$queryRaw(sql`SELECT name FROM "Platform" ORDER BY name`)).toEqual([
      { name: 'a' },
      { name: 'b' },
    ])
    expect(await tx.platform.count()).toBe(2)
    expect(await tx.$queryRaw`SELECT name FROM "Platform" WHERE name = ${'b'}`).toEqual([{ name: 'b' }])
    throw new Error('back')
  })
  await expect(failing).rejects.toThrow('back')
  expect(told).toContain(insert.sql)
  expect(await db.platform.count()).toBe(0)
  let late: Promise<unknown> | null = null
  await writer.transact([], (tx) => {
    late = new Promise((resolve) => setTimeout(resolve, 50)).then(() => tx.$executeRaw(insert))
    late.catch(() => {})
    return Promise.resolve()
  })
  await expect(late).rejects.toThrow('the transaction has ended')
  expect(await db.platform.count()).toBe(0)
})

test('errors keep the codes of the database', async () => {
  const path = join(temporaryDir(), 'a.sqlite3')
  copyTemplate(path)
  const { writer, closeDatabase } = await openDatabase(path)
  onTestFinished(closeDatabase)
  const insert = sql`INSERT INTO "Platform" (name) VALUES (${'a'})`
  const error: unknown = await writer
    .transact([], async (tx) => {
      await tx.$executeRaw(insert)
      await tx.$executeRaw(insert)
    })
    .catch((error: unknown) => error)
  expect(databaseCodeOf(error)).toBe('SQLITE_CONSTRAINT_UNIQUE')
  const full: unknown = await writer
    .transact([], async (tx) => {
      const [page] = await tx.$queryRaw<{ page_count: number }[]>(sql`PRAGMA page_count`)
      await tx.$executeRawUnsafe(`PRAGMA max_page_count = ${page?.page_count}`)
      await tx.$executeRaw(sql`INSERT INTO "Platform" (name) VALUES (${'a'.repeat(100_000)})`)
    })
    .catch((error: unknown) => error)
  expect(isDatabaseFull(full)).toBe(true)
})

test('a statement that was prepared before the schema has changed gives the new columns', () => {
  const connection = new BetterSqlite3(':memory:')
  const prepare = cachedPrepare(connection)
  connection.exec('CREATE TABLE a (x); INSERT INTO a VALUES (1)')
  const read = () => {
    const statement = prepare('SELECT * FROM a WHERE x = ?').bind([1])
    return [statement.raw().all(), statement.columns().map(({ name }) => name)]
  }
  expect(read()).toEqual([[[1]], ['x']])
  connection.exec('ALTER TABLE a ADD COLUMN y DEFAULT 2')
  expect(read()).toEqual([[[1, 2]], ['x', 'y']])
  // More texts than are kept.
  for (let n = 0; n < 1_000; n++) expect(prepare(`SELECT ${n}`).bind([]).raw().all()).toEqual([[n]])
  expect(read()[0]).toEqual([[1, 2]])
})
