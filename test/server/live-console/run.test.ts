import { beforeAll, beforeEach, expect, test } from 'vitest'
import { testApp, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { addRun, addTry, setRun, setTry } from './run-site.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ keep: true })
  return app.close
})
beforeEach(() => app.deps.writer.transact(['runs'], (tx) => tx.run.deleteMany()))

const whole = `query ($uuid: UUID!) { run(uuid: $uuid) {
  uuid jobName platformName state cause requestedBy reason priority queuedAt notBefore startedAt endedAt error
  timeoutSeconds url resourcePath medianDurationMs waiting { ahead reason } build { uuid job { name } }
  tries { number uuid state ending workerName assignedAt startedAt endedAt deadlineAt leaseUntil error }
} }`

test('a run is found by its UUID and by that of each try, in few statements', async () => {
  for (const [n, seconds] of [60, 240, 120].entries()) {
    const startedAt = new Date(Date.UTC(2026, 10, 1 + n))
    const finishedAt = new Date(startedAt.getTime() + seconds * 1_000)
    expect(
      (await app.upload(sampleRecord({ job: 'hello', platform: 'debian-12', startedAt, finishedAt }))).status,
    ).toBe(201)
  }
  const uuid = await addRun(app)
  await addTry(app, uuid)
  await setTry(app, uuid, { state: 'ENDED', ending: 'PUT_BACK', error: 'the connection is gone' })
  const second = await addTry(app, uuid)
  await app.upload(
    sampleRecord({ uuid: second, job: 'hello', platform: 'debian-12', result: { kind: 'exited', code: 1n } }),
  )
  await setTry(app, second, { state: 'ENDED', ending: 'STORED' })
  await setRun(app, uuid, 'DONE')
  app.takeQueries()
  const { data, errors } = await app.graphql(whole, { uuid: second })
  expect(errors).toBeUndefined()
  const statements = app.takeQueries()
  expect(statements.length).toBeLessThanOrEqual(9)
  expect(data.run).toEqual({
    ...{ uuid, jobName: 'hello', platformName: 'debian-12', state: 'DONE', cause: 'REQUEST' },
    ...{ requestedBy: null, reason: null, priority: 0, notBefore: null, endedAt: null, error: null },
    ...{ queuedAt: '2026-11-30T10:00:00.000Z', startedAt: '2026-11-30T10:01:00.000Z', timeoutSeconds: 3_600 },
    ...{ url: `${app.url}/runs/${uuid}`, resourcePath: `/runs/${uuid}`, waiting: null },
    medianDurationMs: 120_000,
    build: { uuid: second, job: { name: 'hello' } },
    tries: [
      expect.objectContaining({ number: 1, uuid, ending: 'PUT_BACK', error: 'the connection is gone' }),
      expect.objectContaining({
        number: 2,
        uuid: second,
        state: 'ENDED',
        ending: 'STORED',
        workerName: 'worker-2',
      }),
    ],
  })
  expect((await app.graphql(whole, { uuid })).data.run.uuid).toBe(uuid)
  expect((await app.graphql(whole, { uuid: '0'.repeat(8) + uuid.slice(8) })).data).toEqual({ run: null })
})

test('an answer that shows a run is forgotten when runs change', async () => {
  const uuid = await addRun(app)
  const state = async () => (await app.graphql(whole, { uuid })).data.run.state
  expect(await state()).toBe('QUEUED')
  app.takeQueries()
  expect(await state()).toBe('QUEUED')
  expect(app.takeQueries()).toEqual([])
  await setRun(app, uuid, 'CANCELLED')
  expect(await state()).toBe('CANCELLED')
})

test('a queued run has a place, and a reason why it waits', async () => {
  const { writer } = app.deps
  const waiting = async (uuid: string) => (await app.graphql(whole, { uuid })).data.run.waiting
  const platform = 'freebsd-14'
  const first = await addRun(app, { job: 'a', platform, position: 5 })
  const second = await addRun(app, { job: 'b', platform, position: 7 })
  await addRun(app, { job: 'a', platform: 'other', position: 1 })
  expect(await waiting(second)).toEqual({ ahead: 1, reason: 'NO_WORKER' })
  const now = new Date()
  const worker = {
    protocol: 'HUB',
    software: 'test',
    address: '127.0.0.1',
    connectedAt: now,
    lastSeenAt: now,
  }
  await writer.transact(['runs'], (tx) =>
    tx.buildWorker.create({ data: { ...worker, name: 'w', platform, slots: 1, connections: 1 } }),
  )
  expect(await waiting(second)).toEqual({ ahead: 1, reason: 'NEXT' })
  await setRun(app, first, 'RUNNING')
  expect(await waiting(second)).toEqual({ ahead: 0, reason: 'WORKERS_BUSY' })
  await writer.transact(['schedule'], (tx) =>
    tx.platformQueue.create({ data: { platform, isPaused: true, createdAt: now } }),
  )
  expect(await waiting(second)).toEqual({ ahead: 0, reason: 'QUEUE_PAUSED' })
})
