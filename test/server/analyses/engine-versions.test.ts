import { expect, test } from 'vitest'
import { z } from 'zod'
import { createAnalyses } from '../../../server/analyses/analyses.ts'
import { analysisHandlers } from '../../../server/analyses/analysis-handlers.ts'
import { defineKind, type KindRegistry } from '../../../server/analyses/kind.ts'
import { findAnalyses, loadResult, loadSummary, stateOf } from '../../../server/analyses/load-analyses.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import type { TestApp } from '../../app.ts'
import { receiveAll, sha256, uuidOf } from '../graphql-site.ts'
import { analysesOf, buildOf, hostileApp } from './hostile-app.ts'
import { hostileKinds } from './hostile-kinds.ts'
import { hostileWorkers } from './hostile-workers.ts'

const binaries = ['one', 'two', 'three', 'four', 'five']

/** A site whose analyses were made by version 1. */
async function siteOfVersion1(): Promise<TestApp> {
  const app = await hostileApp()
  await receiveAll(
    app,
    binaries.map((binary, n) => buildOf(binary, { uuid: uuidOf(n) })),
  )
  await app.deps.runner.start()
  await app.deps.runner.settled()
  await app.deps.runner.close()
  return app
}

/** Another release on the same data. One run at a time, so that their order shows. */
function nextRelease({ deps }: TestApp, kinds: KindRegistry) {
  const options = { kinds, workers: hostileWorkers(), slots: 1, retryPauseMs: 10 }
  const runner = createTaskRunner(deps, analysisHandlers(deps, options), { drainMs: 0 })
  return { runner, analyses: createAnalyses({ ...deps, runner }, kinds) }
}

const keyOf = (binary: string) => ({ kind: 'SOLO5' as const, inputSha256: sha256(binary), debugSha256: '' })

test('a newer version runs all analyses again, and old results are shown until then', async () => {
  const app = await siteOfVersion1()
  const { runner, analyses } = nextRelease(app, hostileKinds(2))
  const context = { db: app.deps.db, analyses }
  const [before] = await findAnalyses(context, [keyOf('three')])
  expect(before).toMatchObject({ row: { version: 1, state: 'DONE' } })
  expect(before && stateOf(analyses.kinds, before)).toBe('READY')
  await runner.start()
  await runner.settled()
  await runner.close()
  const after = await findAnalyses(context, binaries.map(keyOf))
  expect(after.map(({ row }) => row)).toMatchObject(
    binaries.map(() => ({ version: 2, state: 'DONE', attempts: 1 })),
  )
})

test('a newer version looks at all builds again: it may find other inputs', async () => {
  const app = await siteOfVersion1()
  const { SOLO5, DEPENDENCIES } = hostileKinds(2)
  if (!SOLO5 || !DEPENDENCIES) throw new Error('no kind')
  // The builds have no switch: version 1 found nothing to analyse.
  const { runner } = nextRelease(app, { DEPENDENCIES: { ...DEPENDENCIES, inputOf: SOLO5.inputOf } })
  await runner.start()
  await runner.settled()
  await runner.close()
  const rows = await app.deps.db.queuedTask.findMany({ where: { kind: 'DEPENDENCIES' } })
  expect(rows.map(({ key }) => key).sort()).toEqual(binaries.map(sha256).sort())
})

test('outdated analyses that pages show run again first', async () => {
  const app = await siteOfVersion1()
  const { runner, analyses } = nextRelease(app, hostileKinds(2))
  const context = { db: app.deps.db, analyses }
  for (const binary of ['five', 'two', 'four']) await findAnalyses(context, [keyOf(binary)])
  await runner.start()
  await runner.settled()
  await runner.close()
  const rows = await app.deps.db.queuedTask.findMany({
    where: { kind: 'SOLO5' },
    orderBy: { startedAt: 'asc' },
  })
  const order = rows.map(({ key }) => binaries.find((one) => sha256(one) === key))
  expect(order.slice(0, 3).sort()).toEqual(['five', 'four', 'two'])
})

test('a result whose shape a newer version cannot read is as good as none', async () => {
  const app = await siteOfVersion1()
  const { SOLO5 } = hostileKinds(2)
  if (!SOLO5) throw new Error('no kind')
  const { analyses } = nextRelease(app, { SOLO5: { ...SOLO5, readableSince: 2 } })
  const [facts] = await findAnalyses({ db: app.deps.db, analyses }, [keyOf('one')])
  expect(facts && stateOf(analyses.kinds, facts)).toBe('PENDING')
})

