import { expect, test } from 'vitest'
import { toBlobId, type BlobId } from '../../../server/blobs/blob-store.ts'
import { damageOf } from '../../../server/blobs/damage-of.ts'
import { memoryBlobStore } from '../../../server/blobs/memory-blob-store.ts'
import type { ClaimedTask } from '../../../server/runner/task.ts'
import { listMarks } from '../../../server/verify/damage-marks.ts'
import { scrubHandler } from '../../../server/verify/scrub-handler.ts'
import { parseScrubProgress, scrubKind } from '../../../server/verify/scrub-progress.ts'
import { reviewMarks } from '../../../server/verify/review-marks.ts'
import { testApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, sha256 } from '../graphql-site.ts'

const dayMs = 24 * 3_600_000
const task = { kind: scrubKind, key: '' } as ClaimedTask
const going = new AbortController().signal

/** A site whose main binary can be damaged, and a scrub that reads one blob in a run. */
async function scrubbedSite(env: Record<string, string> = {}) {
  const stored = new Map<BlobId, Uint8Array>()
  const app = await testApp({ blobs: memoryBlobStore(stored), env })
  await receiveAll(app, [sampleRecord({ artifacts: [file('bin/a', 'main'), file('b', 'other')] })])
  let now = Date.now()
  const clock = { ...app.deps.clock, now: () => new Date(now) }
  const handlerOf = () => scrubHandler({ ...app.deps, clock }, { runMs: 0 })
  let handler = handlerOf()
  const records: (string | undefined)[] = []
  let progress: string | null = null
  const run = async () => {
    const record = handler.record?.(await handler.run({ ...task, progress }, going)) ?? {}
    progress = record.progress ?? null
    records.push(record.isPartial ? 'part' : 'done')
    return parseScrubProgress(progress)
  }
  return {
    ...{ app, stored, run },
    runToEnd: async () => {
      for (let runs = 0; runs < 100; runs++) {
        const state = await run()
        if (records.at(-1) === 'done') return { state, runs: runs + 1 }
      }
      throw new Error('the pass does not end')
    },
    restart: () => void (handler = handlerOf()),
    later: (ms: number) => void (now += ms),
    keep: () =>
      app.deps.writer.transact([], (tx) =>
        tx.queuedTask.create({
          data: {
            ...{ kind: scrubKind, key: '', state: 'PENDING', priority: 1, progress },
            ...{ dueAt: new Date(now), createdAt: new Date(now) },
          },
        }),
      ),
  }
}

const main = toBlobId(sha256('main'))

test('the first run only notes that the server has started; the next one begins a pass', async () => {
  const { run, stored, runToEnd } = await scrubbedSite()
  expect(await run()).toEqual({ running: null, last: null })
  expect((await run())?.running).toMatchObject({ blobCount: 1 })
  const { state } = await runToEnd()
  expect(state?.running).toBe(null)
  expect(state?.last).toMatchObject({ blobCount: stored.size, damagedCount: 0 })
})

test('a pass marks what is damaged, goes on where it was after a restart, and reads each blob once', async () => {
  const { app, run, stored, runToEnd, restart } = await scrubbedSite()
  stored.set(main, Buffer.from('MAIN'))
  await run()
  await run()
  await run()
  restart()
  const { state, runs } = await runToEnd()
  expect(state?.last).toMatchObject({ blobCount: stored.size, damagedCount: 1 })
  // One more, which finds that there is no further blob and reviews the mark, and one that finds no further mark.
  expect(runs).toBe(stored.size - 2 + 2)
  expect(await app.deps.db.damagedBlob.findMany({ select: { sha256: true, problem: true } })).toEqual([
    { sha256: main, problem: 'HASH' },
  ])
})

test('a pass begins as many days after the one before as the setting says, and not with 0', async () => {
  const { app, run, runToEnd, later } = await scrubbedSite({ BUILDER_HUB_SCRUB_DAYS: '7' })
  await run()
  await runToEnd()
  later(7 * dayMs - 1)
  expect((await run())?.running).toBe(null)
  later(1)
  expect((await run())?.running).toMatchObject({ blobCount: 1 })
  await runToEnd()
  later(100 * dayMs)
  app.deps.config.scrubDays = 0
  expect((await run())?.running).toBe(null)
})

