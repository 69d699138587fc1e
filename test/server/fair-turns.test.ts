import { setImmediate as nextIteration } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fairTurns } from '../../server/fair-turns.ts'

/** Tasks that run until they are ended by their name; `started` has their names in order. */
function tasks(atOnce: number) {
  const { run, waitingOf } = fairTurns(atOnce)
  const started: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const add = (client: string, name: string) =>
    run(client, () => {
      started.push(name)
      return new Promise<string>((resolve, reject) =>
        ends.set(name, (error) => (error ? reject(error) : resolve(name))),
      )
    })
  const end = async (name: string, error?: Error) => {
    ends.get(name)?.(error)
    await nextIteration()
  }
  return { add, end, started, waitingOf }
}

test('as many tasks run at the same time as are allowed, of all clients together', async () => {
  const { add, started, waitingOf } = tasks(2)
  for (const client of ['a', 'b', 'c']) void add(client, `${client}1`)
  await nextIteration()
  expect(started).toEqual(['a1', 'b1'])
  expect(waitingOf('c')).toBe(1)
  expect(waitingOf('a')).toBe(0)
})

test('clients take turns, and the tasks of one start in their order', async () => {
  const { add, end, started } = tasks(1)
  for (const name of ['a1', 'a2', 'a3', 'a4']) void add('a', name)
  for (const name of ['b1', 'b2']) void add('b', name)
  void add('c', 'c1')
  await nextIteration()
  for (const name of ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']) await end(name)
  expect(started).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4'])
})

test('a client alone has all places, and leaves the next one to another client', async () => {
  const { add, end, started } = tasks(2)
  for (const name of ['a1', 'a2', 'a3', 'a4']) void add('a', name)
  await nextIteration()
  expect(started).toEqual(['a1', 'a2'])
  void add('b', 'b1')
  await end('a2')
  expect(started).toEqual(['a1', 'a2', 'b1'])
})

test('a task that fails leaves its place to the next, and its caller gets the error', async () => {
  const { add, end, started } = tasks(1)
  const failing = add('a', 'a1')
  const next = add('b', 'b1')
  await nextIteration()
  await Promise.all([expect(failing).rejects.toThrow('broken'), end('a1', new Error('broken'))])
  await end('b1')
  expect(await next).toBe('b1')
  expect(started).toEqual(['a1', 'b1'])
})

test('new clients do not keep one with many tasks waiting for ever', async () => {
  const { add, end, started } = tasks(1)
  for (const name of ['a1', 'a2']) void add('a', name)
  void add('b', 'b')
  await nextIteration()
  for (const [ended, next] of [
    ['a1', 'c'],
    ['b', 'd'],
    ['c', 'e'],
  ] as const) {
    void add(next, next)
    await end(ended)
  }
  expect(started).toEqual(['a1', 'b', 'c', 'a2'])
})
