import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { once } from 'node:events'
import { createClient } from 'graphql-sse'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { testApp, type TestApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { addRun, addTry, print, setRun, setTry } from './run-site.ts'

type Event = {
  run: {
    state: string
    medianDurationMs: number | null
    waiting: { ahead: number; reason: string } | null
    build: { uuid: string } | null
  } | null
  attempt: number | null
  lines: { number: number; offsetMs: number; text: string }[]
  isLast: boolean
}

const query = `subscription ($run: UUID!, $after: Int, $attempt: Int) {
  runConsole(run: $run, after: $after, attempt: $attempt) {
    run { state medianDurationMs waiting { ahead reason } build { uuid } } attempt lines { number offsetMs text } isLast
  }
}`

let app: TestApp
beforeAll(async () => {
  app = await testApp({ keep: true })
  return app.close
})

const viewers = () => app.deps.events.listenerCount('serverStops')

type Position = { after?: number; attempt?: number }

/** Follows a run. `events` grows; `ended` resolves when the stream completes, and rejects with its first error. */
function follow(run: string, position: Position = {}) {
  const client = createClient({ url: `${app.url}/graphql`, retryAttempts: 0 })
  onTestFinished(() => client.dispose())
  const events: Event[] = []
  const stream = client.iterate<{ runConsole: Event }>({ query, variables: { run, ...position } })
  const ended = (async () => {
    for await (const { data, errors } of stream) {
      if (errors) throw new Error(errors[0]?.message)
      if (data) events.push(data.runConsole)
    }
  })()
  ended.catch(() => {})
  const lines = () =>
    events.flatMap(({ attempt, lines }) => lines.map(({ number }) => `${attempt}:${number}`))
  const states = () => events.flatMap(({ run }) => (run ? [run.state] : []))
  return { client, events, ended, lines, states }
}

const numbered = (attempt: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `${attempt}:${from + n + 1}`)

test('a run is followed from the queue to its build, each line once', async () => {
  const job = 'median'
  const run = await addRun(app, { job, platform: 'one' })
  const early = follow(run)
  await expect.poll(early.states).toEqual(['QUEUED'])
  expect(early.events[0]?.run?.waiting).toEqual({ ahead: 0, reason: 'NO_WORKER' })
  const other = await addRun(app, { platform: 'one', position: 0 })
  await expect.poll(() => early.events.at(-1)?.run?.waiting?.ahead).toBe(1)
  await setRun(app, other, 'CANCELLED')
  await expect.poll(() => early.events.at(-1)?.run?.waiting?.ahead).toBe(0)
  await addTry(app, run)
  await print(app, run, 0, 2_500)
  await setRun(app, run, 'RUNNING')
  await expect.poll(() => early.lines().length).toBe(2_500)
  const late = follow(run)
  // Whoever has not looked before the run has its build gets no lines.
  await expect.poll(() => late.lines().length).toBeGreaterThan(0)
  await print(app, run, 2_500, 3_000)
  await app.deps.consoles.find(run)?.end('exited 0')
  await setRun(app, run, 'UPLOADED')
  expect((await app.upload(sampleRecord({ uuid: run, job, platform: 'one' }))).status).toBe(201)
  await setTry(app, run, { state: 'ENDED', ending: 'STORED' })
  await setRun(app, run, 'DONE')
  await app.deps.consoles.find(run)?.dispose()
  await early.ended
  await late.ended
  for (const { lines, events } of [early, late]) {
    expect(lines()).toEqual(numbered(1, 0, 3_000))
    expect(events.at(-1)).toMatchObject({ isLast: true, run: { state: 'DONE', build: { uuid: run } } })
    expect(events.filter(({ isLast }) => isLast)).toHaveLength(1)
  }
  expect(early.states()[0]).toBe('QUEUED')
  // Each event shows what is there at its time.
  expect(early.events[0]?.run?.medianDurationMs).toBeNull()
  expect(early.events.at(-1)?.run?.medianDurationMs).toBe(61_500)
  expect(early.events.find(({ lines }) => lines.length > 0)?.lines[0]).toEqual({
    ...{ number: 1, offsetMs: 0, text: 'line 0' },
  })
  // Whoever comes later is told at once.
  const latest = follow(run)
  await latest.ended
  expect(latest.events).toMatchObject([{ isLast: true, run: { state: 'DONE' }, lines: [] }])
})

test('who goes on behind a line gets the rest; of a try that is over, all of the next one', async () => {
  const run = await addRun(app, { platform: 'two' })
  await addTry(app, run)
  await print(app, run, 0, 10)
  const first = follow(run, { after: 4, attempt: 1 })
  await expect.poll(first.lines).toEqual(numbered(1, 4, 10))
  await setTry(app, run, { state: 'ENDED', ending: 'PUT_BACK', error: 'the connection is gone' })
  await setRun(app, run, 'QUEUED')
  await app.deps.consoles.find(run)?.dispose()
  await expect.poll(() => first.states().at(-1)).toBe('QUEUED')
  const second = await addTry(app, run)
  await print(app, second, 0, 3)
  await expect.poll(first.lines).toEqual([...numbered(1, 4, 10), ...numbered(2, 0, 3)])
  const others = [
    follow(run, { after: 10, attempt: 1 }),
    follow(second, { after: 2, attempt: 2 }),
    follow(run, { after: 1 }),
  ]
  await expect
    .poll(() => others.map(({ lines }) => lines()))
    .toEqual([numbered(2, 0, 3), numbered(2, 2, 3), numbered(2, 1, 3)])
  await app.deps.consoles.find(second)?.dispose()
  await setRun(app, run, 'CANCELLED')
  for (const { ended, events } of [first, ...others]) {
    await ended
    expect(events.at(-1)).toMatchObject({ isLast: true, run: { state: 'CANCELLED', build: null } })
  }
})

test('bytes that are not UTF-8 are shown, and long lines are cut', async () => {
  const run = await addRun(app, { platform: 'three' })
  await addTry(app, run)
  const texts = [Buffer.from([0x61, 0xff]), Buffer.from('x'.repeat(20_000)), Buffer.from('a\nb')]
  await app.deps.consoles.find(run)?.append(texts.map((text) => ({ deltaNs: 1_500_000n, text })))
  const { events } = follow(run)
  await expect.poll(() => events.flatMap(({ lines }) => lines)).toHaveLength(3)
  expect(events.flatMap(({ lines }) => lines)).toEqual([
    { number: 1, offsetMs: 1.5, text: 'a\ufffd' },
    { number: 2, offsetMs: 1.5, text: `${'x'.repeat(16_384)} [3616 more bytes of this line]` },
    { number: 3, offsetMs: 1.5, text: 'a\nb' },
  ])
  await app.deps.consoles.find(run)?.dispose()
})

test('what cannot be followed is refused', async () => {
  const unknown = randomUUID()
  await expect(follow(unknown).ended).rejects.toThrow(`no run ${unknown}`)
  await expect(follow(unknown, { after: -1 }).ended).rejects.toThrow('after is -1: it must not be negative')
  const nothing = () => {}
  for (let n = 0; n < 1_000; n++) app.deps.events.on('serverStops', nothing)
  await expect(follow(unknown).ended).rejects.toThrow(/503|too many/)
  for (let n = 0; n < 1_000; n++) app.deps.events.off('serverStops', nothing)
})

/** A viewer whose socket is read by hand. */
async function slowViewer(run: string) {
  const { hostname, port } = new URL(app.url)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const body = JSON.stringify({ query, variables: { run } })
  socket.pause()
  socket.write(
    `POST /graphql HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  return socket
}

test('viewers that do not read keep little in memory, miss no line, and leave nothing behind', async () => {
  const before = viewers()
  const run = await addRun(app, { platform: 'four' })
  await addTry(app, run)
  const stuck = await Promise.all(Array.from({ length: 20 }, () => slowViewer(run)))
  const [reading, ...leaving] = stuck
  await expect.poll(viewers).toBe(before + 20)
  // 20 viewers of 20 MB.
  const text = Buffer.from('x'.repeat(1_000))
  const used = () => process.memoryUsage().heapUsed + process.memoryUsage().external
  const idle = used()
  for (let n = 0; n < 20; n++)
    await app.deps.consoles.find(run)?.append(Array.from({ length: 1_000 }, () => ({ deltaNs: 0n, text })))
  // They have got what fits into the buffers of their sockets.
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect((used() - idle) / 2 ** 20).toBeLessThan(100)
  for (const socket of leaving) socket.destroy()
  await expect.poll(viewers).toBe(before + 1)
  let received = ''
  let count = 0
  reading?.setEncoding('utf8').on('data', (chunk: string) => {
    received += chunk
    const end = received.lastIndexOf('}')
    for (const _ of received.slice(0, end).matchAll(/"number":/g)) count++
    received = received.slice(end)
  })
  reading?.resume()
  await expect.poll(() => count, { timeout: 60_000, interval: 100 }).toBe(20_000)
  await app.deps.consoles.find(run)?.dispose()
  await setRun(app, run, 'CANCELLED')
  await expect.poll(viewers).toBe(before)
}, 120_000)

test('a client that goes away leaves nothing behind, and neither does one whose server stops', async () => {
  const before = viewers()
  const run = await addRun(app, { platform: 'five' })
  await addTry(app, run)
  const one = follow(run)
  const other = follow(run)
  await expect.poll(viewers).toBe(before + 2)
  await expect.poll(() => [one.events.length, other.events.length]).toEqual([1, 1])
  one.client.dispose()
  await expect.poll(viewers).toBe(before + 1)
  app.deps.events.emit('serverStops')
  await other.ended
  expect(viewers()).toBe(before)
  await app.deps.consoles.find(run)?.dispose()
})
