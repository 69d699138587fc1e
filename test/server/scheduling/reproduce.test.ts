import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Deps } from '../../../server/deps.ts'
import { artifactPath } from '../../../server/paths.ts'
import type { TaskHandler } from '../../../server/runner/handler.ts'
import type { ClaimedTask } from '../../../server/runner/task.ts'
import { pruneRunsHandler } from '../../../server/scheduling/prune-runs-handler.ts'
import { reproduceHandler } from '../../../server/scheduling/reproduce-handler.ts'
import { removeSchedule } from '../../../server/scheduling/schedules.ts'
import { removeSectionPolicy, setSectionPolicy } from '../../../server/scheduling/section-policies.ts'
import type { WorkerLink } from '../../../server/scheduling/scheduler.ts'
import { durationMs } from '../../../server/scheduling/wanted-rebuilds.ts'
import { testApp, type TestApp } from '../../app.ts'
import { fakeClock } from '../runner/fake-clock.ts'
import { actAt, add, opamJob, queueOf, scriptJob, writeTemplate } from './scheduling-site.ts'
import { connect, workOnce } from './work.ts'

const clock = fakeClock()
const dayMs = 24 * 3_600_000
let app: TestApp
let deps: Deps
let one: WorkerLink
let two: WorkerLink

beforeAll(async () => {
  app = await testApp({ keep: true, clock })
  deps = app.deps
  writeTemplate(deps, 'debian-12')
  await deps.scheduler.start()
  one = await connect(deps, 'one')
  two = await connect(deps, 'two')
})
afterAll(() => app.close())

let task: ClaimedTask = {
  ...{ id: 1 as ClaimedTask['id'], kind: 'REPRODUCE', key: '', attempts: 1, claims: 1 },
  ...{ payload: null, progress: null },
}

/** What the runner does with the task. */
async function run<Result>(handler: TaskHandler<Result>): Promise<void> {
  const result = await handler.run(task, new AbortController().signal)
  await deps.writer.transact(handler.changes(result), async (tx) => handler.complete?.(tx, task, result))
  task = { ...task, progress: handler.record?.(result).progress ?? task.progress }
}
const look = () => run(reproduceHandler(deps))

beforeEach(async () => {
  await deps.writer.transact([], async (tx) => {
    await tx.run.deleteMany()
    await tx.schedule.deleteMany()
  })
  await look()
})

const output = (job: string, binary: string) => ({
  ...{ 'opam-switch': `switch of ${job}`, 'build-environment': 'e', 'system-packages': 'p' },
  'bin/orb': binary,
})
const reproducing = (job: string, reproduce = {}) => ({
  ...opamJob(job),
  reproduce: { times: 2, ...reproduce },
})
const verdictOf = async (uuid: string) => (await deps.db.build.findUniqueOrThrow({ where: { uuid } })).verdict

test('an output that appears is built again from its inputs, on another worker, after fresh builds', async () => {
  await add(deps, reproducing('orb'), actAt(clock.now()))
  const first = await workOnce(one, { output: output('orb', 'same') })
  await look()
  await add(deps, opamJob('fresh'), actAt(clock.now()))
  expect(await queueOf(deps, 'debian-12')).toEqual(['fresh', 'orb'])
  await workOnce(one)
  const idle = new AbortController()
  const waiting = one.request(idle.signal)
  const second = await workOnce(two, { output: output('orb', 'same') })
  idle.abort()
  await expect(waiting).rejects.toThrow()
  const script = Buffer.from(second.script).toString()
  const sha256 = createHash('sha256').update('switch of orb').digest('hex')
  expect(script).toContain(`${sha256} opam-switch http`)
  expect(script).toContain(artifactPath('orb', first.uuid, 'opam-switch'))
  expect(script).toContain(`repeating build ${first.uuid} on debian-12`)
  expect(await deps.db.run.findUniqueOrThrow({ where: { uuid: second.uuid } })).toMatchObject({
    ...{ cause: 'REPRODUCTION', reproduces: first.uuid, state: 'DONE' },
  })
  expect(await verdictOf(first.uuid)).toBe('REPRODUCED')
  await look()
  expect(await queueOf(deps, 'debian-12')).toEqual([])
})

test('an output that differs is built a third time, and no more', async () => {
  await add(deps, reproducing('flaky'), actAt(clock.now()))
  const first = await workOnce(one, { output: output('flaky', '1') })
  await look()
  await workOnce(two, { output: output('flaky', '2') })
  expect(await verdictOf(first.uuid)).toBe('NOT_REPRODUCIBLE')
  await look()
  expect(await queueOf(deps, 'debian-12')).toEqual(['flaky'])
  await workOnce(two, { output: output('flaky', '1') })
  await look()
  expect(await queueOf(deps, 'debian-12')).toEqual([])
})

