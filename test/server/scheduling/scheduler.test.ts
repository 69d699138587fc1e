import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Deps } from '../../../server/deps.ts'
import type { UserId } from '../../../server/ids.ts'
import { MalformedError } from '../../../server/errors.ts'
import { createScheduler } from '../../../server/scheduling/create-scheduler.ts'
import { TryOverError } from '../../../server/scheduling/errors.ts'
import { runJob } from '../../../server/scheduling/run-job.ts'
import { cancelRun, findRun } from '../../../server/scheduling/runs.ts'
import { removeSchedule, reschedule } from '../../../server/scheduling/schedules.ts'
import { testApp, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { actAt, add, emptySchedule, opamJob, queueOf, scriptJob, writeTemplate } from './scheduling-site.ts'
import { connect, exited, files, patience, soon, workerNamed, workOnce } from './work.ts'

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
/** Time passes until something has happened: the timer may be looking just now. */
async function pass<Value>(ms: number, until: Promise<Value>): Promise<Value> {
  clock.advance(ms)
  const ticking = setInterval(() => clock.advance(10), 10)
  try {
    return await until
  } finally {
    clearInterval(ticking)
  }
}

const runOf = async (uuid: string) => {
  const run = await findRun(deps.db, uuid)
  if (!run) throw new Error(`no run ${uuid}`)
  return run
}

test('a worker gets a run, and what it makes is a build like an uploaded one', async () => {
  const { runs } = await add(deps, scriptJob('hello', 'debian-12', 'echo built'), now())
  const link = await connect(deps)
  const attempt = await workOnce(link, { output: { 'bin/hello': 'a unikernel', 'system-packages': 'gcc' } })
  expect(attempt).toMatchObject({ uuid: runs[0], runUuid: runs[0], job: 'hello', timeoutMs: 3_600_000 })
  expect(Buffer.from(attempt.script).toString()).toBe('#!/bin/sh\necho built\n')
  const build = await deps.db.build.findUniqueOrThrow({
    where: { uuid: attempt.uuid },
    include: { artifacts: true, job: true },
  })
  expect(build).toMatchObject({ status: 'SUCCEEDED', consoleLineCount: 1, uploaderId: null })
  expect(build.artifacts.map(({ path }) => path).sort()).toEqual(['bin/hello', 'system-packages'])
  expect(await runOf(attempt.uuid)).toMatchObject({
    ...{ state: 'DONE', tryCount: 1, error: null },
    tries: [{ number: 1, state: 'ENDED', ending: 'STORED', workerName: 'worker', lineCount: 1 }],
  })
  expect(await deps.db.event.count({ where: { build: attempt.uuid, type: 'build.stored' } })).toBe(1)
  expect(deps.consoles.find(attempt.uuid)).toBeNull()
  await link.close()
})

test('a build that fails is stored, and ends its run as FAILED', async () => {
  await add(deps, scriptJob('broken', 'debian-12'), now())
  const link = await connect(deps)
  const { uuid } = await workOnce(link, { result: exited(1) })
  expect(await runOf(uuid)).toMatchObject({ state: 'FAILED', tries: [{ ending: 'STORED' }] })
  await link.close()
})

test('a worker that waits is woken by what is queued, whoever queues it', async () => {
  const link = await connect(deps)
  const waiting = link.request(soon())
  await add(deps, scriptJob('late', 'debian-12'), now())
  const { uuid } = await waiting
  expect(await runOf(uuid)).toMatchObject({ job: 'late', state: 'ASSIGNED' })
  await link.started(uuid)
  expect(await runOf(uuid)).toMatchObject({ state: 'RUNNING', tries: [{ state: 'RUNNING' }] })
  await link.finish(uuid, exited(0), files())
  await link.close()
})

test('a worker of a new platform gets all that fits; one without a template waits', async () => {
  await add(deps, opamJob('albatross'), now())
  const given = new AbortController()
  const without = await connect(deps, 'without', 'netbsd-10')
  const waits = without.request(given.signal)
  writeTemplate(deps, 'freebsd-14')
  const link = await connect(deps, 'bsd', 'freebsd-14')
  const attempt = await workOnce(link)
  expect(Buffer.from(attempt.script).toString()).toBe('orb albatross freebsd-14\n')
  given.abort(new Error('enough'))
  await expect(waits).rejects.toThrow('enough')
  expect(await queueOf(deps, 'netbsd-10')).toEqual([])
  await link.close()
  await without.close()
})

test('the run of a builder-worker that dies waits again at the end, with another UUID, until its tries are used up', async () => {
  const { runs } = await add(deps, { ...scriptJob('long', 'debian-12'), maxTries: 2 }, now())
  await add(deps, scriptJob('other', 'debian-12'), now())
  const first = await connect(deps, 'first')
  const { uuid } = await first.request(soon())
  await first.lost(uuid, 'communication failure end of file')
  await first.close()
  expect(await queueOf(deps, 'debian-12')).toEqual(['other', 'long'])
  expect(await runOf(uuid)).toMatchObject({ state: 'QUEUED', error: 'communication failure end of file' })
  const second = await connect(deps, 'second')
  await workOnce(second)
  const again = await second.request(soon())
  expect(again.uuid).not.toBe(uuid)
  expect(again.runUuid).toBe(runs[0])
  await second.close()
  expect(await runOf(uuid)).toMatchObject({
    state: 'LOST',
    error: 'the connection of its worker ended; it was given up after 2 tries',
    tries: [
      { number: 1, ending: 'PUT_BACK', workerName: 'first' },
      { number: 2, ending: 'LOST', workerName: 'second' },
    ],
  })
})

test("the hub's own workers come back and go on; those that don't lose their run after a minute", async () => {
  const { runs } = await add(deps, scriptJob('steady', 'debian-12'), now())
  const first = await connect(deps, 'own', 'debian-12', 'HUB')
  const { uuid } = await first.request(soon())
  await first.console(uuid).append([{ deltaNs: 1n, text: Buffer.from('one') }])
  await first.close()
  expect(await runOf(uuid)).toMatchObject({ state: 'ASSIGNED', tries: [{ state: 'ASSIGNED' }] })
  const second = await connect(deps, 'own', 'debian-12', 'HUB')
  expect(await second.resume(uuid)).toMatchObject({ attempt: { uuid, runUuid: runs[0] }, lineCount: 1 })
  expect(() => first.console(uuid)).toThrow(TryOverError)
  await second.close()
  clock.advance(59_000)
  const stranger = await connect(deps, 'stranger', 'debian-12', 'HUB')
  expect(await stranger.resume(uuid)).toBeNull()
  await pass(
    2_000,
    vi.waitFor(async () => expect((await runOf(uuid)).state).toBe('QUEUED'), patience),
  )
  const third = await connect(deps, 'own', 'debian-12', 'HUB')
  expect(await third.resume(uuid)).toBeNull()
  await workOnce(third)
  expect(await runOf(uuid)).toMatchObject({ state: 'DONE', tryCount: 2 })
  await third.close()
  await stranger.close()
})

test('a worker of the same name with the token of another user does not go on with a run, nor after a restart', async () => {
  await add(deps, scriptJob('whose', 'debian-12'), now())
  const [alice, mallory] = [7 as UserId, 8 as UserId]
  const of = (userId: UserId | null) => ({ ...workerNamed('own', 'debian-12', 'HUB'), userId })
  const first = await deps.scheduler.connect(of(alice))
  const { uuid } = await first.request(soon())
  await first.close()
  const next = createScheduler(deps)
  await next.start()
  for (const scheduler of [deps.scheduler, next])
    for (const userId of [mallory, null]) {
      const stranger = await scheduler.connect(of(userId))
      expect(await stranger.resume(uuid)).toBeNull()
      await stranger.close()
    }
  const back = await next.connect(of(alice))
  expect(await back.resume(uuid)).toMatchObject({ attempt: { uuid } })
  await back.finish(uuid, exited(0), files())
  await back.close()
  await next.close()
})

test('setting the clock of the machine neither ends a run nor keeps it, and is not part of how long it took', async () => {
  await add(deps, { ...scriptJob('tidal', 'debian-12'), timeoutSeconds: 100, maxTries: 1 }, now())
  const link = await connect(deps, 'own', 'debian-12', 'HUB')
  const first = await link.request(soon())
  clock.set(5 * 3_600_000)
  // The timer has looked at what is to be ended.
  const looked = vi.spyOn(clock, 'after')
  clock.advance(60_000)
  await vi.waitFor(() => expect(looked).toHaveBeenCalled(), patience)
  looked.mockRestore()
  expect((await runOf(first.uuid)).state).toBe('ASSIGNED')
  await link.finish(first.uuid, exited(0), files())
  const build = await deps.db.build.findUniqueOrThrow({ where: { uuid: first.uuid } })
  expect(Number(build.finishedAt) - Number(build.startedAt)).toBe(60_000)

  await runJob(deps, now(), { job: 'tidal' })
  const second = await link.request(soon())
  const stopped = new Promise((resolve) => link.onStop(second.uuid, resolve))
  clock.set(-5 * 3_600_000)
  expect(await pass(160_000, stopped)).toMatchObject({ kind: 'TIMED_OUT' })
  await expect.poll(async () => (await runOf(second.uuid)).state, patience).toBe('FAILED')
  await link.close()
})

test('a job does not run twice at once on a platform, unless it may', async () => {
  await add(deps, scriptJob('single', 'debian-12'), now())
  const [first, second] = [await connect(deps, 'one'), await connect(deps, 'two')]
  const { uuid } = await first.request(soon())
  await runJob(deps, now(), { job: 'single' })
  const waiting = second.request(soon())
  await add(deps, { ...scriptJob('double', 'debian-12'), maxParallel: 2 }, now())
  const double = await waiting
  expect(double.job).toBe('double')
  expect(await queueOf(deps, 'debian-12')).toEqual(['single'])
  await first.finish(uuid, exited(0), files())
  const again = await first.request(soon())
  expect(again.job).toBe('single')
  await first.close()
  await second.close()
})

test('a run that is cancelled stops its worker, and leaves no build', async () => {
  await add(deps, scriptJob('wrong', 'debian-12'), now())
  const link = await connect(deps)
  const { uuid } = await link.request(soon())
  const stopped = new Promise((resolve) => link.onStop(uuid, resolve))
  const followed = collect(deps.consoles.find(uuid)?.follow(0, soon()))
  await cancelRun(deps, now(), { uuid, reason: 'a mistake' })
  expect(await stopped).toEqual({ kind: 'CANCELLED', message: 'cancelled by operator: a mistake' })
  await expect(link.finish(uuid, exited(0), files())).rejects.toThrow(TryOverError)
  await followed
  expect(await runOf(uuid)).toMatchObject({ state: 'CANCELLED', tries: [{ ending: 'CANCELLED' }] })
  expect(await deps.db.build.count({ where: { uuid } })).toBe(0)
  await link.close()
})

async function collect<Item>(items: AsyncIterable<Item> = (async function* () {})()): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

test('what is printed until the time is over becomes a build, and the run has another try', async () => {
  await add(deps, { ...scriptJob('slow', 'debian-12'), timeoutSeconds: 100, maxTries: 2 }, now())
  const link = await connect(deps)
  for (const [attemptNumber, state] of [
    [1, 'QUEUED'],
    [2, 'FAILED'],
  ] as const) {
    const { uuid } = await link.request(soon())
    await link.console(uuid).append([{ deltaNs: 1n, text: Buffer.from('so far') }])
    const stopped = new Promise((resolve) => link.onStop(uuid, resolve))
    expect(await pass(160_000, stopped)).toEqual({ kind: 'TIMED_OUT', message: 'timeout' })
    await expect.poll(async () => (await runOf(uuid)).state).toBe(state)
    expect((await runOf(uuid)).tries).toHaveLength(attemptNumber)
    const build = await deps.db.build.findUniqueOrThrow({ where: { uuid } })
    expect(build).toMatchObject({ resultKind: 'ABORTED', consoleLineCount: 1 })
    expect(Buffer.from(build.resultMessage ?? []).toString()).toBe('timeout')
  }
  await link.close()
})

test('files that no build may have end the run without a build', async () => {
  await add(deps, scriptJob('abs', 'debian-12'), now())
  const link = await connect(deps)
  const { uuid } = await link.request(soon())
  await expect(link.finish(uuid, exited(0), files({ '../../etc/passwd': 'x' }))).rejects.toThrow(
    MalformedError,
  )
  expect(await runOf(uuid)).toMatchObject({ state: 'FAILED', tries: [{ ending: 'LOST' }] })
  expect((await runOf(uuid)).error).toContain('contains ".."')
  await link.close()
})

test('a connection that breaks while files come puts the run back', async () => {
  await add(deps, scriptJob('cut', 'debian-12'), now())
  const link = await connect(deps)
  const { uuid } = await link.request(soon())
  const broken = (async function* () {
    yield* files({ 'bin/cut': 'x' })
    throw new Error('reset by peer')
  })()
  await expect(link.finish(uuid, exited(0), broken)).rejects.toThrow('broke off')
  await link.lost(uuid, 'reset by peer')
  expect(await runOf(uuid)).toMatchObject({ state: 'QUEUED', error: 'reset by peer' })
  await link.close()
})

test('schedules come when their time has come, once, however often it has passed', async () => {
  await add(deps, { ...scriptJob('hourly', 'debian-12'), period: 'HOURLY' }, now())
  const link = await connect(deps)
  await workOnce(link)
  const { nextAt } = await deps.db.schedule.findUniqueOrThrow({ where: { job: 'hourly' } })
  const { uuid } = await pass(3_600_000 * 5 + 1_000, link.request(soon()))
  await link.finish(uuid, exited(0), files())
  expect(await queueOf(deps, 'debian-12')).toEqual([])
  const after = await deps.db.schedule.findUniqueOrThrow({ where: { job: 'hourly' } })
  expect(Number(after.nextAt) - Number(nextAt)).toBe(3_600_000 * 5)
  await reschedule(deps, now(), { job: 'hourly', nextAt: new Date(clock.now().getTime() + 5_000) })
  const next = await pass(5_000, link.request(soon()))
  await link.finish(next.uuid, exited(0), files())
  await link.close()
})

test('a run whose job was unscheduled goes on, and is not put back', async () => {
  await add(deps, scriptJob('gone', 'debian-12'), now())
  const link = await connect(deps)
  const { uuid } = await link.request(soon())
  await removeSchedule(deps, now(), { job: 'gone' })
  await link.lost(uuid, 'end of file')
  expect(await runOf(uuid)).toMatchObject({ state: 'CANCELLED', tries: [{ ending: 'LOST' }] })
  await link.close()
})

test("after a restart, the runs of builder's workers are put back once, and the hub's own go on", async () => {
  await add(deps, scriptJob('of-builder', 'debian-12'), now())
  await add(deps, scriptJob('of-hub', 'freebsd-14'), now())
  await add(deps, scriptJob('stored', 'plan-9'), now())
  const links = [
    await connect(deps, 'b', 'debian-12'),
    await connect(deps, 'h', 'freebsd-14', 'HUB'),
    await connect(deps, 's', 'plan-9', 'HUB'),
  ] as const
  const [ofBuilder, ofHub, stored] = await Promise.all(links.map((link) => link.request(soon())))
  await links[1].console(ofHub?.uuid ?? '').append([{ deltaNs: 1n, text: Buffer.from('kept') }])
  await app.upload(sampleRecord({ uuid: stored?.uuid ?? '', job: 'stored' }))
  // Another process starts on the same database: this one was killed.
  const next = createScheduler(deps)
  await next.start()
  expect(await runOf(ofBuilder?.uuid ?? '')).toMatchObject({
    ...{ state: 'QUEUED', error: 'the hub stopped while it ran', tries: [{ ending: 'PUT_BACK' }] },
  })
  expect(await runOf(stored?.uuid ?? '')).toMatchObject({ state: 'DONE', tries: [{ ending: 'STORED' }] })
  const back = await next.connect(workerNamed('h', 'freebsd-14', 'HUB'))
  expect(await back.resume(ofHub?.uuid ?? '')).toMatchObject({ lineCount: 1 })
  await back.finish(ofHub?.uuid ?? '', exited(0), files())
  expect(await runOf(ofHub?.uuid ?? '')).toMatchObject({ state: 'DONE', tryCount: 1 })
  await next.close()
  for (const link of links) await link.close().catch(() => {})
})
