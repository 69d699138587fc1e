import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../../server/clock.ts'
import { createLog } from '../../../server/log.ts'
import type { RunStep } from '../../../server/runner/run-task.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { testProgram } from '../../programs.ts'
import { gate, noting, taskSite } from './task-site.ts'
import { writingHandler } from './writing-handler.ts'

/** Runs killed-runner.ts until it ends; gives its signal and its status. */
async function runnerProcess(file: string, what: string): Promise<unknown[]> {
  const child = spawn(process.execPath, [testProgram('killed-runner'), file, what], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return once(child, 'exit')
}

const keys = (count: number) => Array.from({ length: count }, (_, n) => ({ key: `task-${n}` }))

test.each<[RunStep, object]>([
  ['claimed', { state: 'RUNNING', attempts: 1 }],
  ['ran', { state: 'RUNNING', attempts: 1 }],
  ['completing', { state: 'RUNNING', attempts: 1 }],
  ['completed', { state: 'DONE', attempts: 1 }],
])('a process that is killed at the step "%s" loses no task, and does none twice', async (step, left) => {
  const site = await taskSite()
  await site.add({ key: 'task-0' })
  expect(await runnerProcess(site.file, step)).toEqual([null, 'SIGKILL'])
  expect(await site.row('task-0')).toMatchObject(left)
  await site.add(...keys(5))
  const next = await site.server([writingHandler])
  await next.start()
  await next.settled()
  expect(await site.db.queuedTask.count({ where: { state: 'DONE', leaseOwner: null } })).toBe(5)
  expect(await site.db.job.count()).toBe(5)
})

test('800 tasks that two processes and a third server claim at once run exactly once', async () => {
  const site = await taskSite()
  await site.add(...keys(800))
  const third = await site.server([writingHandler], { isAlone: false, clock: systemClock })
  const processes = [1, 2].map(() => runnerProcess(site.file, 'work'))
  await third.start()
  await third.settled()
  expect(await Promise.all(processes)).toEqual([
    [0, null],
    [0, null],
  ])
  // A second completion of a task would violate the uniqueness of its job's name, and count as an attempt.
  const groups = await site.db.queuedTask.groupBy({ by: ['state', 'attempts', 'claims'], _count: true })
  expect(groups).toEqual([{ state: 'DONE', attempts: 1, claims: 1, _count: 800 }])
  expect(await site.db.job.count()).toBe(800)
})

test('two servers on two connections run each of many tasks exactly once', async () => {
  const site = await taskSite()
  await site.add(...keys(200))
  const [one, other] = [noting({ slots: { max: 7 } }), noting({ slots: { max: 3 } })]
  const servers = [
    await site.server([one], { isAlone: false }),
    await site.server([other], { isAlone: false, isOther: true }),
  ]
  await Promise.all(servers.map(({ start }) => start()))
  await Promise.all(servers.map(({ settled }) => settled()))
  expect([...one.ran, ...other.ran].sort()).toEqual(
    keys(200)
      .map(({ key }) => key)
      .sort(),
  )
})

/** A task whose run waits for the test, on a server that stopped its clock: it renews no lease. */
async function stalledRun() {
  const site = await taskSite()
  const [begun, goOn] = [gate(), gate()]
  const [kept, dropped] = [vi.fn(() => Promise.resolve()), vi.fn(() => Promise.resolve())]
  const stalled = noting({
    ...{ kept, dropped },
    async run() {
      begun.open()
      await goOn.opened
      return 'of the stalled server'
    },
    record: (result) => ({ summary: String(result) }),
  })
  const frozen = { ...site.clock, after: () => () => {} }
  const server = await site.server([stalled], { isAlone: false, clock: frozen })
  await site.add({ key: 'one' })
  await server.start()
  server.wake()
  await begun.opened
  return { site, server, goOn, kept, dropped }
}

test('a task whose lease has expired is taken over, and the result of the first run is dropped', async () => {
  const { site, server, goOn, kept, dropped } = await stalledRun()
  const handler = noting({ record: () => ({ summary: 'of the other server' }) })
  const other = await site.server([handler], { isAlone: false, isOther: true })
  await other.start()
  site.clock.advance(59_000)
  await other.settled()
  expect(handler.ran).toEqual([])
  site.clock.advance(2_000)
  other.wake()
  await expect.poll(() => handler.ran).toEqual(['one'])
  await other.settled()
  goOn.open()
  await expect.poll(() => dropped).toHaveBeenCalledOnce()
  await server.settled()
  expect(kept).not.toHaveBeenCalled()
  expect(await site.row('one')).toMatchObject({
    ...{ state: 'DONE', summary: 'of the other server', attempts: 2, claims: 2 },
  })
  expect(server.lines).toMatchObject([{ kind: 'A', key: 'one' }])
})

test('an error of a run whose task was taken over changes nothing', async () => {
  const { site, server, goOn } = await stalledRun()
  await site.writer.transact([], (tx) =>
    tx.queuedTask.updateMany({ data: { claims: 2, attempts: 2, leaseOwner: 'other' } }),
  )
  const before = await site.row('one')
  goOn.open()
  await server.close()
  expect(await site.row('one')).toEqual(before)
})

test('a lease is renewed as long as its run lasts', async () => {
  const site = await taskSite()
  const [begun, goOn] = [gate(), gate()]
  const slow = noting({
    async run() {
      begun.open()
      await goOn.opened
    },
  })
  const { start, settled } = await site.server([slow], { owner: 'slow', isAlone: false })
  await site.add({ key: 'one' })
  await start()
  await begun.opened
  const handler = noting()
  const other = await site.server([handler], { isAlone: false, isOther: true })
  await other.start()
  for (let minute = 0; minute < 15; minute++) {
    site.clock.advance(20_000)
    const until = new Date(site.clock.nowMs() + 60_000)
    await expect.poll(() => site.row('one')).toMatchObject({ leaseOwner: 'slow', leaseUntil: until })
  }
  goOn.open()
  await settled()
  expect(handler.ran).toEqual([])
  expect(await site.row('one')).toMatchObject({ state: 'DONE', attempts: 1 })
})

test('a server that is alone recovers at its start what its predecessor ran, without waiting for the lease', async () => {
  const site = await taskSite()
  await site.add({ key: 'one' }, { key: 'dead' })
  await site.writer.transact([], async (tx) => {
    const lease = { leaseOwner: 'predecessor', leaseUntil: new Date(site.clock.nowMs() + 60_000) }
    await tx.queuedTask.updateMany({ data: { state: 'RUNNING', attempts: 1, ...lease } })
    await tx.queuedTask.updateMany({ where: { key: 'dead' }, data: { attempts: 3 } })
  })
  const handler = noting({ changes: (result) => (result === null ? ['analyses'] : []) })
  let heard = 0
  site.changes.on(['analyses'], () => heard++)
  const { start, settled } = await site.server([handler])
  await start()
  await settled()
  expect(handler.ran).toEqual(['one'])
  expect(await site.row('one')).toMatchObject({ state: 'DONE', attempts: 2 })
  expect(await site.row('dead')).toMatchObject({
    ...{ state: 'DEAD', error: 'the server ended meanwhile; it was tried 3 times', leaseOwner: null },
  })
  expect(heard).toBe(1)
})

test('runs that end while the server drains are completed; the others are released, and do not count', async () => {
  const site = await taskSite()
  const gates = { quick: gate(), stuck: gate() }
  const begun: string[] = []
  const handler = noting({
    slots: { max: 2 },
    async run({ key }, signal) {
      begun.push(key)
      await (key === 'quick'
        ? gates.quick.opened
        : new Promise((_resolve, reject) => signal.addEventListener('abort', reject)))
    },
  })
  const { start, close } = await site.server([handler], { drainMs: 1_000 })
  await site.add({ key: 'quick' }, { key: 'stuck' }, { key: 'not begun' })
  await start()
  await expect.poll(() => [...begun].sort()).toEqual(['quick', 'stuck'])
  const closed = close()
  gates.quick.open()
  await expect.poll(() => site.row('quick')).toMatchObject({ state: 'DONE' })
  await expect
    .poll(async () => {
      site.clock.advance(1_000)
      return await site.row('stuck')
    })
    .toMatchObject({ state: 'PENDING', attempts: 0, error: null, leaseOwner: null })
  await closed
  expect(await site.row('not begun')).toMatchObject({ state: 'PENDING', attempts: 0, claims: 0 })
})

test.each([
  ['was committed', false, 'kept', { state: 'DONE', claims: 1 }],
  ['found the task taken over', true, 'dropped', { state: 'RUNNING', claims: 2, leaseOwner: 'other' }],
])(
  'after a COMMIT whose answer was lost, the result of a run that %s is right',
  async (_, isTaken, told, row) => {
    const site = await taskSite()
    const calls: string[] = []
    const handler = noting({
      async run() {
        if (!isTaken) return
        await site.writer.transact([], (tx) =>
          tx.queuedTask.updateMany({ data: { claims: 2, leaseOwner: 'other' } }),
        )
      },
      complete: () => Promise.resolve(),
      kept: () => Promise.resolve(void calls.push('kept')),
      dropped: () => Promise.resolve(void calls.push('dropped')),
      ended: () => void calls.push('ended'),
    })
    let isLost = false
    const transact: typeof site.writer.transact = async (changes, action) => {
      const value = await site.writer.transact(changes, action)
      if (!isLost) return value
      isLost = false
      throw new Error('the connection broke')
    }
    const deps = {
      db: site.db,
      changes: site.changes,
      writer: { ...site.writer, transact },
      log: createLog('silent'),
    }
    const runner = createTaskRunner(deps, [handler], {
      ...{ clock: site.clock, drainMs: 0, isAlone: false },
      onStep: (step) => (isLost = step === 'ran'),
    })
    onTestFinished(() => runner.close())
    await site.add({ key: 'one' })
    await runner.start()
    await expect.poll(() => calls).toContain(told)
    await runner.close()
    expect(calls).toEqual(told === 'kept' ? ['kept', 'ended'] : ['dropped'])
    expect(await site.row('one')).toMatchObject(row)
  },
)

test('a task whose end could not be written is released later', async () => {
  const site = await taskSite()
  let isBroken = true
  const transact: typeof site.writer.transact = (changes, action) =>
    isBroken && handler.ran.length > 0
      ? Promise.reject(new Error('the disk fails'))
      : site.writer.transact(changes, action)
  const handler = noting()
  const deps = {
    db: site.db,
    changes: site.changes,
    writer: { ...site.writer, transact },
    log: createLog('silent'),
  }
  const runner = createTaskRunner(deps, [handler], { clock: site.clock, drainMs: 0 })
  onTestFinished(() => runner.close())
  await site.add({ key: 'one' })
  await runner.start()
  await expect.poll(() => handler.ran).toEqual(['one'])
  isBroken = false
  // It waits as after an error, so that a fault that stays does not keep the server busy.
  await expect
    .poll(() => (runner.wake(), site.row('one')))
    .toMatchObject({ state: 'PENDING', attempts: 0, dueAt: new Date(site.clock.nowMs() + 1_000) })
  expect(handler.ran).toEqual(['one'])
  site.clock.advance(1_000)
  await runner.settled()
  await expect.poll(() => site.row('one')).toMatchObject({ state: 'DONE', attempts: 1, claims: 2 })
})