test('a policy of more times repeats one after the other; one of all platforms repeats on each', async () => {
  writeTemplate(deps, 'freebsd-14')
  await add(deps, scriptJob('other', 'freebsd-14'), actAt(clock.now()))
  await add(
    deps,
    {
      ...reproducing('often', { times: 3, platforms: ['freebsd-14'] }),
      work: { kind: 'OPAM_PACKAGE', opamPackage: 'often', platforms: ['debian-12'] },
    },
    actAt(clock.now()),
  )
  await workOnce(one, { output: output('often', 'x') })
  await look()
  expect(await queueOf(deps, 'freebsd-14')).toEqual(['other', 'often'])
  for (const left of [['often'], []]) {
    await workOnce(two, { output: output('often', 'x') })
    await look()
    expect(await queueOf(deps, 'debian-12')).toEqual(left)
  }
})

test('the policy of a section counts for its jobs, also without a schedule, unless a schedule says it', async () => {
  await setSectionPolicy(deps, actAt(clock.now()), { section: 'Tools', reproduce: { times: 2 } })
  const arrives = async (job: string, reproduce: object | null) => {
    await add(deps, { ...opamJob(job), reproduce }, actAt(clock.now()))
    await workOnce(one, { output: output(job, job) })
    await deps.writer.transact([], async (tx) => {
      await tx.job.update({ where: { name: job }, data: { operatorSection: 'Tools' } })
      if (job === 'free') await tx.schedule.delete({ where: { job } })
    })
  }
  await arrives('inherits', null)
  await arrives('once', { times: 1 })
  await arrives('free', null)
  await look()
  expect(await queueOf(deps, 'debian-12')).toEqual(['inherits', 'free'])
  await removeSectionPolicy(deps, actAt(clock.now()), { section: 'Tools' })
  await deps.writer.transact([], (tx) => tx.run.deleteMany())
  await add(deps, opamJob('after'), actAt(clock.now()))
  await workOnce(one, { output: output('after', '1') })
  await look()
  expect(await queueOf(deps, 'debian-12')).toEqual([])
})

test('what the budget of a day does not allow waits, as long as the policy wants it', async () => {
  deps.config.reproducePerDay = 0
  await add(deps, reproducing('dear', { within: '12h' }), actAt(clock.now()))
  await workOnce(one, { output: output('dear', '1') })
  await look()
  await look()
  expect(await queueOf(deps, 'debian-12')).toEqual([])
  deps.config.reproducePerDay = 100
  await look()
  expect(await queueOf(deps, 'debian-12')).toEqual(['dear'])
  await deps.writer.transact([], (tx) => tx.run.deleteMany())
  task = { ...task, progress: JSON.stringify({ after: 0 }) }
  clock.advance(durationMs('12h') + 1)
  await look()
  expect(await queueOf(deps, 'debian-12')).toEqual([])
})

test('runs that ended long ago are forgotten, and scripts that nothing names', async () => {
  const now = () => actAt(clock.now())
  await add(deps, scriptJob('kept', 'debian-12', 'echo kept'), now())
  await add(deps, scriptJob('gone', 'debian-12', 'echo gone'), now())
  await workOnce(one)
  await workOnce(one)
  await removeSchedule(deps, now(), { job: 'gone' })
  await deps.writer.transact([], (tx) => tx.scheduleVersion.deleteMany({ where: { job: 'gone' } }))
  const builds = await deps.db.build.count()
  clock.advance(364 * dayMs)
  await run(pruneRunsHandler(deps))
  expect(await deps.db.run.count()).toBe(2)
  clock.advance(2 * dayMs)
  await run(pruneRunsHandler(deps))
  expect(await deps.db.run.count()).toBe(0)
  expect(await deps.db.runTry.count()).toBe(0)
  expect(await deps.db.build.count()).toBe(builds)
  const scripts = (await deps.db.runScript.findMany()).map(({ content }) => Buffer.from(content).toString())
  expect(scripts.filter((text) => text.includes('kept'))).toHaveLength(1)
  expect(scripts.filter((text) => text.includes('gone'))).toEqual([])
})

test('a worker gets what comes behind many rebuilds that it should not do itself', async () => {
  for (let n = 0; n < 20; n++) await add(deps, scriptJob(`avoided-${n}`, 'debian-12'), actAt(clock.now()))
  await deps.writer.transact([], (tx) => tx.run.updateMany({ data: { avoidsWorker: 'one' } }))
  await add(deps, scriptJob('behind', 'debian-12'), actAt(clock.now()))
  expect(await workOnce(one)).toMatchObject({ job: 'behind' })
  expect(await workOnce(two)).toMatchObject({ job: 'avoided-0' })
})
