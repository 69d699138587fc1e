import Database from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { pauseAfter } from '../../../server/runner/run-ending.ts'
import { TaskFailedError } from '../../../server/runner/handler.ts'
import { priorities } from '../../../server/runner/task.ts'
import { isSqlite } from '../../database.ts'
import { sha256 } from '../graphql-site.ts'
import { gate, noting, taskSite } from './task-site.ts'

const failing = () => Promise.reject(new Error('the disk fails'))

test('a task that is enqueued runs once, and its row tells how it ended', async () => {
  const site = await taskSite()
  const handler = noting({
    version: 4,
    record: (key) => ({ result: { id: sha256(String(key)), sizeBytes: 3 }, summary: '{"short":1}' }),
  })
  const { start, settled } = await site.server([handler])
  await site.add({ key: 'one', payload: '{"n":1}' })
  await start()
  await settled()
  expect(handler.ran).toEqual(['one'])
  expect(await site.row('one')).toMatchObject({
    ...{ state: 'DONE', version: 4, attempts: 1, error: null, payload: '{"n":1}', leaseOwner: null },
    ...{ resultSha256: sha256('one'), resultSizeBytes: 3n, summary: '{"short":1}' },
    ...{ startedAt: site.clock.now(), finishedAt: site.clock.now() },
  })
})

test.each([
  ['waits', 'keep', null, 1],
  ['waits', 'runAgain', null, 1],
  ['has ended', 'keep', 1, 0],
  ['has ended', 'runAgain', 1, 1],
  ['has ended with this version', { olderThan: 2 }, 2, 0],
  ['has ended with an older version', { olderThan: 3 }, 2, 1],
] as const)('a task that %s, and is enqueued with %j, has one row', async (_when, ifKnown, version, runs) => {
  const site = await taskSite()
  const handler = noting({ version: version ?? 1 })
  const { start, settled } = await site.server([handler])
  await site.add({ key: 'one' })
  if (version !== null) {
    await start()
    await settled()
    handler.ran.splice(0)
  }
  await site.add({ key: 'one', ifKnown }, { key: 'one', ifKnown })
  await start()
  await settled()
  expect(handler.ran).toHaveLength(runs)
  expect(await site.db.queuedTask.count()).toBe(1)
})

test.each([
  ['succeeds', () => Promise.resolve()],
  ['fails', () => Promise.reject(new TaskFailedError('no'))],
  ['is to be tried again', failing],
])('a task that is enqueued while it runs, and %s, runs again after that', async (_how, end) => {
  const site = await taskSite()
  const [begun, goOn] = [gate(), gate()]
  let runs = 0
  const handler = noting({
    async run() {
      runs++
      if (runs > 1) return
      begun.open()
      await goOn.opened
      await end()
    },
  })
  const { start, settled } = await site.server([handler])
  await site.add({ key: 'one' })
  await start()
  await begun.opened
  await site.add({ key: 'one', ifKnown: 'runAgain', payload: '2' })
  await site.add({ key: 'two' })
  expect(await site.row('one')).toMatchObject({ state: 'RUNNING' })
  expect(runs).toBe(1)
  goOn.open()
  await settled()
  expect(runs).toBe(3)
  expect(await site.row('one')).toMatchObject({ state: 'DONE', attempts: 1, payload: '2', error: null })
})

test.each([
  [1, 1, 1_000],
  [2, 1, 4_000],
  [3, 1, 16_000],
  [3, 0, 8_000],
  [2, 0.5, 3_000],
  [20, 1, 3_600_000],
])('after attempt %i, with the random number %f, a task pauses for %i ms', (attempts, random, expected) => {
  expect(pauseAfter(attempts, 1_000, random)).toBe(expected)
})

