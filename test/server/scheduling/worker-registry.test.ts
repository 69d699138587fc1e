import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Deps } from '../../../server/deps.ts'
import { readRunDefinition } from '../../../server/scheduling/definition.ts'
import { workerRegistry } from '../../../server/scheduling/worker-registry.ts'
import { testApp, type TestApp } from '../../app.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { actAt, add, emptySchedule, opamJob, scriptJob, writeTemplate } from './scheduling-site.ts'
import { connect, workerNamed, workOnce } from './work.ts'

const clock = fakeClock()
let app: TestApp
let deps: Deps

beforeAll(async () => {
  app = await testApp({ keep: true, clock })
  deps = app.deps
  await deps.scheduler.start()
})
afterAll(() => app.close())
beforeEach(() => emptySchedule(deps))

const now = () => actAt(clock.now())
const removeRow = (name: string) =>
  deps.writer.transact(['runs'], (tx) => tx.buildWorker.deleteMany({ where: { name } }))
const namesOfRows = async () =>
  (await deps.db.buildWorker.findMany({ orderBy: { id: 'asc' } })).map(({ name }) => name)

test('a worker whose row was removed gets one again when it connects, and runs', async () => {
  const before = await connect(deps, 'removed', 'plan9')
  await removeRow('removed')
  await before.close()
  const link = await connect(deps, 'removed', 'plan9')
  const { runs } = await add(deps, scriptJob('again', 'plan9'), now())
  expect((await workOnce(link)).uuid).toBe(runs[0])
  expect(await deps.db.buildWorker.count({ where: { name: 'removed' } })).toBe(1)
  await link.close()
})

test('a worker that stays connected while its row is removed gets another row, and its run', async () => {
  const link = await connect(deps, 'stays', 'plan9')
  await removeRow('stays')
  const { runs } = await add(deps, scriptJob('stays', 'plan9'), now())
  const worked = workOnce(link)
  // The database refuses the first claim: the dispatcher makes the row anew, and tries again.
  const ticking = setInterval(() => clock.advance(500), 5)
  try {
    expect((await worked).uuid).toBe(runs[0])
  } finally {
    clearInterval(ticking)
  }
  const row = await deps.db.buildWorker.findUniqueOrThrow({
    where: { name: 'stays' },
    include: { tries: true },
  })
  expect(row).toMatchObject({ platform: 'plan9', connections: 1, tries: [{ uuid: runs[0] }] })
  await link.close()
})

test('a run that cannot be read fails with the reason, and is in nobody’s way', async () => {
  const { runs } = await add(deps, scriptJob('unreadable', 'plan9'), now())
  const { runs: scriptless } = await add(deps, scriptJob('scriptless', 'plan9', 'echo gone'), now())
  const { runs: whole } = await add(deps, scriptJob('whole', 'plan9'), now())
  await deps.writer.transact([], async (tx) => {
    await tx.run.update({ where: { uuid: runs[0] ?? '' }, data: { definition: '{}' } })
    const run = await tx.run.findUniqueOrThrow({ where: { uuid: scriptless[0] ?? '' } })
    const { work } = readRunDefinition(run.definition)
    if (work.kind === 'SCRIPT') await tx.runScript.delete({ where: { sha256: work.scriptSha256 } })
  })
  const link = await connect(deps, 'reader', 'plan9')
  const worked = workOnce(link)
  // Each claim that finds such a run alone gives nothing: the dispatcher looks again when it is woken.
  const ticking = setInterval(() => clock.advance(5_000), 20)
  try {
    expect((await worked).uuid).toBe(whole[0])
  } finally {
    clearInterval(ticking)
  }
  for (const uuid of [runs[0], scriptless[0]])
    expect(await deps.db.run.findUniqueOrThrow({ where: { uuid: uuid ?? '' } })).toMatchObject({
      ...{ state: 'FAILED', queueKey: null },
      error: expect.stringMatching(/^the hub cannot read what it builds: /) as string,
    })
  await link.close()
})

test('of workers that went away, only so many are remembered; those that are there, and those with a try, stay', async () => {
  await deps.writer.transact([], (tx) => tx.buildWorker.deleteMany())
  const workers = workerRegistry(deps, { maxWorkers: 3 })
  await workers.connect(workerNamed('there', 'plan9'))
  for (const name of ['w1', 'w2', 'w3', 'w4', 'w5', 'w6']) {
    clock.advance(1)
    const { id } = await workers.connect(workerNamed(name, 'plan9'))
    workers.disconnect(name)
    await workers.close()
    if (name !== 'w2') continue
    const { runs } = await add(deps, scriptJob('away', 'plan9'), now())
    const run = await deps.db.run.findUniqueOrThrow({ where: { uuid: runs[0] ?? '' } })
    await deps.writer.transact([], (tx) =>
      tx.runTry.create({
        data: {
          ...{ runId: run.id, number: 1, uuid: run.uuid, workerId: id, workerName: name, address: '' },
          ...{ scriptSha256: '0'.repeat(64), state: 'RUNNING', deadlineAt: clock.now() },
          assignedAt: clock.now(),
        },
      }),
    )
  }
  // One more than the limit: the newest is added after the others were counted.
  expect(await namesOfRows()).toEqual(['there', 'w2', 'w5', 'w6'])
  expect(workers.countOf('plan9')).toBe(1)
})

test('a template that changes in its file counts from the next second on', async () => {
  writeTemplate(deps, 'plan9', 'first %%OPAM_PACKAGE%%\n')
  // Each change of a schedule has the templates read again, too.
  for (const job of ['one', 'two', 'three', 'four']) await add(deps, opamJob(job), now())
  const link = await connect(deps, 'templates', 'plan9')
  const nextScript = async () => Buffer.from((await workOnce(link)).script).toString()
  expect(await nextScript()).toBe('first one\n')
  writeTemplate(deps, 'plan9', 'second: %%OPAM_PACKAGE%%\n')
  expect(await nextScript()).toBe('first two\n')
  clock.advance(1_000)
  expect(await nextScript()).toBe('second: three\n')
  clock.advance(1_000)
  expect(await nextScript()).toBe('second: four\n')
  await link.close()
})
