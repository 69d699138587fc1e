import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setImmediate as nextIteration } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { testApp } from '../app.ts'

afterEach(() => {
  // First the spy: it would put the timer that it spies on, a false one, back into the place of the real one later.
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const deadlineMs = 30_000

test('an operation that trickles in is refused after its deadline, however busy its client', async () => {
  const app = await testApp()
  // The server's clock stands still until the test moves it.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const timers = vi.spyOn(globalThis, 'setTimeout')
  const { hostname, port } = new URL(app.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.write(
    'POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  )
  // Not `expect.poll`, which moves the clock.
  while (!timers.mock.calls.some(([, ms]) => ms === deadlineMs)) await nextIteration()
  const answer = text(socket)
  for (let second = 10; second < 30; second += 10) {
    vi.advanceTimersByTime(10_000)
    socket.write(' ')
  }
  vi.advanceTimersByTime(9_999)
  // Another client is answered, so the server has had its turn; the one that trickles still has its connection.
  const other = await app.graphql('{ __typename }')
  expect(other.data).toEqual({ __typename: 'Query' })
  expect(socket.destroyed).toBe(false)

  vi.advanceTimersByTime(1)
  socket.end()
  expect(await answer).toMatch(/^HTTP\/1.1 408 [\s\S]*did not arrive within 30 seconds/)
})