test('a task with an error is tried again after its pause, and is dead after its last attempt', async () => {
  const site = await taskSite()
  const ended = vi.fn()
  const { start, lines } = await site.server([noting({ run: failing, ended })])
  await site.add({ key: 'one' })
  await start()
  for (const [attempts, pauseMs] of [
    [1, 1_000],
    [2, 4_000],
  ] as const) {
    await expect
      .poll(() => site.row('one'))
      .toMatchObject({
        ...{ state: 'PENDING', attempts, error: 'the disk fails' },
        dueAt: new Date(site.clock.nowMs() + pauseMs),
      })
    expect(ended).not.toHaveBeenCalled()
    site.clock.advance(pauseMs - 1)
    expect(await site.row('one')).toMatchObject({ state: 'PENDING', attempts })
    await expect
      .poll(async () => {
        // The runner may set its timer after the clock was moved.
        site.clock.advance(1)
        return (await site.row('one')).attempts
      })
      .toBe(attempts + 1)
    // The pause is counted from the end of the attempt.
    site.clock.advance(0)
    await expect.poll(async () => (await site.row('one')).state).not.toBe('RUNNING')
    if (attempts === 1) {
      const { dueAt } = await site.row('one')
      site.clock.advance(dueAt.getTime() - 4_000 - site.clock.nowMs())
    }
  }
  await expect
    .poll(() => site.row('one'))
    .toMatchObject({ state: 'DEAD', attempts: 3, error: 'the disk fails; it was tried 3 times' })
  expect(ended).toHaveBeenCalledOnce()
  expect(lines).toHaveLength(3)
})

test('a task that cannot succeed is not tried again, and loses the result of an older version', async () => {
  const site = await taskSite()
  const first = await site.server([
    noting({ record: () => ({ result: { id: sha256('old'), sizeBytes: 1 } }) }),
  ])
  await site.add({ key: 'one' })
  await first.start()
  await first.settled()
  await first.close()
  const run = () => Promise.reject(new TaskFailedError('no such content'))
  const next = await site.server([noting({ version: 2, run })])
  await site.add({ key: 'one', ifKnown: { olderThan: 2 } })
  expect(await site.row('one')).toMatchObject({ state: 'PENDING', resultSha256: sha256('old') })
  await next.start()
  await next.settled()
  expect(await site.row('one')).toMatchObject({
    ...{ state: 'FAILED', version: 2, error: 'no such content', resultSha256: null, resultSizeBytes: null },
  })
})

test('tasks run by priority, then in the order in which they became due', async () => {
  const site = await taskSite()
  const slots = { max: 1 }
  const handler = noting({ slots })
  const other = noting({ kind: 'B', slots, run: handler.run })
  await site.add({ key: 'later', priority: priorities.later }, { key: 'one' })
  site.clock.advance(1)
  await site.add(
    { key: 'two', kind: 'B' },
    { key: 'waited for', priority: priorities.later },
    { key: 'three' },
  )
  const runner = await site.server([handler, other])
  runner.prioritize({ kind: 'A', key: 'waited for' })
  runner.prioritize({ kind: 'B', key: 'new' })
  runner.prioritize({ kind: 'unknown', key: 'x' })
  await runner.start()
  await runner.settled()
  expect(handler.ran.slice(0, 2).sort()).toEqual(['new', 'waited for'])
  expect(handler.ran.slice(2)).toEqual(['one', 'two', 'three', 'later'])
})

test('a task that waits after an error keeps its pause, also if somebody waits for it', async () => {
  const site = await taskSite()
  const runner = await site.server([noting({ run: failing })])
  await site.add({ key: 'one' })
  await runner.start()
  await expect.poll(() => site.row('one')).toMatchObject({ state: 'PENDING', attempts: 1 })
  const { dueAt } = await site.row('one')
  runner.prioritize({ kind: 'A', key: 'one' })
  await expect.poll(() => site.row('one')).toMatchObject({ priority: priorities.first })
  expect(await site.row('one')).toMatchObject({ attempts: 1, dueAt })
})

