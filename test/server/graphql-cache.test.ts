import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { alice, basicAuth, projectDir, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

const noon = new Date('2026-11-24T12:00:00Z')

// Answers are kept for the minute; no test may lie across its end.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: noon }))
afterEach(() => void vi.useRealTimers())

const total = '{ builds { totalCount } }'

function get(app: TestApp, query: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${app.url}/graphql?query=${encodeURIComponent(query)}`, {
    headers: { Accept: 'application/json', ...headers },
  })
}

const totalOf = async (answer: Response) =>
  ((await answer.json()) as { data: { builds: { totalCount: number } } }).data.builds.totalCount

test('a repeated query is answered without the database, until a build arrives', async () => {
  const app = await testApp()
  await app.upload(sampleRecord())
  expect(await totalOf(await get(app, total))).toBe(1)
  app.takeQueries()
  expect(await totalOf(await get(app, total))).toBe(1)
  expect((await app.graphql(total)).data.builds.totalCount).toBe(1)
  expect(app.takeQueries()).toEqual([])
  await app.upload(sampleRecord())
  expect(await totalOf(await get(app, total))).toBe(2)
})

test('answers differ by operation name and variables', async () => {
  const app = await testApp()
  await app.upload(sampleRecord())
  const query = `query A { builds { totalCount } } query B { jobs { totalCount } }`
  const ask = async (operationName: string) => {
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ query, operationName }),
    })
    return ((await answer.json()) as { data: unknown }).data
  }
  expect(await ask('A')).toEqual({ builds: { totalCount: 1 } })
  expect(await ask('B')).toEqual({ jobs: { totalCount: 1 } })
  const byName = `query ($name: String!) { job(name: $name) { name } }`
  expect((await app.graphql(byName, { name: 'hello' })).data.job).toEqual({ name: 'hello' })
  expect((await app.graphql(byName, { name: 'bye' })).data.job).toBeNull()
})

test('persisted operations answer each their own', async () => {
  const app = await testApp()
  await app.upload(sampleRecord())
  const file = join(projectDir, 'web/gql/persisted-documents.json')
  const documents = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
  const noUuid = '00000000-0000-4000-8000-000000000000'
  const variables = {
    name: 'hello',
    job: 'hello',
    text: 'hello',
    ...{ uuid: noUuid, keeps: noUuid, left: noUuid, right: noUuid },
    sha256: '0'.repeat(64),
    mostPoints: 120,
    ...{ filter: {}, period: 'CRON', cron: '0 4 * * *', kind: 'BUILD', platform: 'debian-12' },
    ...{ id: 'OSEC-2026-01', prefix: '000000' },
    ...{ ecosystem: 'opam', fixedSince: '2026-01-01T00:00:00Z', withIncidents: true },
  }
  const fields: string[] = []
  for (const [sha256Hash, document] of Object.entries(documents)) {
    // Answered as a stream: test/server/analyses/subscription.test.ts.
    if (document.includes('subscription ')) continue
    // Of those, only their own tests know what they need: a user, and variables.
    if (/\bmutation |\badmin\b/.test(document)) continue
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      body: JSON.stringify({ variables, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
    })
    const persisted = (await answer.json()) as { data: object }
    expect(persisted.data).toBeTruthy()
    expect(persisted).toEqual(await app.graphql(document, variables))
    fields.push(Object.keys(persisted.data).join())
  }
  expect(new Set(fields).size).toBeGreaterThan(4)
})

test('an unknown persisted operation is reported, so that the client sends its text', async () => {
  const app = await testApp()
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: '0'.repeat(64) } } }),
  })
  expect(await answer.json()).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] })
})

test('an answer that the client has is not sent again, and never when it is old', async () => {
  const app = await testApp()
  await app.upload(sampleRecord())
  const first = await get(app, total)
  const etag = first.headers.get('etag') ?? ''
  expect(etag).toMatch(/^"[\w.-]+"$/)
  app.takeQueries()
  const again = await get(app, total, { 'If-None-Match': etag })
  expect(again.status).toBe(304)
  expect(await again.text()).toBe('')
  expect(app.takeQueries()).toEqual([])
  // Proxies that compress make a tag weak.
  expect((await get(app, total, { 'If-None-Match': `"x", W/${etag}` })).status).toBe(304)
  await app.upload(sampleRecord())
  const after = await get(app, total, { 'If-None-Match': etag })
  expect(after.status).toBe(200)
  expect(await totalOf(after)).toBe(2)
  expect(after.headers.get('etag')).not.toBe(etag)
})

test("another server's ETag, or another question's, is not taken for this one's", async () => {
  const [app, other] = [await testApp(), await testApp()]
  await app.upload(sampleRecord())
  await other.upload(sampleRecord())
  await other.upload(sampleRecord())
  const othersTag = (await get(other, total)).headers.get('etag') ?? ''
  const jobsTag = (await get(app, '{ jobs { totalCount } }')).headers.get('etag') ?? ''
  for (const tag of [othersTag, jobsTag, 'W/"x"', '"x"']) {
    const answer = await get(app, total, { 'If-None-Match': tag })
    expect(answer.status, tag).toBe(200)
    expect(await totalOf(answer)).toBe(1)
  }
})

test('a question that is under way while a build arrives does not leave its answer behind', async () => {
  const app = await testApp()
  await app.upload(sampleRecord())
  const { db } = app.deps
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  const { findUnique } = db.job
  let isAsked = () => {}
  const asked = new Promise<void>((resolve) => (isAsked = resolve))
  // The question has read the newest build when the upload overtakes it.
  db.job.findUnique = ((args: Parameters<typeof findUnique>[0]) => {
    const answer = findUnique.call(db.job, args)
    isAsked()
    return (async () => {
      const row = await answer
      await held
      return row
    })()
  }) as unknown as typeof findUnique
  const query = `{ job(name: "hello") { standings { newestBuild { uuid } } } }`
  const slow = get(app, query)
  await asked
  const newer = sampleRecord({ startedAt: new Date('2026-11-20T10:00:00Z') })
  expect((await app.upload(newer)).status).toBe(201)
  release()
  await slow
  db.job.findUnique = findUnique
  const answer = (await (await get(app, query)).json()) as { data: { job: { standings: unknown } } }
  expect(answer.data.job.standings).toEqual([{ newestBuild: { uuid: newer.uuid } }])
})

test('responses expire with time, also for clients with an ETag', async () => {
  const app = await testApp()
  await app.upload(sampleRecord({ startedAt: new Date(noon.getTime() - 86_400_000) }))
  const query = '{ jobs(filter: { activeWithinDays: 1 }) { totalCount } }'
  const first = await get(app, query)
  expect(await first.json()).toMatchObject({ data: { jobs: { totalCount: 1 } } })
  vi.setSystemTime(noon.getTime() + 60_001)
  const later = await get(app, query, { 'If-None-Match': first.headers.get('etag') ?? '' })
  expect(await later.json()).toMatchObject({ data: { jobs: { totalCount: 0 } } })
})

test('concurrent equal queries read the database once', async () => {
  const app = await testApp()
  await app.upload(sampleRecord({ artifacts: [file('README.md', '# Hello')] }))
  // Rendered by another process, which takes longer than for all requests to arrive.
  const readme = '{ job(name: "hello") { readme { html } } }'
  app.takeQueries()
  const answers = await Promise.all(Array.from({ length: 20 }, () => get(app, readme)))
  const texts = new Set(await Promise.all(answers.map((answer) => answer.text())))
  expect([...texts]).toEqual([expect.stringContaining('>Hello</h2>')])
  expect(app.takeQueries()).toHaveLength(1)
})

test('a response with errors is not shared', async () => {
  const app = await testApp()
  await app.upload(sampleRecord())
  const failing = '{ builds(first: 101) { totalCount } }'
  const answers = await Promise.all([get(app, failing), get(app, failing)])
  for (const answer of answers)
    expect(await answer.json()).toMatchObject({ errors: [{ message: expect.stringContaining('not 101') }] })
})

test('requests with credentials neither share nor store responses', async () => {
  const app = await testApp()
  await app.upload(sampleRecord())
  await get(app, total)
  app.takeQueries()
  const answer = await get(app, total, { Authorization: basicAuth(alice) })
  expect(answer.headers.get('etag')).toBeNull()
  expect(await totalOf(answer)).toBe(1)
  expect(app.takeQueries()).not.toEqual([])
  const other = '{ jobs { totalCount } }'
  await get(app, other, { Authorization: basicAuth(alice) })
  app.takeQueries()
  await get(app, other)
  expect(app.takeQueries()).not.toEqual([])
})

test('an answer with an unfinished analysis is given until the analysis ends, and no longer', async () => {
  const app = await testApp()
  await app.upload(sampleRecord({ uuid: uuidOf(1) }))
  const query = `{ build(uuid: "${uuidOf(1)}") { analyses(kinds: [SOLO5]) { state } } }`
  const state = async () => (await app.graphql(query)).data.build.analyses[0].state as string
  expect(await state()).toBe('PENDING')
  app.takeQueries()
  expect(await state()).toBe('PENDING')
  expect(app.takeQueries()).toEqual([])
  await app.deps.runner.start()
  await app.deps.runner.settled()
  expect(await state()).toBe('READY')
})
