import { expect, test } from 'vitest'
import { testApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'

test('only the uuid of a build makes it one that exists', async () => {
  const app = await testApp()
  await app.deps.writer.transact([], (tx) =>
    tx.$executeRawUnsafe('CREATE TABLE "Other" (value INTEGER UNIQUE)'),
  )
  await app.deps.writer.transact([], (tx) => tx.$executeRawUnsafe('INSERT INTO "Other" VALUES (1)'))
  await app.deps.writer.transact([], (tx) =>
    tx.$executeRawUnsafe(
      'CREATE TRIGGER "other" AFTER INSERT ON "Build" BEGIN INSERT INTO "Other" VALUES (1); END',
    ),
  )
  expect((await app.upload(sampleRecord())).status).toBe(500)
  expect(await app.deps.db.build.count()).toBe(0)
})

test('builds of one uuid that arrive at once: one is stored, the others exist', async () => {
  const app = await testApp()
  const record = sampleRecord()
  const answers = await Promise.all([1, 2, 3].map(() => app.upload(record)))
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
})

test('a listener that throws affects neither the response nor other listeners', async () => {
  const app = await testApp()
  const heard: string[] = []
  app.deps.changes.on(['builds'], () => {
    throw new Error('deaf')
  })
  app.deps.changes.on(['builds'], () => heard.push('builds'))
  expect((await app.upload(sampleRecord())).status).toBe(201)
  expect(heard).toEqual(['builds'])
  expect(await app.deps.db.build.count()).toBe(1)
})
