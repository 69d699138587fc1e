import { expect, test } from 'vitest'
import { createEvents } from '../../server/events.ts'
import { untilChange } from '../../server/until-change.ts'

type Value = { made: number; isWhole: boolean }

function countingCache() {
  const events = createEvents()
  const keep = untilChange<Value>(events, 10, ({ isWhole }) => isWhole)
  let made = 0
  return {
    events,
    ask: (isWhole = true) => keep('key', () => Promise.resolve({ made: ++made, isWhole })),
    keep,
  }
}

test('a value is cached until a build is stored or a job is described', async () => {
  const { events, ask } = countingCache()
  expect([await ask(), await ask()].map(({ made }) => made)).toEqual([1, 1])
  events.emit('buildStored', { uuid: 'any', job: 'hello' })
  expect([await ask(), await ask()].map(({ made }) => made)).toEqual([2, 2])
  events.emit('jobDescribed', { job: 'hello' })
  expect([await ask(), await ask()].map(({ made }) => made)).toEqual([3, 3])
  events.emit('analysisFinished', { kind: 'SOLO5', inputSha256: 'any', debugSha256: '' })
  expect((await ask()).made).toBe(3)
})

test('an error goes to the waiting callers, and is not cached', async () => {
  const { ask, keep } = countingCache()
  const failed = new Error('the database is locked')
  const both = [keep('key', () => Promise.reject(failed)), ask()]
  for (const waiting of both) await expect(waiting).rejects.toBe(failed)
  expect((await ask()).made).toBe(1)
})

test('a value that is not worth keeping is computed again', async () => {
  const { ask } = countingCache()
  expect([(await ask(false)).made, (await ask()).made, (await ask()).made]).toEqual([1, 2, 2])
})

test('a value whose computation overlaps a change is not cached, even if it fails later', async () => {
  const { events, ask, keep } = countingCache()
  let fail: (error: Error) => void = () => undefined
  const early = keep('key', () => new Promise((_resolve, reject) => (fail = reject)))
  events.emit('buildStored', { uuid: 'any', job: 'hello' })
  expect((await ask()).made).toBe(1)
  fail(new Error('too late'))
  await expect(early).rejects.toThrow('too late')
  expect((await ask()).made).toBe(1)
})
