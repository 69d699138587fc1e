import { createHash } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { toBlobId, type BlobId, type BlobStore } from '../../../server/blobs/blob-store.ts'
import { memoryBlobStore } from '../../../server/blobs/memory-blob-store.ts'
import type { Writer } from '../../../server/database/writer.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { blobColumns } from '../../../server/storage/blob-columns.ts'
import {
  collectBlobs,
  type CollectOptions,
  type CollectProgress,
} from '../../../server/storage/collect-blobs.ts'
import { deleteUnreferenced } from '../../../server/storage/delete-unreferenced.ts'
import { findReferences } from '../../../server/storage/find-references.ts'
import { listReferences } from '../../../server/storage/list-references.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll } from '../graphql-site.ts'
import { testRemoval } from '../facts/fact-site.ts'

const idOf = (text: string) => toBlobId(createHash('sha256').update(text).digest('hex'))

async function put(blobs: BlobStore, text: string): Promise<BlobId> {
  const staged = await blobs.stage(
    (async function* () {
      yield Buffer.from(text)
    })(),
  )
  await blobs.commit([staged])
  await blobs.discard([staged])
  return staged.id
}

type Deps = Pick<TestApp['deps'], 'blobs' | 'db' | 'writer'>

async function collect(deps: Deps, options: CollectOptions = { graceMs: 0 }): Promise<CollectProgress> {
  let last: CollectProgress | undefined
  for await (const progress of collectBlobs(deps, options)) last = progress
  if (!last) throw new Error('the last step is told')
  return last
}

const storedIds = async ({ blobs }: Deps) => {
  const ids: string[] = []
  for await (const { id } of blobs.list()) if (id !== null) ids.push(id)
  return ids.sort()
}
const referencedIds = async ({ db }: Deps) => {
  const ids = new Set<string>()
  for await (const { id } of listReferences(db)) ids.add(id)
  return [...ids].sort()
}

/** Content in every role that a build gives it. */
const recordOf = (name: string) =>
  sampleRecord({
    script: Buffer.from(`script of ${name}`),
    console: [{ deltaNs: 1_000n, text: Buffer.from(`console of ${name}`) }],
    artifacts: [
      file('bin/a', `binary of ${name}`),
      file('opam-switch', `switch of ${name}`),
      file('README.md', `# readme of ${name}`),
    ],
  })

async function removeAll({ db, writer }: Deps): Promise<void> {
  for (const { id } of await db.build.findMany({ select: { id: true } }))
    await writer.transact(['builds'], (tx) => removeBuild(tx, id, testRemoval))
}

test('what builds refer to stays, and what nothing refers to goes', async () => {
  const { deps } = await testApp()
  await receiveAll({ deps }, [recordOf('one'), recordOf('two')])
  const kept = await referencedIds(deps)
  expect(await storedIds(deps)).toEqual(kept)
  for (const text of ['orphan', 'other orphan']) await put(deps.blobs, text)
  expect(await collect(deps)).toMatchObject({
    ...{ listedCount: kept.length + 2, deletedCount: 2, deletedBytes: 18, strayCount: 0 },
  })
  expect(await storedIds(deps)).toEqual(kept)
  await removeAll(deps)
  await collect(deps)
  expect(await storedIds(deps)).toEqual(await referencedIds(deps))
})

test('a dry run finds the same, and deletes nothing', async () => {
  const { deps } = await testApp()
  await receiveAll({ deps }, [recordOf('one')])
  await put(deps.blobs, 'orphan')
  const before = await storedIds(deps)
  const dry = await collect(deps, { graceMs: 0, isDryRun: true })
  expect(await storedIds(deps)).toEqual(before)
  expect(dry.deleted.map(({ id }) => id)).toEqual([idOf('orphan')])
  expect(await collect(deps)).toEqual(dry)
})

test('blobs stay for a day, unless another grace is given', async () => {
  const { deps } = await testApp()
  await put(deps.blobs, 'orphan')
  expect(await collect(deps, {})).toMatchObject({ listedCount: 1, deletedCount: 0 })
  expect(await collect(deps, { graceMs: 3_600_000 })).toMatchObject({ deletedCount: 0 })
  expect(await collect(deps)).toMatchObject({ deletedCount: 1 })
})

