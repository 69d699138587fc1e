import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import type { Transaction, TransactOptions } from '../../../server/database/writer.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { bytesOf, temporaryDir } from '../../app.ts'
import { doors, send, type Answer } from '../../durability/doors.ts'
import { startWatched } from '../../durability/server.ts'
import { sampleRecord } from '../../record.ts'
import { copyTemplate } from '../../template.ts'

async function openFile() {
  const file = join(temporaryDir(), 'hub.sqlite3')
  copyTemplate(file)
  const database = await openDatabase(file)
  onTestFinished(database.closeDatabase)
  return database
}

/** The syncs of files of this process: each waits until the test lets it go on, or fails. */
async function heldSyncs() {
  const handle = await open('/dev/null')
  const prototype = Object.getPrototypeOf(handle) as FileHandle
  await handle.close()
  const held: { goOn: () => void; fail: (error: Error) => void }[] = []
  const spy = vi
    .spyOn(prototype, 'datasync')
    .mockImplementation(
      () => new Promise<void>((resolve, reject) => held.push({ goOn: resolve, fail: reject })),
    )
  onTestFinished(() => void spy.mockRestore())
  return held
}

const addJob = (name: string) => (tx: Transaction) => tx.job.create({ data: { name } })
const synchronous = async (tx: Transaction) => {
  const [row] = await tx.$queryRawUnsafe<{ synchronous: bigint }[]>('PRAGMA synchronous')
  return Number(row?.synchronous)
}

test('commits wait for the disk, but those that are on it LATER, or aside, which do not stop the event loop', async () => {
  const { writer } = await openFile()
  const [normal, full] = [1, 2]
  const levelOf = (options?: TransactOptions) => writer.transact([], synchronous, undefined, options)
  expect(await levelOf()).toBe(full)
  expect(await levelOf({ durability: 'LATER' })).toBe(normal)
  expect(await levelOf({ durability: 'BEFORE_IT_RETURNS' })).toBe(normal)
  expect(await levelOf({ durability: 'NOW' })).toBe(full)
})

test('a transaction returns once its commit is on the disk; others go on meanwhile, and share the next sync', async () => {
  const { db, writer } = await openFile()
  const held = await heldSyncs()
  const returned: string[] = []
  const store = async (name: string) => {
    await writer.transact([], addJob(name), undefined, { durability: 'BEFORE_IT_RETURNS' })
    returned.push(name)
  }
  const first = store('first')
  await vi.waitUntil(() => held.length === 1, { timeout: 60_000 })
  const rest = Promise.all([store('second'), store('third')])
  await vi.waitUntil(async () => (await db.job.count()) === 3, { timeout: 60_000 })
  expect([held.length, returned]).toEqual([1, []])
  held[0]?.goOn()
  await first
  expect(returned).toEqual(['first'])
  await vi.waitUntil(() => held.length === 2, { timeout: 60_000 })
  held[1]?.goOn()
  await rest
  expect([held.length, returned.toSorted()]).toEqual([2, ['first', 'second', 'third']])
})

test('a disk that fails is an error of those that wait for it, and the next one tries again', async () => {
  const { db, writer } = await openFile()
  const held = await heldSyncs()
  const store = (name: string) =>
    writer.transact([], addJob(name), undefined, { durability: 'BEFORE_IT_RETURNS' })
  const [first, second] = [store('first'), store('second')]
  const failed = expect(first).rejects.toThrow('input/output error')
  await vi.waitUntil(async () => held.length === 1 && (await db.job.count()) === 2, { timeout: 60_000 })
  held[0]?.fail(new Error('input/output error'))
  await failed
  await vi.waitUntil(() => held.length === 2, { timeout: 60_000 })
  held[1]?.goOn()
  await second
})

test.each(doors)('$name tells that a build exists once it is on the disk', async (door) => {
  const server = await startWatched()
  const held = await heldSyncs()
  const waiting = vi.spyOn(server.deps.writer, 'untilOnDisk')
  const record = await bytesOf(encodeExecRecord(sampleRecord()))
  const answers: Answer['verdict'][] = []
  const upload = async () => void answers.push((await send(door, server.url, record)).verdict)
  const first = upload()
  await vi.waitUntil(() => held.length === 1, { timeout: 60_000 })
  // Its row can be read, and its client has no answer yet.
  const second = upload()
  await vi.waitUntil(() => waiting.mock.calls.length === 1, { timeout: 60_000 })
  expect(answers).toEqual([])
  held[0]?.goOn()
  await first
  expect(answers).toEqual(['stored'])
  await vi.waitUntil(() => held.length === 2, { timeout: 60_000 })
  held[1]?.goOn()
  await second
  expect(answers).toEqual(['stored', 'exists'])
})
