import type { IncomingHttpHeaders } from 'node:http'
import { expect, test } from 'vitest'
import { changeKinds, isChangeKind } from '../../server/changes/change.ts'
import { changeListeners } from '../../server/changes/change-feed.ts'
import { createLog } from '../../server/log.ts'
import { untilChange } from '../../server/until-change.ts'

const nobody = { headers: {} }

type Value = { made: number; isWhole: boolean }

/** `atLook` is what another process has changed when somebody looks next. */
function countingCache() {
  const listeners = changeListeners(createLog('silent'))
  const process = { atLook: () => {}, isSlow: false }
  const look = () => {
    if (!process.isSlow) return void process.atLook()
    return Promise.resolve().then(process.atLook)
  }
  const keep = untilChange<Value>({ on: listeners.on, look }, 10, ({ isWhole }) => isWhole)
  let made = 0
  return {
    ...{ listeners, process, keep },
    ask: (isWhole = true, headers: IncomingHttpHeaders = {}) =>
      keep({ headers }, 'key', () => Promise.resolve({ made: ++made, isWhole })),
  }
}

const kinds = Object.keys(changeKinds).filter(isChangeKind)

test.each(kinds)('a value is cached until a change that visitors see: %s', async (kind) => {
  const { listeners, ask } = countingCache()
  expect([await ask(), await ask()].map(({ made }) => made)).toEqual([1, 1])
  listeners.raise({ [kind]: 1 })
  const expected = changeKinds[kind].isVisible ? 2 : 1
  expect([await ask(), await ask()].map(({ made }) => made)).toEqual([expected, expected])
})

test.each([false, true])(
  'a change that is noticed by the look before an answer counts for it (slow: %s)',
  async (isSlow) => {
    const { listeners, process, ask } = countingCache()
    process.isSlow = isSlow
    expect((await ask()).made).toBe(1)
    process.atLook = () => listeners.replace({ builds: 7 })
    expect([await ask(), await ask()].map(({ made }) => made)).toEqual([2, 2])
  },
)

test('when changes may have been missed, nothing is given from memory', async () => {
  const { listeners, process, ask } = countingCache()
  process.atLook = () => listeners.forget()
  expect([await ask(), await ask()].map(({ made }) => made)).toEqual([1, 2])
})

test('a visitor whose browser sends a cookie, which nothing reads, shares values', async () => {
  const { ask } = countingCache()
  expect([await ask(), await ask(true, { cookie: 'theme=dark' })].map(({ made }) => made)).toEqual([1, 1])
})

test.each([{ authorization: 'Basic YTpi' }, { authorization: 'Basic YTpi', cookie: 'session=1' }])(
  'a value for a request with %j is neither taken from others nor given to others',
  async (headers) => {
    const { ask } = countingCache()
    const made = [await ask(), await ask(true, headers), await ask(true, headers), await ask()]
    expect(made.map((value) => value.made)).toEqual([1, 2, 3, 1])
    expect((await countingCache().ask(true, headers)).made).toBe(1)
  },
)

test('an error goes to the waiting callers, and is not cached', async () => {
  const { ask, keep } = countingCache()
  const failed = new Error('the database is locked')
  const both = [keep(nobody, 'key', () => Promise.reject(failed)), ask()]
  for (const waiting of both) await expect(waiting).rejects.toBe(failed)
  expect((await ask()).made).toBe(1)
})

test('a value that is not worth keeping is computed again', async () => {
  const { ask } = countingCache()
  expect([(await ask(false)).made, (await ask()).made, (await ask()).made]).toEqual([1, 2, 2])
})

test('a value whose computation overlaps a change is not cached, even if it fails later', async () => {
  const { listeners, ask, keep } = countingCache()
  let fail: (error: Error) => void = () => undefined
  const early = keep(nobody, 'key', () => new Promise((_resolve, reject) => (fail = reject)))
  listeners.raise({ builds: 1 })
  expect((await ask()).made).toBe(1)
  fail(new Error('too late'))
  await expect(early).rejects.toThrow('too late')
  expect((await ask()).made).toBe(1)
})
