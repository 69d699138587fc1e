import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createHttpClient } from '../../../server/http-client.ts'
import { importUrl, type MirrorOptions } from '../../../server/imports/remote/import-url.ts'
import { testApp, type TestApp } from '../../app.ts'
import { importSite } from '../../import-site.ts'
import { sampleRecord } from '../../record.ts'

const uuidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`

/** Its builds arrive in another order than they started. They are more than two pages. */
let source: TestApp
const [count, pageSize] = [12, 5]
/** Nothing is stored in it. */
let empty: TestApp
beforeAll(async () => {
  empty = await testApp({ keep: true })
  source = await testApp({ keep: true })
  for (let n = count; n > 0; n--) {
    const startedAt = new Date(Date.UTC(2026, 0, 1) + (n % 7) * 86_400_000)
    const job = n % 3 === 0 ? 'dns primary' : 'hello'
    const { status } = await source.upload(sampleRecord({ uuid: uuidOf(n), job, startedAt }))
    expect(status).toBe(201)
  }
  return async () => void (await Promise.all([source.close(), empty.close()]))
})

async function mirror(site: TestApp, url: string, how: Partial<MirrorOptions> = {}) {
  const { signal } = new AbortController()
  const options = { jobs: [], since: null, isDryRun: false, pauseMs: 1, pageSize, signal, ...how }
  return importUrl({ ...site.deps, fetch: createHttpClient() }, new URL(url), options)
}

type Interfere = (incoming: IncomingMessage, outgoing: ServerResponse) => boolean

/** The source behind a proxy. `interfere` returns whether it has answered in its place. */
async function proxyOf(interfere: Interfere): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    if (interfere(incoming, outgoing)) return
    const { method, url, headers } = incoming
    const passed = request(`${source.url}${url ?? ''}`, { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(passed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const uuidsOf = async ({ deps }: TestApp, order: 'id' | 'uuid' = 'uuid') =>
  (await deps.db.build.findMany({ orderBy: { [order]: 'asc' }, select: { uuid: true } })).map(
    ({ uuid }) => uuid,
  )

test('all builds of a Builder Hub come over, in the order of their arrival; a later run takes what is new', async () => {
  const site = await testApp()
  const host = new URL(source.url).host
  expect(await mirror(site, source.url, { isDryRun: true })).toEqual({
    imported: count,
    present: 0,
    removed: 0,
    refused: [],
  })
  expect(await mirror(site, `${source.url}/`)).toEqual({
    imported: count,
    present: 0,
    removed: 0,
    refused: [],
  })
  expect(await uuidsOf(site, 'id')).toEqual(await uuidsOf(source, 'id'))
  const { data } = await site.graphql(
    `query($uuid: UUID!) { build(uuid: $uuid) { importedFrom uploadedBy reproducibility { verdict } } }`,
    { uuid: uuidOf(1) },
  )
  expect(data.build).toEqual({
    importedFrom: host,
    uploadedBy: null,
    reproducibility: { verdict: 'REPRODUCED' },
  })
  for (const path of ['exec', 'console', 'script']) {
    const [theirs, ours] = await Promise.all(
      [source, site].map(async ({ url }) =>
        (await fetch(`${url}/job/hello/build/${uuidOf(1)}/${path}`)).text(),
      ),
    )
    expect(ours).toBe(theirs)
  }

  await source.upload(sampleRecord({ uuid: uuidOf(count + 1) }))
  await site.deps.writer.transact([], (tx) =>
    tx.tombstone.create({
      data: {
        ...{
          uuid: uuidOf(count + 2),
          job: 'hello',
          platform: 'p',
          status: 'FAILED',
          verdict: 'NO_OUTPUT',
          reason: '',
        },
        ...{ startedAt: new Date(), finishedAt: new Date(), receivedAt: new Date(), removedAt: new Date() },
        reproducedCount: 0,
      },
    }),
  )
  await source.upload(sampleRecord({ uuid: uuidOf(count + 2) }))
  expect(await mirror(site, source.url)).toEqual({ imported: 1, present: count, removed: 1, refused: [] })
  expect(await uuidsOf(site), 'what was removed here stays removed').not.toContain(uuidOf(count + 2))
})

test('jobs and times can be chosen', async () => {
  const since = new Date(Date.now() + 3_600_000)
  expect(await mirror(empty, source.url, { since, isDryRun: true })).toMatchObject({ imported: 0 })
  expect(await mirror(empty, source.url, { jobs: ['dns primary'], isDryRun: true })).toMatchObject({
    imported: 4,
  })
})

test('builder-web is asked for its lists', async () => {
  const site = await testApp()
  const url = await proxyOf(({ url }, outgoing) => {
    if (url !== '/graphql') return false
    outgoing.writeHead(404).end('no such page')
    return true
  })
  // One build for each output of a job: all have the same one.
  expect(await mirror(site, url)).toEqual({ imported: 2, present: 0, removed: 0, refused: [] })
  await expect(mirror(site, url, { since: new Date() })).rejects.toThrow('leave --since out')
})

/** The site has no GraphQL API, and answers these addresses with this status and text. */
const builderWebWith = (answers: Record<string, [status: number, text: string]>) =>
  proxyOf(({ url = '' }, outgoing) => {
    const [status, text] = url === '/graphql' ? [404, ''] : (answers[url] ?? [])
    if (status !== undefined) outgoing.writeHead(status).end(text)
    return status !== undefined
  })

test.each<[name: string, status: number, text: string, reason: string]>([
  ['fails', 500, '', 'it answers with status 500'],
  ['is forbidden', 403, '', 'answers with status 403'],
  ['is missing', 404, '', 'has no job dns primary'],
  ['is no JSON', 200, '<html>', 'answers with something else than JSON'],
  ['is another one', 200, '{"builds":1}', 'answers otherwise than builder-web'],
])("a job whose list %s is named, and the others' builds are listed", async (_name, status, text, reason) => {
  const url = await builderWebWith({ '/job/dns%20primary/failed': [status, text] })
  const report = await mirror(empty, url, { isDryRun: true })
  expect(report).toMatchObject({
    imported: 1,
    refused: [{ reason: expect.stringContaining(reason) as string }],
  })
  expect(report.refused[0]?.name).toContain('/job/dns%20primary')
})

test('an entry of a list that is no build is named, and the others are listed', async () => {
  const uuids = [{ uuid: 'X' }, { uuid: uuidOf(1) }]
  const url = await builderWebWith({ '/job/hello/failed': [200, JSON.stringify({ builds: uuids })] })
  expect(await mirror(empty, url, { jobs: ['hello'], isDryRun: true })).toMatchObject({
    imported: 1,
    refused: [{ reason: '"X" is no UUID' }],
  })
})

test.each([
  ['the same page', [{ node: { uuid: uuidOf(1), job: { name: 'hello' } } }]],
  ['an empty page', []],
])('a list that gives %s again and again ends', async (_name, edges) => {
  const url = await proxyOf((_incoming, outgoing) => {
    const builds = { edges, pageInfo: { hasPreviousPage: true, startCursor: 'x' } }
    outgoing.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify({ data: { builds } }))
    return true
  })
  await expect(mirror(empty, url, { isDryRun: true })).rejects.toThrow('the same page')
})

test('a record that breaks off is asked for again, and nothing of its half is kept', async () => {
  const site = await testApp()
  let cuts = 0
  const url = await proxyOf(({ url }, outgoing) => {
    if (!url?.endsWith(`${uuidOf(3)}/exec`) || cuts === 2) return false
    cuts++
    outgoing.writeHead(200, { 'Content-Length': 5_000 })
    outgoing.write(Buffer.of(0xa0, 0x82, 0x13, 0x84), () => outgoing.destroy())
    return true
  })
  const report = await mirror(site, url, { jobs: ['dns primary'] })
  expect([report.imported, report.refused, cuts]).toEqual([4, [], 2])
})

/** It has the other builds after the first of these tests. */
let partial: TestApp | null = null
afterAll(() => partial?.close())

test.each<[name: string, answer: (outgoing: ServerResponse, url: string) => void, reason: string]>([
  ['a site that always fails', (outgoing) => outgoing.writeHead(500).end(), 'it answers with status 500'],
  ['one that is missing', (outgoing) => outgoing.writeHead(404).end(), 'answers with status 404'],
  ['no record', (outgoing) => outgoing.end('no record'), 'malformed build record'],
  ['a connection that always breaks', (outgoing) => outgoing.destroy(), '/exec: '],
  [
    'a redirect to another host',
    (outgoing) => outgoing.writeHead(302, { Location: 'http://localhost:1/x' }).end(),
    'redirects to http://localhost:1',
  ],
  [
    'redirects in a circle',
    (outgoing, url) => outgoing.writeHead(302, { Location: url }).end(),
    'redirects more than 5 times',
  ],
  [
    'patience without end',
    (outgoing) => outgoing.writeHead(503, { 'Retry-After': '86400' }).end(),
    'status 503',
  ],
])('a record with %s is named, and the others are imported', async (_name, answer, reason) => {
  partial ??= await testApp({ keep: true })
  const site = partial
  const bad = uuidOf(3)
  const url = await proxyOf((incoming, outgoing) => {
    const isBad = incoming.url?.endsWith(`${bad}/exec`) === true
    if (isBad) answer(outgoing, incoming.url ?? '')
    return isBad
  })
  const report = await mirror(site, url, { jobs: ['dns primary'] })
  expect(report.imported + report.present).toBe(3)
  expect(report).toMatchObject({
    refused: [{ reason: expect.stringContaining(reason) as string }],
  })
  expect(report.refused[0]?.name).toContain(bad)
})

test('a record of another build is refused', async () => {
  const site = await testApp()
  const url = await proxyOf((incoming, outgoing) => {
    if (!incoming.url?.endsWith(`${uuidOf(3)}/exec`)) return false
    outgoing.writeHead(302, { Location: `/job/hello/build/${uuidOf(1)}/exec` }).end()
    return true
  })
  const { refused } = await mirror(site, url, { jobs: ['dns primary'] })
  expect(refused.map(({ reason }) => reason)).toEqual([
    'its record says job "hello" instead of "dns primary"',
  ])
})

test('a site that asks for patience is given it', async () => {
  let refusals = 0
  const url = await proxyOf((incoming, outgoing) => {
    if (incoming.url !== '/graphql' || refusals === 2) return false
    refusals++
    outgoing.writeHead(429, { 'Retry-After': refusals === 1 ? '0' : new Date().toUTCString() }).end()
    return true
  })
  expect(await mirror(empty, url, { isDryRun: true })).toMatchObject({ refused: [] })
  expect(refusals).toBe(2)
})

test.each([
  ['ftp://example.org', 'http or https'],
  ['https://user:secret@example.org', 'must not contain a password'],
  ['builds.robur.coop', 'http or https'],
])('%s is bad usage', async (address, message) => {
  const site = await importSite()
  expect(await site.hub('import', 'url', address)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(message) as string,
  })
})

test('the command prints its report', async () => {
  const site = await importSite()
  const outcome = await site.hub('import', 'url', source.url, '--job', 'dns primary', '--json')
  expect(JSON.parse(outcome.stdout)).toEqual({
    dryRun: false,
    imported: 4,
    present: 0,
    removed: 0,
    refused: [],
  })
  expect(await site.hub('import', 'url', 'http://127.0.0.1:1')).toMatchObject({ status: 1 })
})
