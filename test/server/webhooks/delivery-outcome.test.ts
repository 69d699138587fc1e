import { expect, test } from 'vitest'
import type { Attempt } from '../../../server/webhooks/attempt-delivery.ts'
import { outcomeOf } from '../../../server/webhooks/delivery-outcome.ts'
import { pauseAfterAttempts } from '../../../server/webhooks/retry-times.ts'

const at = new Date('2026-03-01T00:00:00Z')
const minute = 60_000
const attempt = (more: Partial<Attempt> = {}): Attempt => ({
  ...{ at, url: 'https://example.org/', requestHeaders: '{}', requestBody: '', status: 500, durationMs: 0 },
  ...{ responseHead: null, error: 'the receiver answered 500', retryAfter: undefined },
  ...more,
})
const healthy = { state: 'ENABLED', failureCount: 0, failingSince: null }
const inMs = (ms: number) => new Date(at.getTime() + ms)

test('the pauses are those of the specification, and 20 % of chance', () => {
  const seconds = Array.from({ length: 11 }, (_, n) => (pauseAfterAttempts(n, 0.5) ?? -1_000) / 1_000)
  expect(seconds).toEqual([0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, -1])
  expect([pauseAfterAttempts(1, 0), pauseAfterAttempts(1, 1)]).toEqual([4_000, 6_000])
})

test('after the tenth attempt a delivery is dead', () => {
  const last = outcomeOf(attempt(), { attempts: 9 }, healthy, 0.5)
  expect(last.delivery).toMatchObject({ state: 'DEAD', attempts: 10, status: 500 })
  expect(outcomeOf(attempt(), { attempts: 8 }, healthy, 0.5).delivery).toMatchObject({ state: 'PENDING' })
})

test.each([
  [429, '120', 2 * minute],
  [503, '999999999', 60 * minute],
  [502, inMs(3 * minute).toUTCString(), 3 * minute],
  [504, undefined, minute],
  [503, 'soon', minute],
  [500, '120', null],
])('an answer %i with Retry-After %s pauses the endpoint for %s ms', (status, retryAfter, pauseMs) => {
  const { delivery, endpoint } = outcomeOf(attempt({ status, retryAfter }), { attempts: 0 }, healthy, 0.5)
  expect(endpoint.pausedUntil).toEqual(pauseMs === null ? null : inMs(pauseMs))
  expect(delivery.dueAt).toEqual(inMs(pauseMs ?? 5_000))
})

test.each([
  [2, 1],
  [3, 2],
  [40, 10],
])('after %i failures, one without an answer pauses the endpoint for %i minutes', (failureCount, minutes) => {
  const unheard = attempt({ status: null, error: 'no connection: ETIMEDOUT', durationMs: 20_000 })
  const failing = { ...healthy, failureCount, failingSince: at }
  const { delivery, endpoint } = outcomeOf(unheard, { attempts: 0 }, failing, 0.5)
  expect(endpoint.pausedUntil).toEqual(inMs(20_000 + minutes * minute))
  expect(delivery.dueAt).toEqual(inMs(25_000))
  expect(
    outcomeOf(unheard, { attempts: 0 }, { ...healthy, failureCount: 1 }, 0.5).endpoint.pausedUntil,
  ).toBeNull()
})

test('410 suspends the endpoint, and the delivery is dead', () => {
  const { delivery, endpoint } = outcomeOf(attempt({ status: 410 }), { attempts: 0 }, healthy, 0.5)
  expect(delivery.state).toBe('DEAD')
  expect(endpoint).toMatchObject({
    state: 'SUSPENDED',
    stateReason: expect.stringContaining('410') as string,
  })
})

test('five days of failures suspend the endpoint, and a success forgets them', () => {
  const failingSince = new Date(at.getTime() - 5 * 24 * 60 * minute)
  const failing = { state: 'ENABLED', failureCount: 40, failingSince }
  expect(outcomeOf(attempt(), { attempts: 0 }, failing, 0.5).endpoint).toMatchObject({
    ...{ state: 'SUSPENDED', failureCount: 41, failingSince },
  })
  const since = new Date(failingSince.getTime() + 1)
  expect(
    outcomeOf(attempt(), { attempts: 0 }, { ...failing, failingSince: since }, 0.5).endpoint,
  ).not.toHaveProperty('state')
  expect(outcomeOf(attempt({ status: 204, error: null }), { attempts: 3 }, failing, 0.5)).toEqual({
    delivery: { state: 'DELIVERED', attempts: 4, status: 204, error: null },
    endpoint: { failureCount: 0, failingSince: null, pausedUntil: null },
  })
})
