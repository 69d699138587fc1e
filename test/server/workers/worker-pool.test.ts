import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MalformedError } from '../../../server/errors.ts'
import { OpamLimitError, OpamSyntaxError } from '../../../server/formats/opam/opam-error.ts'
import {
  createWorkerPool,
  WorkersBusyError,
  WorkersClosedError,
} from '../../../server/workers/worker-pool.ts'
import { TaskLimitError } from '../../../server/workers/worker-process.ts'
import { testProgram } from '../../programs.ts'
import type { HostileTasks } from './hostile-worker.ts'

/** Real processes that run hostile-worker.ts. */
function hostilePool(options: Parameters<typeof createWorkerPool>[0] = {}) {
  const pool = createWorkerPool<HostileTasks>({
    file: testProgram('hostile-worker'),
    maxProcesses: 1,
    maxHeapMiB: 64,
    ...options,
  })
  onTestFinished(() => pool.close())
  return pool
}

test('the tasks of the server run in a process', async () => {
  const pool = createWorkerPool()
  onTestFinished(() => pool.close())
  await pool.warmUp()
  expect(await pool.run('describeSwitch', Buffer.from('roots: "mirage-unikernel-a.1"'))).toEqual({
    section: 'Unikernels',
    synopsis: null,
    description: null,
  })
  expect(await pool.run('renderMarkdown', Buffer.from('*é*'))).toBe('<p dir="auto"><em>é</em></p>')
})

test('the result of a task comes from another process', async () => {
  const pool = hostilePool()
  expect(await pool.run('double', 21)).toBe(42)
  const other = await pool.run('whichProcess', undefined)
  expect(other).not.toBe(process.pid)
  // It stays for the next task.
  expect(await pool.run('whichProcess', undefined)).toBe(other)
})

test('bytes arrive as they are', async () => {
  const pool = hostilePool()
  const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251)
  expect(await pool.run('reverse', { parts: [bytes, Buffer.from('abc').subarray(1)] })).toEqual([
    Uint8Array.from(bytes).reverse(),
    Uint8Array.of(99, 98),
  ])
  expect(bytes.length).toBe(300_000)
})

test('malformed input throws MalformedError', async () => {
  const pool = hostilePool()
  const error = await pool.run('throwMalformed', 7).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(MalformedError)
  expect(error).not.toBeInstanceOf(OpamSyntaxError)
  expect(error).toMatchObject({
    name: 'MalformedError',
    message: 'malformed sample at byte 7: bad byte',
    format: 'sample',
    offset: 7,
    reason: 'bad byte',
  })
})

test('an opam file with a syntax error, or beyond a limit, throws the matching error', async () => {
  const pool = hostilePool()
  const syntax = await pool.run('throwSyntax', 'é\nab').catch((thrown: unknown) => thrown)
  expect(syntax).toBeInstanceOf(OpamSyntaxError)
  expect(syntax).toMatchObject({ line: 2, column: 2, offset: 5, reason: 'unexpected end' })
  const limit = await pool.run('throwLimit', 'too much').catch((thrown: unknown) => thrown)
  expect(limit).toBeInstanceOf(OpamLimitError)
  expect(limit).toMatchObject({ name: 'OpamLimitError', message: 'too much' })
})

test('other errors keep message and stack, which names the line', async () => {
  const pool = hostilePool()
  const error = await pool.run('throwOther', 'a bug').catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Error)
  expect(error).toMatchObject({
    name: 'TypeError',
    message: 'a bug',
    stack: expect.stringContaining('hostile-worker.ts'),
  })
  await expect(pool.run('overflowStack', 0)).rejects.toThrow('Maximum call stack size exceeded')
  await expect(pool.run('notCloneable', undefined)).rejects.toThrow('could not be cloned')
  expect(await pool.run('double', 1)).toBe(2)
})

