import { expect, test } from 'vitest'
import { toBlobId, type BlobId } from '../../../server/blobs/blob-store.ts'
import { DamagedBlobError } from '../../../server/blobs/checked-stream.ts'
import { damageOf } from '../../../server/blobs/damage-of.ts'
import { memoryBlobStore } from '../../../server/blobs/memory-blob-store.ts'
import type { Writer } from '../../../server/database/writer.ts'
import { createDamageMarks } from '../../../server/verify/damage-marks.ts'
import { guardedBlobs } from '../../../server/verify/guarded-blobs.ts'
import { testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, sha256 } from '../graphql-site.ts'

const main = toBlobId(sha256('main'))
const whole = () => Buffer.from('main')

/** A site whose main binary is damaged. `around` runs each transaction. */
async function damagedSite(
  around: (run: () => Promise<unknown>, stored: Map<BlobId, Uint8Array>) => unknown,
) {
  const stored = new Map<BlobId, Uint8Array>()
  const app = await testApp({ blobs: memoryBlobStore(stored) })
  await receiveAll(app, [sampleRecord({ artifacts: [file('bin/a', 'main')] })])
  stored.set(main, Buffer.from('MAIN'))
  const { deps } = app
  const transact = (async (changes, act) => {
    let result: unknown
    await around(async () => (result = await deps.writer.transact(changes, act)), stored)
    return result
  }) as Writer['transact']
  const store = deps.storedBlobs
  const marks = createDamageMarks({ ...deps, writer: { ...deps.writer, transact } }, store)
  const marked = async () =>
    (await deps.db.damagedBlob.findMany()).map(({ sha256, problem }) => [sha256, problem])
  return { deps, stored, store, marks, marked }
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

test('damaged content is marked once', async () => {
  const { store, marks, marked } = await damagedSite((run) => run())
  const damage = (await damageOf(store, main))!
  expect([await marks.add(damage), await marks.add(damage)]).toEqual(['NEW', 'KNOWN'])
  expect(await marked()).toEqual([[main, 'HASH']])
})

test.each<[string, Parameters<typeof damagedSite>[0]]>([
  [
    'before the transaction of the mark',
    async (run, stored) => {
      stored.set(main, whole())
      await run()
    },
  ],
  [
    'at the end of this transaction',
    async (run, stored) => {
      await run()
      stored.set(main, whole())
    },
  ],
])('content that is replaced %s has no mark', async (_when, around) => {
  const { store, marks, marked } = await damagedSite(around)
  expect(await marks.add((await damageOf(store, main))!)).toBe('REPLACED')
  expect(await marked()).toEqual([])
})

test('an upload clears a mark that is written while it replaces the content', async () => {
  const { store, marks, marked } = await damagedSite((run) => run())
  const damage = (await damageOf(store, main))!
  const blobs = guardedBlobs(
    {
      ...store,
      async commit(staged) {
        await marks.add(damage)
        expect(await marked()).toEqual([[main, 'HASH']])
        await store.commit(staged)
      },
    },
    marks,
  )
  await blobs.commit([await blobs.stage(once(whole()))])
  expect(await marked()).toEqual([])
})

test('an upload clears the mark of content that it puts back in its transaction', async () => {
  const { deps, stored, store, marks, marked } = await damagedSite((run) => run())
  const blobs = guardedBlobs(store, marks)
  const staged = [await blobs.stage(once(whole()))]
  await blobs.commit(staged)
  stored.delete(main)
  await marks.add((await damageOf(store, main))!)
  expect(await marked()).toEqual([[main, 'MISSING']])
  await deps.writer.transact([], () => blobs.restore(staged))
  await marks.settled()
  expect(await marked()).toEqual([])
})

test('missing content is marked if any row refers to it, and otherwise not', async () => {
  const { deps, stored, marks, marked } = await damagedSite((run) => run())
  const { scriptSha256 } = await deps.db.build.findFirstOrThrow({ select: { scriptSha256: true } })
  const lost = [main, toBlobId(scriptSha256), toBlobId(sha256('content of a build that was removed'))]
  for (const id of lost) stored.delete(id)
  for (const id of lost) marks.note(new DamagedBlobError(id, 'MISSING', 'its file is missing'))
  await marks.settled()
  expect((await marked()).sort()).toEqual([main, scriptSha256].sort().map((id) => [id, 'MISSING']))
})