test('a newer version that fails takes the older result away', async () => {
  const app = await hostileApp()
  await receiveAll(app, [buildOf('malformed', { uuid: uuidOf(1) })])
  const old = { resultSha256: sha256('old'), state: 'DONE', version: 1, attempts: 1 }
  await app.deps.writer.transact([], (tx) =>
    tx.queuedTask.updateMany({ where: { kind: 'SOLO5' }, data: old }),
  )
  const { runner } = nextRelease(app, hostileKinds(2))
  await runner.start()
  await runner.settled()
  await runner.close()
  expect(await app.deps.db.queuedTask.findFirst({ where: { kind: 'SOLO5' } })).toMatchObject({
    ...{ state: 'FAILED', version: 2, resultSha256: null, error: 'malformed sample at byte 7: bad byte' },
  })
})

test('a lost result is computed again', async () => {
  const app = await hostileApp()
  await receiveAll(app, [buildOf('fine', { uuid: uuidOf(1) })])
  await app.deps.runner.start()
  await app.deps.runner.settled()
  const { writer } = app.deps
  await writer.transact([], (tx) =>
    tx.queuedTask.updateMany({ where: { kind: 'SOLO5' }, data: { resultSha256: sha256('nobody has this') } }),
  )
  const build = { ...noInputs, mainBinarySha256: sha256('fine') }
  expect(await loadResult({ ...app.deps }, 'SOLO5', z.unknown(), build)).toBeNull()
  await app.deps.runner.settled()
  expect(await loadResult({ ...app.deps }, 'SOLO5', z.unknown(), build)).toMatchObject({ bytes: 4 })
  expect(await analysesOf(app, uuidOf(1))).toMatchObject([{ state: 'READY', attempts: 1 }])
})

const noInputs = {
  status: 'SUCCEEDED',
  mainBinarySha256: null,
  debugBinarySha256: null,
  opamSwitchSha256: null,
  consoleSha256: sha256(''),
  consoleIndexSha256: sha256(''),
}

test('a kind that only another release knows is left alone', async () => {
  const app = await hostileApp()
  await receiveAll(app, [buildOf('fine', { uuid: uuidOf(1) })])
  const other = defineKind({
    ...{ version: 1, description: 'another', inputOf: () => null },
    ...{ maxInputBytes: 1, maxCpuMs: 1, analyse: () => null },
  })
  const { runner } = nextRelease(app, { FAILURE: other })
  await runner.start()
  await runner.settled()
  await runner.close()
  expect(await app.deps.db.queuedTask.findMany({ where: { kind: 'SOLO5' } })).toMatchObject([
    { kind: 'SOLO5', state: 'PENDING', attempts: 0 },
  ])
})

test('a result without the shape of its kind is computed again', async () => {
  const app = await hostileApp()
  await receiveAll(app, [buildOf('fine', { uuid: uuidOf(1) })])
  await app.deps.runner.start()
  await app.deps.runner.settled()
  const { blobs, writer } = app.deps
  const other = await blobs.stage(
    (async function* () {
      yield Buffer.from('{"bytes":"four"}')
    })(),
  )
  await blobs.commit([other])
  const damaged = { resultSha256: other.id, summary: '{"bytes":' }
  await writer.transact([], (tx) => tx.queuedTask.updateMany({ where: { kind: 'SOLO5' }, data: damaged }))
  const build = { ...noInputs, mainBinarySha256: sha256('fine') }
  const shape = z.object({ bytes: z.number() })
  expect(await loadSummary({ ...app.deps }, 'SOLO5', shape, build)).toBeNull()
  await app.deps.runner.settled()
  await writer.transact([], (tx) => tx.queuedTask.updateMany({ where: { kind: 'SOLO5' }, data: damaged }))
  expect(await loadResult({ ...app.deps }, 'SOLO5', shape, build)).toBeNull()
  await app.deps.runner.settled()
  expect(await loadResult({ ...app.deps }, 'SOLO5', shape, build)).toMatchObject({ bytes: 4 })
  expect(await loadSummary({ ...app.deps }, 'SOLO5', shape, build)).toMatchObject({ bytes: 4 })
})

test('a result that was replaced meanwhile is not computed again', async () => {
  const app = await hostileApp()
  await receiveAll(app, [buildOf('fine', { uuid: uuidOf(1) })])
  await app.deps.runner.start()
  await app.deps.runner.settled()
  const before = await app.deps.db.queuedTask.findFirst({ where: { kind: 'SOLO5' } })
  // A page saw the content of an older result missing.
  app.deps.analyses.remake(keyOf('fine'), sha256('older'))
  // What was asked of the writer before has been done.
  await app.deps.writer.transact([], () => Promise.resolve())
  await app.deps.runner.settled()
  expect(await app.deps.db.queuedTask.findFirst({ where: { kind: 'SOLO5' } })).toEqual(before)
})