const columns = Object.entries(blobColumns).flatMap(([model, names]) =>
  names.map((name) => [model, name] as const),
)

test.each(columns)('%s.%s keeps its blob', async (model, column) => {
  const { deps } = await testApp()
  await receiveAll({ deps }, [recordOf('one')])
  const id = await put(deps.blobs, 'kept by a column')
  await deps.writer.transact([], async (tx) => {
    await tx.hookRun.create({
      data: {
        ...{ event: 'UPLOAD', eventId: '1', hook: 'a.sh', state: 'SUCCEEDED', createdAt: new Date() },
        ...{ buildUuid: '1', job: 'hello', platform: 'debian-12' },
      },
      select: { id: true },
    })
    const published = { repository: 'apt/test', path: 'Release', sha256: idOf('published'), sizeBytes: 1n }
    await tx.repositoryFile.create({ data: { ...published, publishedAt: new Date() } })
    const { id: buildId } = await tx.build.findFirstOrThrow({ select: { id: true } })
    const key = { purpose: 'ATTEST', algorithm: 'ED25519', sha256: idOf('key'), publicKey: '' }
    const statement = {
      uuid: '1',
      predicateType: 'p',
      envelopeSha256: idOf('envelope'),
      envelopeSizeBytes: 8,
    }
    await tx.signingKey.create({
      data: {
        ...{ ...key, activeFrom: new Date() },
        attestations: { create: { ...statement, buildId, statedAt: new Date() } },
      },
      select: { id: true },
    })
    // Each of the models has this method.
    const table = Reflect.get(tx, `${model.charAt(0).toLowerCase()}${model.slice(1)}`) as {
      updateMany: (args: { data: Record<string, string> }) => Promise<{ count: number }>
    }
    expect((await table.updateMany({ data: { [column]: id } })).count).toBeGreaterThan(0)
  })
  await collect(deps)
  expect(await deps.blobs.sizeBytes(id)).toBe(16)
  expect(await referencedIds(deps)).toContain(id)
  // The collector's filter keeps it already. This look keeps what was written after the filter was read.
  expect([...(await findReferences(deps.db, [id], { lastBuildId: null }))]).toContain(id)
})

/** A database whose next transaction waits until `first` has ended. */
function delayed({ writer }: Deps, first: () => Promise<void>): { writer: Writer } {
  let isDone = false
  const transact: Writer['transact'] = async (changes, action) => {
    if (!isDone) {
      isDone = true
      await first()
    }
    return writer.transact(changes, action)
  }
  return { writer: { ...writer, transact } }
}

test('an upload between the look at the references and the deletion keeps its blobs', async () => {
  const { deps } = await testApp()
  await receiveAll({ deps }, [recordOf('older'), recordOf('again')])
  await removeAll(deps)
  await put(deps.blobs, 'orphan')
  const late = delayed(deps, () => receiveAll({ deps }, [recordOf('again')]))
  const { deleted } = await collect({ ...deps, ...late })
  expect(deleted.map(({ id }) => id)).toContain(idOf('orphan'))
  expect(deleted.map(({ id }) => id)).toContain(idOf('script of older'))
  expect(await storedIds(deps)).toEqual(await referencedIds(deps))
})

test.each([
  ['that it created', false],
  ['that it found', true],
])('an upload puts blobs back %s and that were deleted before its transaction', async (_name, isFound) => {
  const { deps } = await testApp()
  if (isFound) {
    await receiveAll({ deps }, [recordOf('one')])
    await removeAll(deps)
  }
  let deletedCount = 0
  const late = delayed(deps, async () => {
    ;({ deletedCount } = await collect(deps))
    expect(await storedIds(deps)).not.toContain(idOf('script of one'))
  })
  await receiveAll({ deps: { ...deps, ...late } }, [recordOf('one')])
  expect(deletedCount).toBeGreaterThan(5)
  expect(await storedIds(deps)).toEqual(await referencedIds(deps))
  expect(await deps.db.build.count()).toBe(1)
})

