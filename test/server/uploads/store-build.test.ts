import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { listReferences } from '../../../server/storage/list-references.ts'
import { stagedUpload } from '../../../server/uploads/staged-upload.ts'
import { testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { sha256 } from '../graphql-site.ts'

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

test('an upload that fails leaves content that an older build had lost, and removes the rest', async () => {
  const app = await testApp()
  const { blobs, db, writer } = app.deps
  const readme = file('README.md', '# readme of both')
  expect((await app.upload(sampleRecord({ artifacts: [readme] }))).status).toBe(201)
  const lost = new Set<string>()
  for await (const { id } of listReferences(db)) lost.add(id)
  await blobs.delete([...lost].map(toBlobId))
  await writer.transact([], (tx) =>
    tx.$executeRawUnsafe(
      `CREATE TRIGGER "full" BEFORE INSERT ON "Build" BEGIN SELECT RAISE(ABORT, 'no'); END`,
    ),
  )
  const again = sampleRecord({ artifacts: [readme, file('bin/new', 'new')] })
  expect((await app.upload(again)).status).toBe(500)
  const stored: (string | null)[] = []
  for await (const { id } of blobs.list()) stored.push(id)
  expect(stored.sort()).toEqual([...lost].sort())
  expect(stored).not.toContain(sha256('new'))
})

test('staged files that cannot be removed do not keep the file of the console', async () => {
  const { deps } = await testApp()
  const { stagingDir } = deps.config
  const before = readdirSync(stagingDir)
  const blobs = { ...deps.blobs, discard: () => Promise.reject(new Error('the disk fails')) }
  const upload = stagedUpload({ ...deps, blobs })
  for (let n = 0; n < 1_000; n++) await upload.addConsoleEntry(1_000n, Buffer.alloc(10_000, 'x'))
  expect(readdirSync(stagingDir).length).toBeGreaterThan(before.length)
  await expect(upload.dispose()).rejects.toThrow('the disk fails')
  expect(readdirSync(stagingDir).sort()).toEqual(before.sort())
})
