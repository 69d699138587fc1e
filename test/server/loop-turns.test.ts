import { expect, test } from 'vitest'
import { nextTurn } from '../../server/loop-turns.ts'

/** Counts iterations of the event loop until it is stopped: an immediate that is set by another runs in the next. */
function countIterations() {
  let iterations = 0
  let isStopped = false
  const count = () => {
    iterations += 1
    if (!isStopped) setImmediate(count)
  }
  setImmediate(count)
  return { now: () => iterations, stop: () => (isStopped = true) }
}

test('one caller goes on in each iteration of the event loop', async () => {
  const iterations = countIterations()
  const resumedAt = await Promise.all(Array.from({ length: 20 }, () => nextTurn().then(iterations.now)))
  iterations.stop()
  expect(new Set(resumedAt).size).toBe(20)
})

test('callers with equally many turns go on in the order of their calls', async () => {
  const resumed: number[] = []
  await Promise.all([0, 1, 2, 3, 4, 5].map((n) => nextTurn(7).then(() => resumed.push(n))))
  expect(resumed).toEqual([0, 1, 2, 3, 4, 5])
})

test('work that has had few turns goes before work that has had many', async () => {
  const resumed: string[] = []
  const long = Array.from({ length: 40 }, () => nextTurn(100).then(() => resumed.push('long')))
  const short = Array.from({ length: 3 }, () => nextTurn(1).then(() => resumed.push('short')))
  await Promise.all([...long, ...short])
  // The oldest caller has some of the iterations.
  expect(resumed.lastIndexOf('short')).toBeLessThan(5)
})

test('long work goes on although short work arrives all the time', async () => {
  let isOver = false
  const long = nextTurn(1_000).then(() => (isOver = true))
  let arrived = 0
  while (!isOver) {
    await nextTurn()
    arrived += 1
  }
  await long
  expect(arrived).toBeLessThan(10)
})