test('the mark of content that is whole again, and of content without a reference, goes at the end of a pass', async () => {
  const { app, run, stored, runToEnd, later } = await scrubbedSite()
  stored.set(main, Buffer.from('MAIN'))
  const lone = toBlobId(sha256('lone'))
  stored.set(lone, Buffer.from('LONE'))
  await run()
  await runToEnd()
  expect(await app.deps.db.damagedBlob.count()).toBe(1)
  stored.set(main, Buffer.from('main'))
  later(31 * dayMs)
  await runToEnd()
  expect(await app.deps.db.damagedBlob.count()).toBe(0)
})

test('marks are reviewed one after the other, over a restart, and content is not read again', async () => {
  const { app, run, stored, restart } = await scrubbedSite()
  await run()
  const before = ['1', '2', '3'].map(sha256).sort()
  await app.deps.writer.transact(['damage'], (tx) =>
    tx.damagedBlob.createMany({
      data: before.map((one) => ({ sha256: one, problem: 'HASH', detail: 'a', foundAt: new Date(0) })),
    }),
  )
  for (let blobs = 0; blobs < stored.size; blobs++) await run()
  for (const review of before) {
    expect((await run())?.running).toMatchObject({ blobCount: stored.size, review })
    expect(await app.deps.db.damagedBlob.count()).toBe(before.length - before.indexOf(review) - 1)
    restart()
  }
  expect((await run())?.last).toMatchObject({ blobCount: stored.size, damagedCount: 0 })
})

test('the site tells how far the check is', async () => {
  const { app, run, keep, stored } = await scrubbedSite()
  const query = '{ site { scrub { everyDays startedAt checkedCount checkedBytes finishedAt damagedCount } } }'
  const scrubOf = async () => (await app.graphql(query)).data.site.scrub
  const nothing = { everyDays: 30, startedAt: null, finishedAt: null, checkedCount: 0, checkedBytes: 0 }
  expect(await scrubOf()).toEqual({ ...nothing, damagedCount: 0 })
  stored.set(main, Buffer.from('MAIN'))
  await app.deps.damage.add((await damageOf(app.deps.storedBlobs, main))!)
  await run()
  const state = await run()
  await keep()
  app.takeQueries()
  expect(await scrubOf()).toEqual({
    ...{ everyDays: 30, startedAt: state?.running?.startedAt.toISOString(), finishedAt: null },
    ...{ checkedCount: 1, checkedBytes: state?.running?.bytes, damagedCount: 1 },
  })
  expect(app.takeQueries().filter((sql) => /QueuedTask|DamagedBlob/.test(sql))).toHaveLength(2)
})

test.each(['', '{', '{}', '{"running":{"after":"x"}}', 'null', '[]'])(
  'progress %j is none, so that the scrub begins anew',
  (json) => {
    expect(parseScrubProgress(json)).toBe(null)
  },
)

test('any number of marks is listed and reviewed, also while they are removed', async () => {
  const { deps } = await testApp()
  const hashes = Array.from({ length: 1_001 }, (_, n) => sha256(String(n))).sort()
  await deps.writer.transact(['damage'], (tx) =>
    tx.damagedBlob.createMany({
      data: hashes.map((sha256) => ({ sha256, problem: 'HASH', detail: 'a', foundAt: new Date(0) })),
    }),
  )
  const listed: string[] = []
  for await (const { sha256 } of listMarks(deps.db)) listed.push(sha256)
  expect(listed).toEqual(hashes)
  const notes: string[] = []
  const parts = { db: deps.db, store: deps.storedBlobs, damage: deps.damage }
  await reviewMarks(parts, { rate: () => {}, onNote: (text) => void notes.push(text) })
  expect(notes).toHaveLength(1_001)
  expect(await deps.db.damagedBlob.count()).toBe(0)
})