test('while uploads arrive only tasks run that somebody waits for, or that do not yield', async () => {
  const site = await taskSite()
  const yielding = noting({ kind: 'Y', slots: { max: 5 }, yieldsToUploads: true })
  const other = noting({ slots: { max: 5 } })
  const server = await site.server([yielding, other])
  await server.start()
  await server.settled()
  // On PostgreSQL the runner hears of it by a notification.
  const heard = new Promise<void>((resolve) => site.changes.on(['builds'], resolve))
  await site.writer.transact(['builds'], () => Promise.resolve())
  await heard
  await site.add({ kind: 'Y', key: 'shown' }, { kind: 'Y', key: 'hidden' }, { key: 'at once' })
  server.prioritize({ kind: 'Y', key: 'shown' })
  await expect.poll(() => [...yielding.ran, ...other.ran].sort()).toEqual(['at once', 'shown'])
  expect(await site.row('hidden')).toMatchObject({ state: 'PENDING' })
  await expect
    .poll(() => {
      site.clock.advance(300)
      return yielding.ran
    })
    .toEqual(['shown', 'hidden'])
})

test('handlers that share their slots run no more tasks at once than these', async () => {
  const site = await taskSite()
  let running = 0
  let most = 0
  const run = async () => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
  }
  const slots = { max: 3 }
  const { start, settled } = await site.server([noting({ slots, run }), noting({ kind: 'B', slots, run })])
  for (const kind of ['A', 'B'])
    await site.add(...Array.from({ length: 20 }, (_, n) => ({ kind, key: String(n) })))
  await start()
  await settled()
  expect(most).toBe(3)
  expect(await site.db.queuedTask.count({ where: { state: 'DONE' } })).toBe(40)
})

test.each([
  ['once for each version', {}, [1, 0, 1, 0]],
  ['at each start', { isAtStart: true }, [1, 1, 1, 1]],
] as const)('a standing task runs %s', async (_when, standing, expected) => {
  const site = await taskSite()
  const runsOf = async (version: number) => {
    const handler = noting({ standing, version })
    const { start, settled, close } = await site.server([handler])
    await start()
    await settled()
    await close()
    return handler.ran.length
  }
  expect([await runsOf(1), await runsOf(1), await runsOf(2), await runsOf(2)]).toEqual(expected)
})

test.each([
  ['succeeds', () => Promise.resolve()],
  ['cannot succeed', () => Promise.reject(new TaskFailedError('no'))],
])('a task of a schedule that %s runs again after its interval', async (_how, run) => {
  const site = await taskSite()
  const handler = noting({ standing: { everyMs: 60_000 }, run: vi.fn(run) })
  const { start, settled } = await site.server([handler])
  await start()
  // Schedules are never done: nobody waits for their next time.
  await settled()
  await expect.poll(() => site.row()).toMatchObject({ state: 'PENDING', attempts: 0 })
  expect((await site.row()).dueAt).toEqual(new Date(site.clock.nowMs() + 60_000))
  site.clock.advance(59_000)
  await settled()
  expect(handler.run).toHaveBeenCalledTimes(1)
  site.clock.advance(1_000)
  await settled()
  await expect.poll(() => (handler.run as ReturnType<typeof vi.fn>).mock.calls.length).toBe(2)
})

test('a partial task goes on from its progress, and starts anew when it is requested again', async () => {
  const site = await taskSite()
  const seen: (string | null)[] = []
  const ended = vi.fn()
  const handler = noting({
    run({ progress }) {
      seen.push(progress)
      return Promise.resolve(Number(progress ?? 0) + 1)
    },
    record: (next) => (Number(next) < 3 ? { progress: String(next), isPartial: true } : {}),
    ended,
  })
  const { start, settled } = await site.server([handler])
  await site.add({ key: 'one' })
  await start()
  await settled()
  expect(seen).toEqual([null, '1', '2'])
  expect(ended).toHaveBeenCalledOnce()
  await site.add({ key: 'one', ifKnown: 'runAgain' })
  await settled()
  expect(seen.slice(3)).toEqual([null, '1', '2'])
})

