import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../server/database/sqlite/open-sqlite.ts'
import { configOf, makeDataDir } from '../../durability/data-dir.ts'
import { hub } from '../../hub.ts'

/** A data directory with tasks in each state; two are dead of the same error. */
async function siteWithTasks() {
  const dataDir = makeDataDir()
  const { db, writer, closeDatabase } = await openDatabase(configOf(dataDir).databaseFile)
  onTestFinished(closeDatabase)
  const [now, error] = [new Date(), 'the disk \u001b[31mfails; it was tried 3 times']
  const row = (kind: string, key: string, state: string) => ({
    ...{ kind, key, state, priority: 10, attempts: 3, dueAt: now, createdAt: now },
    error: state === 'DEAD' ? error : null,
  })
  await writer.transact([], (tx) =>
    tx.queuedTask.createMany({
      data: [
        ...[row('A', '1', 'PENDING'), row('A', '2', 'DONE'), row('A', '3', 'FAILED')],
        ...[row('B', 'job-1', 'DEAD'), row('B', 'job-2', 'DEAD'), row('C', '1', 'DEAD')],
      ],
    }),
  )
  const run = (...args: string[]) => hub(['tasks', ...args, '--data-dir', dataDir])
  return { db, run }
}

test('the state of tasks, and the errors of dead ones, are printed', async () => {
  const { run } = await siteWithTasks()
  const { status, stdout } = await run('status')
  expect(status).toBe(0)
  expect(stdout).toMatch(/^A +1 +0 +1 +1 +0$/m)
  expect(stdout).toMatch(/^B +0 +0 +0 +0 +2$/m)
  expect(stdout).toContain('2 × B: the disk \u{fffd}[31mfails; it was tried 3 times (such as job-2)')
  expect(JSON.parse((await run('status', '--json')).stdout)).toMatchObject({
    kinds: [{ kind: 'A', pending: 1, running: 0, done: 1, failed: 1, dead: 0 }, { kind: 'B' }, { kind: 'C' }],
    dead: [
      { kind: 'B', count: 2 },
      { kind: 'C', count: 1 },
    ],
  })
})

test('dead tasks are retried, of one kind or of all', async () => {
  const { db, run } = await siteWithTasks()
  expect((await run('retry', '--kind', 'C')).stdout).toMatch(/^1 task runs /)
  expect(
    await db.queuedTask.findMany({ where: { kind: { in: ['B', 'C'] } }, orderBy: { id: 'asc' } }),
  ).toMatchObject([...[{ state: 'DEAD' }, { state: 'DEAD' }, { state: 'PENDING', attempts: 0, error: null }]])
  expect((await run('retry')).stdout).toMatch(/^2 tasks run /)
  expect(await db.queuedTask.count({ where: { state: 'DEAD' } })).toBe(0)
  expect(await db.queuedTask.count({ where: { state: 'FAILED' } })).toBe(1)
})

test('a kind without tasks is refused', async () => {
  const { run } = await siteWithTasks()
  const { status, stderr } = await run('retry', '--kind', 'D')
  expect(status).toBe(2)
  expect(stderr).toContain('there is no task of the kind D')
})
