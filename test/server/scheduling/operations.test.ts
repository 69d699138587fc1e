import { join } from 'node:path'
import { beforeAll, afterAll, beforeEach, expect, test } from 'vitest'
import type { Deps } from '../../../server/deps.ts'
import { readRunDefinition } from '../../../server/scheduling/definition.ts'
import {
  ExecuteError,
  InvalidScheduleError,
  JobNameUsedError,
  NotRebuildableError,
  PlatformDroppedError,
  RunNotFoundError,
  RunStateError,
  ScheduleNotFoundError,
  TemplateNotFoundError,
  UnknownPlatformError,
} from '../../../server/scheduling/errors.ts'
import { listQueues, listRuns, listSchedules } from '../../../server/scheduling/list-runs.ts'
import { openQueue } from '../../../server/scheduling/queue-schedules.ts'
import { dropPlatform, pauseQueue, resumeQueue, undropPlatform } from '../../../server/scheduling/queues.ts'
import { readInfo } from '../../../server/scheduling/read-info.ts'
import { rebuildBuild } from '../../../server/scheduling/rebuild-build.ts'
import { runJob } from '../../../server/scheduling/run-job.ts'
import { cancelRun, findRun, retryRun } from '../../../server/scheduling/runs.ts'
import {
  pauseSchedule,
  removeSchedule,
  reschedule,
  resumeSchedule,
  updateSchedule,
} from '../../../server/scheduling/schedules.ts'
import {
  findTemplate,
  listTemplatePlatforms,
  removeTemplate,
  setTemplate,
} from '../../../server/scheduling/templates.ts'
import { waitingReasons } from '../../../server/scheduling/waiting-reasons.ts'
import { temporaryDir, testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import {
  actAt,
  add,
  emptySchedule,
  opamJob,
  queueOf,
  script,
  scriptJob,
  writeTemplate,
} from './scheduling-site.ts'

let app: TestApp
let deps: Deps
let configDir: string

beforeAll(async () => {
  app = await testApp({ keep: true })
  deps = app.deps
})
afterAll(() => app.close())

/** Each test begins without schedules, and with a configuration folder of its own. */
beforeEach(async () => {
  configDir = join(temporaryDir(), 'config')
  deps.config.configDir = configDir
  await emptySchedule(deps)
})

const scheduleOf = (job: string) => deps.db.schedule.findUniqueOrThrow({ where: { job } })
const hours = (n: number) => new Date(actAt().at.getTime() + n * 3_600_000)

test('a script is queued at once, and comes again after its period', async () => {
  const added = await add(deps, { ...scriptJob('hello', 'debian-12'), period: 'HOURLY' })
  expect(await queueOf(deps, 'debian-12')).toEqual(['hello'])
  const run = await findRun(deps.db, added.runs[0] ?? '')
  expect(run).toMatchObject({ job: 'hello', state: 'QUEUED', cause: 'SCHEDULE', tryCount: 0, tries: [] })
  expect(await scheduleOf('hello')).toMatchObject({ nextAt: hours(1), version: 1, isPaused: false })
})

test('an opam package is queued on every platform that has a queue, and on none while there is none', async () => {
  expect((await add(deps, opamJob('early'))).runs).toEqual([])
  await add(deps, scriptJob('one', 'debian-12'))
  await add(deps, scriptJob('two', 'freebsd-14'))
  expect((await add(deps, opamJob('albatross'))).runs).toHaveLength(2)
  expect(await queueOf(deps, 'freebsd-14')).toEqual(['two', 'albatross'])
})

test('a new queue gets everything that fits: opam packages only with a template', async () => {
  await add(deps, opamJob('albatross'))
  await add(deps, {
    ...opamJob('elsewhere'),
    work: { kind: 'OPAM_PACKAGE', opamPackage: 'x', platforms: ['plan-9'] },
  })
  await add(deps, scriptJob('plain', 'without'))
  expect(await queueOf(deps, 'without')).toEqual(['plain'])
  writeTemplate(deps, 'with')
  await add(deps, scriptJob('first', 'with'))
  expect(await queueOf(deps, 'with')).toEqual(['albatross', 'first'])
  const open = (platform: string, hasTemplate: boolean) =>
    deps.writer.transact([], (tx) => openQueue(tx, platform, { hasTemplate }, new Date()))
  expect(await open('unknown', false)).toBe(false)
  expect(await open('with', true)).toBe(false)
  expect(await open('netbsd-10', true)).toBe(true)
  expect(await queueOf(deps, 'netbsd-10')).toEqual(['albatross'])
})

test('names of jobs are unique over all platforms and kinds', async () => {
  await add(deps, scriptJob('only', 'debian-12'))
  await expect(add(deps, scriptJob('only', 'freebsd-14'))).rejects.toThrow(JobNameUsedError)
  await expect(add(deps, opamJob('only'))).rejects.toThrow('the job only has a schedule already')
})

test.each([
  ['a job with a slash', { ...scriptJob('a/b', 'debian-12') }, 'name of the job'],
  ['a platform with a slash', scriptJob('a', '../etc'), 'name of the platform'],
  ['a package with a blank', opamJob('a', 'x; rm -rf /'), 'opam package'],
  [
    'a period without its expression',
    { ...opamJob('a'), period: 'CRON' as const },
    'needs a cron expression',
  ],
  ['no tries', { ...opamJob('a'), maxTries: 0 }, 'maxTries'],
  ['a priority beyond', { ...opamJob('a'), priority: 101 }, 'priority'],
  ['reproductions without sense', { ...opamJob('a'), reproduce: { times: 11 } }, 'reproduce.times'],
])('%s is refused', async (_what, input, message) => {
  await expect(add(deps, input)).rejects.toThrow(InvalidScheduleError)
  await expect(add(deps, input)).rejects.toThrow(message)
  expect(await listSchedules(deps.db)).toEqual([])
})

test('an update changes what waits, keeps what is not named, and has a history', async () => {
  await add(deps, { ...scriptJob('hello', 'debian-12'), priority: 5 })
  await updateSchedule(deps, actAt(hours(1)), { job: 'hello', period: 'DAILY', timeoutSeconds: 60 })
  expect(await scheduleOf('hello')).toMatchObject({ version: 2, nextAt: hours(25) })
  const [run] = await listRuns(deps.db, { job: 'hello' }, 10)
  expect(readRunDefinition(run?.definition ?? '')).toMatchObject({ timeoutSeconds: 60 })
  await updateSchedule(deps, actAt(hours(2)), {
    job: 'hello',
    work: { kind: 'SCRIPT', platform: 'freebsd-14', script: script('other') },
  })
  expect(await queueOf(deps, 'debian-12')).toEqual([])
  expect(JSON.parse((await scheduleOf('hello')).definition)).toMatchObject({ priority: 5 })
  expect((await scheduleOf('hello')).nextAt).toEqual(hours(25))
  const versions = await deps.db.scheduleVersion.findMany({ orderBy: { version: 'asc' } })
  expect(versions.map(({ actor, version }) => [actor, version])).toEqual([
    ['operator', 1],
    ['operator', 2],
    ['operator', 3],
  ])
  await expect(updateSchedule(deps, actAt(), { job: 'none' })).rejects.toThrow(ScheduleNotFoundError)
})

test('unscheduling takes a job out of the schedule and of all queues', async () => {
  const { runs } = await add(deps, scriptJob('hello', 'debian-12'))
  await removeSchedule(deps, actAt(), { job: 'hello' })
  expect(await queueOf(deps, 'debian-12')).toEqual([])
  expect(await findRun(deps.db, runs[0] ?? '')).toMatchObject({ state: 'CANCELLED', queueKey: null })
  await expect(removeSchedule(deps, actAt(), { job: 'hello' })).rejects.toThrow(
    'the job hello has no schedule',
  )
  await add(deps, opamJob('hello'))
})

test('rescheduling means the time that was given, and queues nothing before', async () => {
  await add(deps, opamJob('hello'))
  const nextAt = new Date('2027-01-01T00:00:00Z')
  await reschedule(deps, actAt(), { job: 'hello', nextAt, period: 'WEEKLY' })
  expect(await scheduleOf('hello')).toMatchObject({ nextAt, period: 'WEEKLY' })
  expect(await listRuns(deps.db, {}, 10)).toEqual([])
  await expect(reschedule(deps, actAt(), { job: 'none', nextAt })).rejects.toThrow(
    'the job none has no schedule',
  )
})

test('a job that is asked for comes to the front; twice is once; its next time stays', async () => {
  for (const job of ['a', 'b', 'c']) await add(deps, scriptJob(job, 'debian-12'))
  const { nextAt } = await scheduleOf('b')
  const [first] = await runJob(deps, actAt(), { job: 'b', reason: 'a fix' })
  expect(await queueOf(deps, 'debian-12')).toEqual(['b', 'a', 'c'])
  expect(await runJob(deps, actAt(), { job: 'b' })).toEqual([first])
  await runJob(deps, actAt(), { job: 'c' })
  expect(await queueOf(deps, 'debian-12')).toEqual(['c', 'b', 'a'])
  expect((await scheduleOf('b')).nextAt).toEqual(nextAt)
  expect(await findRun(deps.db, first ?? '')).toMatchObject({ requestedBy: 'operator', reason: 'a fix' })
})

test('a job is asked for on the platforms that it is for', async () => {
  await add(deps, scriptJob('only-deb', 'debian-12'))
  await add(deps, scriptJob('only-bsd', 'freebsd-14'))
  await add(deps, opamJob('orb'))
  const ask = (job: string, platform: string) => runJob(deps, actAt(), { job, platforms: [platform] })
  await expect(ask('only-deb', 'openbsd')).rejects.toThrow('is built on debian-12 alone')
  await expect(ask('orb', 'openbsd')).rejects.toThrow('the platform openbsd has no queue')
  await expect(ask('none', 'debian-12')).rejects.toThrow(ExecuteError)
  await expect(ask('none', 'debian-12')).rejects.toThrow('the job none has no schedule')
  await ask('orb', 'freebsd-14')
  expect(await queueOf(deps, 'freebsd-14')).toEqual(['orb', 'only-bsd'])
  expect(await queueOf(deps, 'debian-12')).toEqual(['only-deb', 'orb'])
})

test('a platform that is dropped has no queue and no scripts; taken back, it is a new one', async () => {
  await add(deps, opamJob('orb'))
  await add(deps, scriptJob('only-bsd', 'freebsd-14'))
  await add(deps, scriptJob('only-deb', 'debian-12'))
  await dropPlatform(deps, actAt(), { platform: 'freebsd-14' })
  expect(await queueOf(deps, 'freebsd-14')).toEqual([])
  expect((await listSchedules(deps.db)).map(({ job }) => job)).toEqual(['only-deb', 'orb'])
  await expect(add(deps, scriptJob('late', 'freebsd-14'))).rejects.toThrow(PlatformDroppedError)
  await expect(add(deps, scriptJob('late', 'freebsd-14'))).rejects.toThrow(
    'was dropped: take that back first',
  )
  expect((await add(deps, opamJob('orb2'))).runs).toHaveLength(1)
  expect((await readInfo(deps.db)).dropped).toEqual(['freebsd-14'])
  for (const platform of ['openbsd', 'freebsd-14'])
    await expect(dropPlatform(deps, actAt(), { platform })).rejects.toThrow(
      `the platform ${platform} has no queue`,
    )
  await undropPlatform(deps, actAt(), { platform: 'freebsd-14' })
  await expect(undropPlatform(deps, actAt(), { platform: 'debian-12' })).rejects.toThrow(UnknownPlatformError)
  await deps.writer.transact([], (tx) => openQueue(tx, 'freebsd-14', { hasTemplate: true }, new Date()))
  expect(await queueOf(deps, 'freebsd-14')).toEqual(['orb', 'orb2'])
})

test('info has what is scheduled, what waits and what was dropped', async () => {
  await add(deps, scriptJob('only-deb', 'debian-12'))
  await add(deps, opamJob('orb', 'my-pkg'))
  const only = { kind: 'SCRIPT', name: 'only-deb', platform: 'debian-12', script: new Uint8Array(script()) }
  const orb = { kind: 'OPAM_PACKAGE', name: 'orb', opamPackage: 'my-pkg' }
  const info = await readInfo(deps.db)
  expect(info.schedules.map(({ job, nextAt, period }) => ({ job, nextAt, period }))).toEqual(
    expect.arrayContaining([
      { job: only, nextAt: null, period: 'NEVER' },
      { job: orb, nextAt: hours(24), period: 'DAILY' },
    ]),
  )
  expect(info.queues).toEqual([{ platform: 'debian-12', jobs: [only, orb] }])
  expect(info).toMatchObject({ running: [], dropped: [] })
})

test('pauses keep what waits; a schedule that goes on makes up nothing', async () => {
  await add(deps, opamJob('orb'))
  await add(deps, scriptJob('hello', 'debian-12'))
  await pauseSchedule(deps, actAt(), { job: 'orb' })
  await resumeSchedule(deps, actAt(hours(100)), { job: 'orb' })
  expect(await scheduleOf('orb')).toMatchObject({ isPaused: false, nextAt: hours(120) })
  await pauseQueue(deps, actAt(), { platform: 'debian-12' })
  const runs = await listRuns(deps.db, { platform: 'debian-12' }, 10)
  const reasons = await waitingReasons(deps, runs)
  expect(runs.map(({ id }) => reasons.get(id))).toEqual(['QUEUE_PAUSED'])
  await resumeQueue(deps, actAt(), { platform: 'debian-12' })
  expect(await listQueues(deps.db)).toEqual([
    { platform: 'debian-12', isPaused: false, droppedAt: null, waiting: 1, running: 0 },
  ])
  await expect(pauseQueue(deps, actAt(), { platform: 'x' })).rejects.toThrow(UnknownPlatformError)
  await expect(pauseSchedule(deps, actAt(), { job: 'x' })).rejects.toThrow(ScheduleNotFoundError)
})

test('a run that waits says what it waits for', async () => {
  await add(deps, scriptJob('hello', 'debian-12'))
  await add(deps, opamJob('orb'))
  const runs = await listRuns(deps.db, {}, 10)
  const reasons = await waitingReasons(deps, runs)
  expect(runs.map(({ id, job }) => [job, reasons.get(id)])).toEqual([
    ['orb', 'NO_TEMPLATE'],
    ['hello', 'NO_WORKER'],
  ])
})

test('a run is cancelled once, and asked for again when it has ended', async () => {
  const { runs } = await add(deps, scriptJob('hello', 'debian-12'))
  const [uuid = ''] = runs
  await expect(retryRun(deps, actAt(), { uuid })).rejects.toThrow(RunStateError)
  await cancelRun(deps, actAt(), { uuid, reason: 'too early' })
  expect(await findRun(deps.db, uuid)).toMatchObject({ error: 'cancelled by operator: too early' })
  await expect(cancelRun(deps, actAt(), { uuid })).rejects.toThrow(RunStateError)
  const again = await retryRun(deps, actAt(), { uuid })
  expect(await findRun(deps.db, again)).toMatchObject({ state: 'QUEUED', cause: 'RETRY', job: 'hello' })
  await expect(cancelRun(deps, actAt(), { uuid: crypto.randomUUID() })).rejects.toThrow(RunNotFoundError)
})

test('templates have versions; a file wins', async () => {
  const set = (content: string) =>
    setTemplate(deps, actAt(), { kind: 'BUILD', platform: 'debian-12', content })
  const find = () => findTemplate(deps, 'BUILD', 'debian-12')
  expect(await find()).toBeNull()
  await set('one')
  await set('two')
  expect(await find()).toEqual({ content: 'two', source: 'DATABASE' })
  writeTemplate(deps, 'debian-12', 'of the file')
  writeTemplate(deps, 'freebsd-14')
  expect(await find()).toEqual({ content: 'of the file', source: 'FILE' })
  expect(await listTemplatePlatforms(deps, 'BUILD')).toEqual([
    { platform: 'debian-12', source: 'FILE' },
    { platform: 'freebsd-14', source: 'FILE' },
  ])
  deps.config.configDir = join(configDir, 'none')
  await removeTemplate(deps, actAt(), { kind: 'BUILD', platform: 'debian-12' })
  expect(await find()).toBeNull()
  await expect(removeTemplate(deps, actAt(), { kind: 'BUILD', platform: 'debian-12' })).rejects.toThrow(
    TemplateNotFoundError,
  )
  await expect(set('')).rejects.toThrow(InvalidScheduleError)
  const versions = await deps.db.template.findMany({ orderBy: { version: 'asc' } })
  expect(versions.map(({ content }) => content)).toEqual(['one', 'two', null])
})

test('a build is repeated from its recorded inputs', async () => {
  const inputs = ['build-environment', 'opam-switch', 'system-packages']
  const record = sampleRecord({
    uuid: '5f0f6f9e-0000-4000-8000-000000000001',
    job: 'orb',
    platform: 'debian-12',
    artifacts: [...inputs.map((path) => file(path, path)), file('bin/orb', 'binary')],
  })
  const bare = sampleRecord({ uuid: '5f0f6f9e-0000-4000-8000-000000000002', artifacts: [] })
  for (const one of [record, bare]) expect((await app.upload(one)).status).toBe(201)
  const rebuild = (uuid: string) => rebuildBuild(deps, actAt(), { uuid })
  await expect(rebuild(bare.uuid)).rejects.toThrow(NotRebuildableError)
  await expect(rebuild(record.uuid)).rejects.toThrow(ExecuteError)
  await add(deps, scriptJob('other', 'debian-12'))
  const run = await findRun(deps.db, await rebuild(record.uuid))
  expect(await queueOf(deps, 'debian-12')).toEqual(['orb', 'other'])
  expect(run).toMatchObject({ job: 'orb', cause: 'REPRODUCTION', kind: 'REBUILD', reproduces: record.uuid })
  const { work } = readRunDefinition(run?.definition ?? '')
  expect(work).toMatchObject({ kind: 'REBUILD', build: record.uuid })
  expect(work.kind === 'REBUILD' && work.inputs.map(({ path }) => path)).toEqual(inputs)
})
