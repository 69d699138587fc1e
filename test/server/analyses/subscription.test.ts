import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Client } from 'graphql-sse'
import { expect, onTestFinished, test } from 'vitest'
import { projectDir, temporaryDir, type TestApp } from '../../app.ts'
import { freshDatabase } from '../../database.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'
import { gate } from '../runner/task-site.ts'
import { buildOf, hostileApp } from './hostile-app.ts'

const query = 'subscription ($uuid: UUID!) { analysisFinished(build: $uuid) { id kind state error } }'

type Told = { kind: string; state: string; error: string | null }

function clientOf(url: string): Client {
  const client = createClient({ url: `${url}/graphql`, retryAttempts: 0 })
  onTestFinished(() => client.dispose())
  return client
}

/** What a client is told until the stream completes. */
async function follow(url: string, uuid: string, told: Told[] = []): Promise<Told[]> {
  const stream = clientOf(url).iterate<{ analysisFinished: Told }>({ query, variables: { uuid } })
  for await (const { data, errors } of stream) {
    if (errors) throw new Error(errors[0]?.message)
    if (data) told.push(data.analysisFinished)
  }
  return told
}

const listeners = ({ deps }: TestApp) => deps.changes.listenerCount('analyses')

test('a client receives each analysis of its build when it finishes, and then the end of the stream', async () => {
  const app = await hostileApp()
  const record = sampleRecord({ artifacts: [file('bin/a', 'malformed'), file('opam-switch', 'fine')] })
  await receiveAll(app, [record, buildOf('another')])
  const before = listeners(app)
  const told: Told[] = []
  const completed = follow(app.url, record.uuid, told)
  await expect.poll(() => listeners(app)).toBe(before + 1)
  expect(told).toEqual([])
  await app.deps.runner.start()
  await completed
  expect(told.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toMatchObject([
    { kind: 'DEPENDENCIES', state: 'READY', error: null },
    { kind: 'SOLO5', state: 'FAILED', error: 'malformed sample at byte 7: bad byte' },
  ])
  expect(listeners(app)).toBe(before)
  // Who comes late is told at once.
  expect(await follow(app.url, record.uuid)).toHaveLength(2)
})

/** Follows the analyses of a build on a server that reads the build only when `goOn` is opened. */
async function slowToFind() {
  const { openAgain: _, ...database } = await freshDatabase(temporaryDir())
  onTestFinished(database.closeDatabase)
  const [asked, goOn] = [gate(), gate()]
  let isHeld = false
  const build = new Proxy(database.db.build, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (name !== 'findUnique' || !isHeld) return value
      return async (args: object) => {
        asked.open()
        await goOn.opened
        return (value as (args: object) => unknown)(args)
      }
    },
  })
  const db = new Proxy(database.db, {
    get: (target, name) => (name === 'build' ? build : (Reflect.get(target, name) as unknown)),
  })
  const app = await hostileApp({ database: { ...database, db } })
  return { app, asked, goOn, hold: () => (isHeld = true) }
}

test('analyses that end before it is known what a client waits for are told, and end no stream', async () => {
  const { app, asked, goOn, hold } = await slowToFind()
  const record = buildOf('fine')
  await receiveAll(app, [record])
  hold()
  const completed = follow(app.url, record.uuid)
  await asked.opened
  await app.deps.writer.transact(['analyses'], () => Promise.resolve())
  // What the change has set off has ended.
  await new Promise(setImmediate)
  goOn.open()
  await app.deps.runner.start()
  expect(await completed).toMatchObject([{ kind: 'SOLO5', state: 'READY' }])
})

test('an unknown build is reported, and a build without analyses completes', async () => {
  const app = await hostileApp()
  await expect(follow(app.url, uuidOf(1))).rejects.toThrow(`no build ${uuidOf(1)}`)
  const record = sampleRecord({ artifacts: [file('a', 'b')] })
  await receiveAll(app, [record])
  expect(await follow(app.url, record.uuid)).toEqual([])
})

test('a client that goes away leaves nothing behind', async () => {
  const app = await hostileApp()
  const record = buildOf('never analysed')
  await receiveAll(app, [record])
  const before = listeners(app)
  const clients = Array.from({ length: 5 }, () => clientOf(app.url))
  for (const client of clients)
    client.subscribe({ query, variables: { uuid: record.uuid } }, { next() {}, error() {}, complete() {} })
  await expect.poll(() => listeners(app)).toBe(before + 5)
  for (const client of clients) client.dispose()
  await expect.poll(() => listeners(app)).toBe(before)
})

test('more streams than the server bears are refused', async () => {
  const app = await hostileApp()
  const record = buildOf('never analysed')
  await receiveAll(app, [record])
  const nothing = () => {}
  for (let n = 0; n < 1_000; n++) app.deps.events.on('serverStops', nothing)
  await expect(follow(app.url, record.uuid)).rejects.toThrow(/503|too many/)
  app.deps.events.off('serverStops', nothing)
})

test('it is refused if a page of another site could send it without a preflight', async () => {
  const app = await hostileApp()
  const record = buildOf('never analysed')
  await receiveAll(app, [record])
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/plain', Accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables: { uuid: record.uuid } }),
  })
  expect(await answer.text()).toContain('CSRF')
})

test.each(['GET', 'POST'])('the persisted operation of the application is followed by %s', async (method) => {
  const app = await hostileApp()
  const record = buildOf('fine')
  await receiveAll(app, [record])
  await app.deps.runner.start()
  await app.deps.runner.settled()
  const file = join(projectDir, 'web/gql/persisted-documents.json')
  const documents = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  const [sha256Hash] =
    Object.entries(documents).find(([, text]) => text.includes('subscription AnalysisFinished')) ?? []
  const asked = {
    query: '',
    variables: { uuid: record.uuid },
    extensions: { persistedQuery: { version: 1, sha256Hash } },
  }
  const search = new URLSearchParams({
    variables: JSON.stringify(asked.variables),
    extensions: JSON.stringify(asked.extensions),
  })
  const answer =
    method === 'POST'
      ? await fetch(`${app.url}/graphql`, {
          method,
          headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream' },
          body: JSON.stringify(asked),
        })
      : await fetch(`${app.url}/graphql?${search}`, { headers: { Accept: 'text/event-stream' } })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const text = await answer.text()
  expect(text).toMatch(/event: next\ndata: .*"state":"READY"/)
  expect(text).toMatch(/event: complete\n/)
})

test('a server that stops ends the streams', async () => {
  const app = await hostileApp()
  const record = buildOf('never analysed')
  await receiveAll(app, [record])
  const before = listeners(app)
  const followed = follow(app.url, record.uuid)
  await expect.poll(() => listeners(app)).toBe(before + 1)
  app.deps.events.emit('serverStops')
  expect(await followed).toEqual([])
})
