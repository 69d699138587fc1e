import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { mirrorHandler } from '../../../server/imports/remote/mirror-handler.ts'
import {
  mirrorKind,
  parseMirrorProgress,
  readMirrorState,
} from '../../../server/imports/remote/mirror-progress.ts'
import { printMirror } from '../../../server/cli/print-mirror.ts'
import { checkMirror } from '../../../server/doctor/check-mirror.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import type { ClaimedTask } from '../../../server/runner/task.ts'
import { testApp, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'

const hourMs = 3_600_000
const task = { kind: mirrorKind, key: '' } as ClaimedTask
const going = new AbortController().signal

/** It has more builds than the mirror looks at in a step. */
let source: TestApp
const count = 12
const ofJob = 4
beforeAll(async () => {
  source = await testApp({ keep: true })
  const jobOf = (n: number) => (n < ofJob ? 'dns primary' : 'hello')
  await receiveAll(
    source,
    Array.from({ length: count }, (_, n) => sampleRecord({ uuid: uuidOf(n), job: jobOf(n) })),
  )
  return source.close
})

/** A site that mirrors, and its mirror, which ends each run after a step. */
async function mirroringSite(settings: Record<string, string> = {}) {
  const app = await testApp({ env: { BUILDER_HUB_MIRROR_URL: source.url, ...settings } })
  let now = Date.now()
  const clock = { ...app.deps.clock, now: () => new Date(now) }
  const handlerOf = () => mirrorHandler({ ...app.deps, clock }, { runMs: 0, pauseMs: 1 })
  let handler = handlerOf()
  let progress: string | null = null
  onTestFinished(() => handler.close?.())
  const run = async () => {
    const record = handler.record?.(await handler.run({ ...task, progress }, going)) ?? {}
    progress = record.progress ?? null
    return { ...parseMirrorProgress(progress), isPartial: record.isPartial ?? false }
  }
  return {
    ...{ app, run },
    buildCount: () => app.deps.db.build.count(),
    restart: async () => {
      await handler.close?.()
      handler = handlerOf()
    },
    later: (ms: number) => void (now += ms),
  }
}

test('the builds come over in runs; a restart goes on; the next copy is due after the hours', async () => {
  const { app, buildCount, run, restart, later } = await mirroringSite({ BUILDER_HUB_MIRROR_HOURS: '6' })
  const first = await run()
  expect(first).toMatchObject({ isPartial: true, last: null, running: { imported: 10, present: 0 } })
  expect(await buildCount()).toBe(10)
  await restart()
  expect((await run()).running).toMatchObject({ imported: 10, present: 10 })
  let ended = await run()
  while (ended.isPartial) ended = await run()
  expect(ended.running).toBe(null)
  expect(ended.last).toMatchObject({
    ...{ url: source.url, startedAt: first.running?.startedAt },
    ...{ imported: count, present: 10, removed: 0, refusedCount: 0, refused: [] },
  })
  expect(await app.deps.db.build.count({ where: { importedFrom: new URL(source.url).host } })).toBe(count)

  later(6 * hourMs - 1)
  expect((await run()).last).toEqual(ended.last)
  later(1)
  expect((await run()).running).toMatchObject({ imported: 0, present: 10 })
})

test('jobs can be chosen; a change of the settings begins anew, and no address ends it', async () => {
  const { app, buildCount, run } = await mirroringSite({ BUILDER_HUB_MIRROR_JOBS: ' dns primary ,none' })
  let state = await run()
  while (state.isPartial) state = await run()
  expect(await buildCount()).toBe(ofJob)
  expect(state.last).toMatchObject({ imported: ofJob, jobs: ' dns primary ,none' })
  app.deps.config.mirrorJobs = ''
  expect(await run()).toMatchObject({ isPartial: true, running: { imported: 10 - ofJob } })
  app.deps.config.mirrorUrl = ''
  expect(await run()).toMatchObject({ isPartial: false, running: null, last: state.last })
})

test('a site that is not there is tried again, and the state says why', async () => {
  const { app } = await mirroringSite({ BUILDER_HUB_MIRROR_URL: 'http://127.0.0.1:1' })
  const clock = fakeClock()
  const runner = createTaskRunner(app.deps, [mirrorHandler({ ...app.deps, clock }, { pauseMs: 1 })], {
    clock,
  })
  onTestFinished(() => runner.close())
  await runner.start()
  const stateOf = () => readMirrorState(app.deps.db)
  await expect.poll(async () => (await stateOf()).error).toContain('http://127.0.0.1:1/graphql')
  expect(await checkMirror(app.deps.db, app.deps.config)).toMatchObject([
    { level: 'warning', text: expect.stringContaining('cannot be mirrored') as string },
  ])
  expect(printMirror(await stateOf())).toContain('mirror, is tried again: http://127.0.0.1:1/graphql')
})

test('what another site refuses is counted, named, and in the report of the doctor', async () => {
  const refusing = createServer(({ url = '' }, answer) => {
    const builds = [{ uuid: uuidOf(0) }, { uuid: 'X' }]
    if (url === '/all-builds') answer.end(JSON.stringify({ jobs: [{ name: 'hello' }] }))
    else if (url.endsWith('/failed')) answer.end(JSON.stringify({ builds }))
    else answer.writeHead(404).end()
  })
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void refusing.close())
  const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`
  const { app, run } = await mirroringSite({ BUILDER_HUB_MIRROR_URL: url })
  let state = await run()
  while (state.isPartial) state = await run()
  const { last } = state
  expect(last).toMatchObject({ imported: 0, refusedCount: 2 })
  expect(last?.refused.map(({ reason }) => reason)).toEqual([
    '"X" is no UUID',
    expect.stringContaining('status 404') as string,
  ])
  expect(printMirror({ ...state, error: null })).toContain('refused: 127.0.0.1')
  const now = new Date()
  await app.deps.writer.transact([], (tx) =>
    tx.queuedTask.create({
      data: {
        ...{ kind: mirrorKind, key: '', state: 'DONE', priority: 1, dueAt: now, createdAt: now },
        progress: JSON.stringify({ running: null, last }),
      },
    }),
  )
  expect(await checkMirror(app.deps.db, app.deps.config)).toMatchObject([
    { level: 'warning', text: expect.stringContaining('2 builds') as string },
  ])
})

test.each(['', '{', '{}', 'null', '[]', '{"running":{"url":1},"last":null}'])(
  'progress %j is none, so that the mirror begins anew',
  (json) => {
    expect(parseMirrorProgress(json)).toEqual({ running: null, last: null })
  },
)
