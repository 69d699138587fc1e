import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { loadResult, loadSummary } from '../../../server/analyses/load-analyses.ts'
import { analysedColumns } from '../../../server/analyses/kind.ts'
import { temporaryDir, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, sha256, uuidOf } from '../graphql-site.ts'
import { analyse, analysesOf, buildOf, hostileApp } from './hostile-app.ts'
import { hostileKinds } from './hostile-kinds.ts'

async function startedApp(options: Parameters<typeof hostileApp>[0] = {}): Promise<TestApp> {
  const app = await hostileApp(options)
  await app.deps.runner.start()
  return app
}

const analysed = (app: TestApp, uuid: string) =>
  app.deps.db.build.findUniqueOrThrow({ where: { uuid }, select: analysedColumns })

test('a build that is uploaded has its analyses waiting, and then their results', async () => {
  const app = await hostileApp()
  const record = sampleRecord()
  await app.upload(record)
  const waiting = await analysesOf(app, record.uuid)
  expect(waiting).toMatchObject([
    { kind: 'SOLO5', state: 'PENDING', version: null, attempts: 0, inputSha256: sha256('a unikernel') },
    { kind: 'DEPENDENCIES', state: 'PENDING', error: null, startedAt: null, finishedAt: null },
  ])
  await app.deps.runner.start()
  await app.deps.runner.settled()
  expect(await analysesOf(app, record.uuid)).toMatchObject([
    { kind: 'SOLO5', state: 'READY', version: 1, attempts: 1, error: null, id: waiting[0].id },
    { kind: 'DEPENDENCIES', state: 'READY' },
  ])
  const build = await analysed(app, record.uuid)
  expect(await loadSummary({ ...app.deps }, 'SOLO5', z.unknown(), build)).toEqual({ bytes: 11 })
  expect(await loadResult({ ...app.deps }, 'SOLO5', z.unknown(), build)).toEqual({ bytes: 11, deed: null })
  expect(await loadResult({ ...app.deps }, 'FAILURE', z.unknown(), build)).toBeNull()
})

test.each([
  ['hangs', 'hang', /^it takes longer than 0\.5 s; it was tried 3 times$/, 3],
  ['fills the heap', 'objects', /^it takes more than 64 MiB of memory; it was tried 3 times$/, 3],
  [
    'fills memory beside the heap',
    'bytes',
    /^it takes more than 400 MiB of memory; it was tried 3 times$/,
    3,
  ],
  ['ends its process', 'exit', /^its process ended: status 3; it was tried 3 times$/, 3],
  ['kills its process', 'kill', /^its process ended: SIGKILL; it was tried 3 times$/, 3],
  ['has a bug', 'throw', /^the analysis has a bug: TypeError: a slip of the programmer$/, 1],
  ['is malformed', 'malformed', /^malformed sample at byte 7: bad byte$/, 1],
  ['has a large result', 'large', /^the result has more than 16 MiB$/, 1],
  ['is too large', 'x'.repeat(1_001), /^it has 1 MiB: at most 1 MiB are read$/, 1],
])('an input that %s fails, and the server goes on', async (_name, binary, reason, attempts) => {
  const app = await startedApp(binary === 'hang' ? { maxCpuMs: 500 } : {})
  const failed = await analyse(app, binary)
  expect(failed).toMatchObject({
    state: 'FAILED',
    attempts,
    version: 1,
    error: expect.stringMatching(reason),
  })
  expect(await analyse(app, 'harmless')).toMatchObject({ state: 'READY' })
})

test('builds that share an input share the run', async () => {
  const app = await startedApp()
  const log = join(temporaryDir(), 'runs')
  const records = [1, 2, 3].map((n) => buildOf(`run:${log}`, { uuid: uuidOf(n), job: `job-${n}` }))
  await receiveAll(app, records)
  await app.deps.runner.settled()
  await receiveAll(app, [buildOf(`run:${log}`, { uuid: uuidOf(4) })])
  await app.deps.runner.settled()
  expect(readFileSync(log, 'utf8').trim().split('\n')).toHaveLength(1)
  for (const n of [1, 4]) expect(await analysesOf(app, uuidOf(n))).toMatchObject([{ state: 'READY' }])
})

test('builds that were stored before a kind was there are found, also those of a page first', async () => {
  const app = await hostileApp()
  const { db, writer } = app.deps
  await receiveAll(
    app,
    Array.from({ length: 450 }, (_, n) => buildOf(`binary ${n}`, { uuid: uuidOf(n) })),
  )
  await writer.transact([], (tx) => tx.queuedTask.deleteMany())
  expect(await analysesOf(app, uuidOf(3))).toMatchObject([{ state: 'PENDING', attempts: 0 }])
  await app.deps.runner.start()
  await app.deps.runner.settled()
  expect(await db.queuedTask.count({ where: { kind: 'SOLO5', state: 'DONE' } })).toBe(450)
  expect(
    await db.queuedTask.findMany({ where: { kind: { startsWith: 'BACKFILL' } }, orderBy: { kind: 'asc' } }),
  ).toMatchObject(
    Object.keys(hostileKinds())
      .sort()
      .map((kind) => ({ kind: `BACKFILL_${kind}`, state: 'DONE', version: 1 })),
  )
})

test('builds are analysed without a request when uploads pause', async () => {
  const app = await startedApp()
  const finished = new Promise<void>((resolve) => app.deps.changes.on(['analyses'], resolve))
  const record = buildOf('a binary')
  await app.upload(record)
  await finished
  expect(await analysesOf(app, record.uuid)).toMatchObject([{ kind: 'SOLO5', state: 'READY' }])
})

test('a console is the input of a failed build', async () => {
  const app = await startedApp()
  const record = sampleRecord({ result: { kind: 'exited', code: 1n }, artifacts: [file('a', 'b')] })
  await receiveAll(app, [record])
  await app.deps.runner.settled()
  expect(await analysesOf(app, record.uuid)).toMatchObject([{ kind: 'FAILURE', state: 'READY' }])
})