test('a partial task pauses between its parts', async () => {
  const site = await taskSite()
  const handler = noting({ record: () => ({ isPartial: true, pauseMs: 700 }) })
  const { start } = await site.server([handler])
  await site.add({ key: 'one' })
  await start()
  await expect
    .poll(() => site.row('one'))
    .toMatchObject({
      ...{ state: 'PENDING', attempts: 0, dueAt: new Date(site.clock.nowMs() + 700) },
    })
  expect(handler.ran).toEqual(['one'])
})

test('what a handler writes while its task is completed is committed with it, or not at all', async () => {
  const site = await taskSite()
  const [kept, dropped] = [vi.fn(() => Promise.resolve()), vi.fn(() => Promise.resolve())]
  let isBroken = true
  const handler = noting({
    ...{ kept, dropped, retryPauseMs: 0 },
    async complete(tx, { key }) {
      await tx.job.create({ data: { name: key } })
      if (isBroken) throw new Error('the constraint of another row')
    },
  })
  const { start, settled } = await site.server([handler])
  await site.add({ key: 'one' })
  await start()
  await settled()
  expect(await site.row('one')).toMatchObject({
    ...{ state: 'DEAD', error: 'the constraint of another row; it was tried 3 times' },
  })
  expect(await site.db.job.count()).toBe(0)
  expect([kept.mock.calls.length, dropped.mock.calls.length]).toEqual([0, 3])
  isBroken = false
  await site.add({ key: 'one', ifKnown: 'runAgain' })
  await settled()
  expect(await site.db.job.findMany({ select: { name: true } })).toEqual([{ name: 'one' }])
  expect([kept.mock.calls.length, dropped.mock.calls.length]).toEqual([1, 3])
})

test('a run that takes too long is given up, and its signal aborted', async () => {
  const site = await taskSite()
  const [begun, aborted] = [gate(), gate()]
  const handler = noting({
    ...{ timeoutMs: 5_000, maxAttempts: 1 },
    run(_task, signal) {
      begun.open()
      signal.addEventListener('abort', aborted.open)
      return new Promise(() => {})
    },
  })
  const { start } = await site.server([handler])
  await site.add({ key: 'one' })
  await start()
  await begun.opened
  site.clock.advance(5_000)
  await aborted.opened
  await expect
    .poll(() => site.row('one'))
    .toMatchObject({ state: 'DEAD', error: 'it takes longer than 5 s; it was tried 1 times' })
})

test('a task of a kind that has no handler is left alone', async () => {
  const site = await taskSite()
  const { start, settled } = await site.server([noting({ kind: 'B' })])
  await site.add({ key: 'one' })
  await start()
  await settled()
  expect(await site.row('one')).toMatchObject({ state: 'PENDING', attempts: 0, claims: 0 })
})

test.runIf(isSqlite)(
  'a runner that has nothing to do looks for tasks with a few statements, all by an index',
  async () => {
    const site = await taskSite()
    await site.add(...Array.from({ length: 50 }, (_, n) => ({ key: String(n) })))
    const { start, settled } = await site.server([noting(), noting({ kind: 'B' })])
    await start()
    await settled()
    const sqlite = new Database(site.file, { readonly: true })
    const statements = new Set(site.statements.filter((one) => /^(SELECT|UPDATE|INSERT)/.test(one)))
    expect(statements.size).toBeGreaterThan(3)
    for (const statement of statements) {
      const values = statement.match(/\?/g)?.map(() => null) ?? []
      const plan = sqlite
        .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${statement}`)
        .all(...values)
      expect(
        plan.filter(({ detail }) => /^SCAN (main\.)?"?QueuedTask/.test(detail)),
        statement,
      ).toEqual([])
    }
    sqlite.close()
    site.statements.splice(0)
    await settled()
    // What is due, what is lost, whether anything waits (in a transaction), and when the next is due.
    expect(site.statements.length).toBeLessThanOrEqual(6)
  },
)