test('blobs are deleted some at a time, with the progress, and a caller can stop early', async () => {
  const { deps } = await testApp()
  for (let n = 0; n < 250; n++) await put(deps.blobs, `orphan ${n}`)
  const counts: number[] = []
  for await (const { deletedCount, deleted } of collectBlobs(deps, { graceMs: 0 })) {
    counts.push(deletedCount)
    expect(deleted).toHaveLength(100)
    if (counts.length === 2) break
  }
  expect(counts).toEqual([100, 200])
  expect(await storedIds(deps)).toHaveLength(50)
  expect(await collect(deps)).toMatchObject({ listedCount: 50, deletedCount: 50 })
})

test('references are listed page by page, and found for any number of blobs', async () => {
  const { deps } = await testApp()
  const ids = Array.from({ length: 4_001 }, (_, n) => idOf(`result ${n}`))
  const now = new Date()
  await deps.writer.transact([], (tx) =>
    tx.queuedTask.createMany({
      data: ids.map((id, n) => ({
        ...{ kind: 'TEST', key: String(n), state: 'DONE', priority: 1, dueAt: now, createdAt: now },
        ...{ resultSha256: n % 2 === 0 ? id : null },
      })),
    }),
  )
  const expected = ids.filter((_, n) => n % 2 === 0)
  expect(await referencedIds(deps)).toEqual(expected.toSorted())
  expect([...(await findReferences(deps.db, ids, { lastBuildId: null }))].sort()).toEqual(expected.toSorted())
})

test('a store that fails to delete stops the collection with its error', async () => {
  const blobs = memoryBlobStore()
  const { deps } = await testApp({ blobs })
  await put(blobs, 'orphan')
  const failing = { ...blobs, delete: () => Promise.reject(new Error('the disk fails')) }
  await expect(collect({ ...deps, blobs: failing })).rejects.toThrow('the disk fails')
  expect(await collect(deps)).toMatchObject({ deletedCount: 1 })
})

test('no deletion begins after its transaction has ended', async () => {
  const { deps } = await testApp()
  const ids: BlobId[] = []
  for (let n = 0; n < 20; n++) ids.push(await put(deps.blobs, `orphan ${n}`))
  let end = (_error: Error) => {}
  const ended = new Promise<never>((_resolve, reject) => (end = reject))
  let action: Promise<unknown> = Promise.resolve()
  let rolledBack = () => {}
  const isRolledBack = new Promise<void>((resolve) => (rolledBack = resolve))
  // As by a time limit: the database rolls the transaction back, and the action goes on.
  const transact: Writer['transact'] = (changes, act) =>
    deps.writer
      .transact(changes, (tx) => {
        const running = act(tx)
        action = running
        return Promise.race([running, ended])
      })
      .finally(rolledBack)
  const stalling: BlobStore = {
    ...deps.blobs,
    async delete(some) {
      end(new Error('the transaction took too long'))
      await isRolledBack
      await deps.blobs.delete(some)
    },
  }
  const mark = { lastBuildId: null }
  await expect(
    deleteUnreferenced({ blobs: stalling, writer: { ...deps.writer, transact } }, ids, mark),
  ).rejects.toThrow('the transaction took too long')
  await expect(action).rejects.toThrow()
  // Those of the group that had begun are gone.
  expect((await storedIds(deps)).length).toBeGreaterThanOrEqual(16)
})

test('a slow store deletes in further transactions, each with a look at the references', async () => {
  const { deps } = await testApp()
  await receiveAll({ deps }, [recordOf('one')])
  const kept = await referencedIds(deps)
  const ids: BlobId[] = []
  for (let n = 0; n < 20; n++) ids.push(await put(deps.blobs, `orphan ${n}`))
  let laterMs = 0
  const { now } = performance
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + laterMs)
  onTestFinished(() => clock.mockRestore())
  const slow: BlobStore = {
    ...deps.blobs,
    async delete(some) {
      laterMs += 60_000
      await deps.blobs.delete(some)
    },
  }
  let transactions = 0
  const transact: Writer['transact'] = (changes, act) => {
    transactions += 1
    return deps.writer.transact(changes, act)
  }
  const mark = { lastBuildId: null }
  const all = [...kept.map(toBlobId), ...ids]
  const deleted = await deleteUnreferenced({ blobs: slow, writer: { ...deps.writer, transact } }, all, mark)
  expect(deleted).toEqual(ids)
  expect(transactions).toBe(5)
  expect(await storedIds(deps)).toEqual(kept)
})