test('a task that never ends is ended, and those that wait get their turn', async () => {
  const pool = hostilePool()
  const never = pool.run('never', undefined, { timeoutMs: 50 }).catch((thrown: unknown) => thrown)
  const waiting = [1, 2, 3].map((number) => pool.run('double', number))
  const error = await never
  expect(error).toBeInstanceOf(TaskLimitError)
  expect(error).toMatchObject({ message: 'it takes longer than 0.05 s' })
  expect(await Promise.all(waiting)).toEqual([2, 4, 6])
})

test('the time that a task waits for others does not count', async () => {
  const pool = hostilePool()
  await pool.warmUp()
  const before = pool.run('never', undefined, { timeoutMs: 1_000 }).catch((thrown: unknown) => thrown)
  // It waits for a second and for another process to start, which takes longer than it may itself.
  expect(await pool.run('double', 4, { timeoutMs: 900 })).toBe(8)
  expect(await before).toBeInstanceOf(TaskLimitError)
})

test.each(['fillWithObjects', 'fillWithText', 'fillMap', 'fillOneArray', 'growArray', 'splitText'] as const)(
  'out of memory (%s) ends the process, not the server',
  async (name) => {
    const pool = hostilePool()
    const error = await pool.run(name, undefined, { timeoutMs: 200_000 }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TaskLimitError)
    expect(error).toMatchObject({ message: 'it takes more than 64 MiB of memory' })
    expect(await pool.run('double', 5)).toBe(10)
  },
)

test('a process that dies is replaced', async () => {
  const pool = hostilePool()
  await expect(pool.run('die', 3)).rejects.toThrow('worker process ended (status 3)')
  await expect(pool.run('throwLater', undefined)).rejects.toThrow('nobody catches this')
  expect(await pool.run('double', 6)).toBe(12)
})

test('more tasks than may wait are refused, the others are done', async () => {
  const pool = hostilePool({ maxWaiting: 3 })
  const outcomes = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((number) => pool.run('double', number)))
  const done = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value)
  const refused = outcomes
    .filter((outcome) => outcome.status === 'rejected')
    .map(({ reason }) => reason as Error)
  expect(done).toEqual([2, 4, 6, 8])
  for (const reason of refused) expect(reason).toBeInstanceOf(WorkersBusyError)
  expect(refused).toHaveLength(2)
})

test('tasks run side by side when there are processes for them', async () => {
  const pool = hostilePool({ maxProcesses: 2 })
  const never = pool.run('never', undefined).catch((thrown: unknown) => thrown)
  expect(await pool.run('double', 7)).toBe(14)
  await pool.close()
  expect(await never).toBeInstanceOf(WorkersClosedError)
})

test('closing ends tasks that are under way, that wait, and those that come later', async () => {
  const pool = hostilePool()
  const tasks = [pool.run('never', undefined), pool.run('double', 1), pool.run('double', 2)]
  const ended = Promise.allSettled(tasks)
  await pool.close()
  for (const outcome of await ended) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(WorkersClosedError) })
  }
  await expect(pool.run('double', 3)).rejects.toBeInstanceOf(WorkersClosedError)
  await pool.close()
})

test('code that cannot be loaded is reported, and the task does not wait forever', async () => {
  const pool = hostilePool({ file: join(import.meta.dirname, 'no-worker.mjs') })
  await expect(pool.run('double', 1)).rejects.toThrow(/worker process ended \(status 1\): .*no-worker\.mjs/s)
})

test('a process that does not answer is given up', async () => {
  const pool = hostilePool({ startTimeoutMs: 1 })
  await expect(pool.run('double', 1)).rejects.toThrow('it did not start within 0.001 s')
})

test('a task that never ends does not outlive a server that is killed', async () => {
  const parent = fork(testProgram('killed-parent'))
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [worker] = (await once(parent, 'message')) as [number]
  expect(isRunning(worker)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isRunning(worker)).toBe(false)
})

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
