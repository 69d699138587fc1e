import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { onTestFinished, expect, test } from 'vitest'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import { DatabaseBusyError } from '../../server/database/writer.ts'
import type { PrismaClient } from '../../server/generated/prisma/client.ts'
import { temporaryDir, testApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { copyTemplate } from '../template.ts'

async function openFile(patienceMs?: number) {
  const file = join(temporaryDir(), 'hub.sqlite3')
  copyTemplate(file)
  const database = await openDatabase(file, undefined, patienceMs === undefined ? {} : { patienceMs })
  onTestFinished(database.closeDatabase)
  return { file, database, ...database }
}

/** A promise that a test resolves. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, opened }
}

/** Another process that writes: a connection of its own has the write lock until it is told to give it back. */
function lockedByOther(file: string) {
  const other = new BetterSqlite3(file)
  other.exec('BEGIN IMMEDIATE')
  onTestFinished(() => void other.close())
  return { release: () => other.exec('COMMIT') }
}

const refusal = new Error('refused')

/** A transaction that has made a job, and waits with it. */
async function openTransaction({ writer }: Awaited<ReturnType<typeof openFile>>) {
  const [written, end] = [gate(), gate()]
  const outcome = writer.transact([], async (tx) => {
    await tx.job.create({ data: { name: 'half' } })
    written.open()
    await end.opened
    throw refusal
  })
  outcome.catch(() => {})
  await written.opened
  return { outcome, end: end.open }
}

test('a write beside a transaction that is rolled back survives', async () => {
  const database = await openFile()
  const open = await openTransaction(database)
  const beside = database.writer.transact([], (tx) => tx.job.create({ data: { name: 'whole' } }))
  open.end()
  await expect(open.outcome).rejects.toBe(refusal)
  await beside
  expect(await database.db.job.findMany({ select: { name: true } })).toEqual([{ name: 'whole' }])
})

test('readers see nothing of an open transaction, and do not wait for it', async () => {
  const database = await openFile()
  const open = await openTransaction(database)
  expect(await database.db.job.count()).toBe(0)
  expect(await database.db.$queryRaw`SELECT name FROM "Job"`).toEqual([])
  open.end()
  await expect(open.outcome).rejects.toBe(refusal)
})

test('readers see a transaction as soon as it is committed', async () => {
  const { db, writer } = await openFile()
  for (let count = 1; count <= 20; count++) {
    await writer.transact([], (tx) => tx.job.create({ data: { name: `job ${count}` } }))
    expect(await db.job.count()).toBe(count)
  }
})

test('the connection that reads refuses to write', async () => {
  const { db } = await openFile()
  const client = db as PrismaClient
  await expect(client.job.create({ data: { name: 'no' } })).rejects.toThrow(/readonly/)
  await expect(db.$queryRaw`INSERT INTO "Job" (name) VALUES ('no') RETURNING id`).rejects.toThrow(/readonly/)
  expect(await db.job.count()).toBe(0)
})

test('transactions of two processes, which read before they write, wait for each other', async () => {
  const { file, writer, db } = await openFile()
  const sha256 = '5a'.repeat(32)
  const other = await openDatabase(file)
  onTestFinished(other.closeDatabase)
  await writer.transact([], (tx) => tx.output.create({ data: { sha256, buildCount: 0, inputCount: 0 } }))
  const where = { sha256 }
  const increments = [writer, other.writer].flatMap((one) =>
    Array.from({ length: 20 }, () =>
      one.transact([], async (tx) => {
        const { buildCount } = await tx.output.findUniqueOrThrow({ where })
        await tx.output.update({ where, data: { buildCount: buildCount + 1 } })
      }),
    ),
  )
  await Promise.all(increments)
  expect(await db.output.findUniqueOrThrow({ where })).toMatchObject({ buildCount: 40 })
})

test('a transaction fails once another process has had the lock for too long, and nothing is written', async () => {
  const { file, db, writer } = await openFile(0)
  const { release } = lockedByOther(file)
  let isRun = false
  const outcome = writer.transact([], async () => void (isRun = true))
  await expect(outcome).rejects.toThrow(DatabaseBusyError)
  expect(isRun).toBe(false)
  release()
  await writer.transact([], (tx) => tx.job.create({ data: { name: 'later' } }))
  expect(await db.job.count()).toBe(1)
})

test('while another process has the lock, pages are served, and an upload is stored after it', async () => {
  const durable = gate()
  const { file, database } = await openFile()
  const app = await testApp({
    database,
    onUploadStep: (step) => step === 'content-durable' && durable.open(),
  })
  const { release } = lockedByOther(file)
  const upload = app.upload(sampleRecord())
  await durable.opened
  expect((await app.graphql('{ jobs(first: 1) { totalCount } }')).data).toEqual({ jobs: { totalCount: 0 } })
  expect((await fetch(`${app.url}/ready`)).status).toBe(200)
  release()
  expect((await upload).status).toBe(201)
})

test('an upload that another process keeps waiting for too long is asked to come again, and is stored then', async () => {
  const { file, database } = await openFile(0)
  const app = await testApp({ database })
  const { release } = lockedByOther(file)
  const refused = await app.upload(sampleRecord())
  expect(refused.status).toBe(503)
  expect(refused.headers.get('Retry-After')).toBe('10')
  expect(await refused.text()).toContain('another program has locked the database')
  release()
  expect((await app.upload(sampleRecord())).status).toBe(201)
})

test('a database that another process locks for a moment is opened when it is free', async () => {
  const file = join(temporaryDir(), 'hub.sqlite3')
  copyTemplate(file)
  const other = new BetterSqlite3(file)
  // As the last process that closes the database does.
  other.pragma('locking_mode = EXCLUSIVE')
  other.exec('BEGIN EXCLUSIVE')
  const locked = gate()
  const opening = openDatabase(file, undefined, { onLocked: locked.open })
  await locked.opened
  other.exec('COMMIT')
  other.close()
  const database = await opening
  onTestFinished(database.closeDatabase)
  expect(await database.db.job.count()).toBe(0)
})
