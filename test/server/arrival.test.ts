import { createClient } from 'graphql-sse'
import { beforeEach, expect, test } from 'vitest'
import { testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

let app: TestApp
/** Three builds in the order of their starts; then one that started long ago, and failed. */
beforeEach(async () => {
  app = await testApp()
  for (const n of [1, 2, 3])
    await app.upload(sampleRecord({ uuid: uuidOf(n), startedAt: new Date(Date.UTC(2026, 10, n)) }))
  const late = { uuid: uuidOf(4), job: 'late', startedAt: new Date('2020-01-01T00:00:00Z') }
  await app.upload(sampleRecord({ ...late, artifacts: [], result: { kind: 'exited', code: 2n } }))
})

const uuidsOf = (nodes: { uuid: string }[]) => nodes.map(({ uuid }) => Number(uuid.slice(-2)))

async function list(args: string, parent = ''): Promise<number[]> {
  const query = parent
    ? `{ ${parent} { builds(${args}) { nodes { uuid } } } }`
    : `{ builds(${args}) { nodes { uuid } } }`
  const { data, errors } = await app.graphql(query)
  expect(errors).toBeUndefined()
  const holder = parent ? Object.values(data as Record<string, unknown>)[0] : data
  return uuidsOf((holder as { builds: { nodes: { uuid: string }[] } }).builds.nodes)
}

test('a late build comes first in every list by arrival, and last by its start', async () => {
  expect(await list('first: 10')).toEqual([3, 2, 1, 4])
  expect(await list('order: RECEIVED')).toEqual([4, 3, 2, 1])
  expect(await list('order: RECEIVED, filter: { status: FAILED }')).toEqual([4])
  expect(await list('order: RECEIVED', 'job(name: "hello")')).toEqual([3, 2, 1])
  expect(await list('order: RECEIVED, first: 2', 'platform(name: "debian-12")')).toEqual([4, 3])
})

test('pages by arrival go on where the last one ended, both ways', async () => {
  const query = `query ($after: String, $before: String, $first: Int, $last: Int) {
    builds(order: RECEIVED, after: $after, before: $before, first: $first, last: $last) {
      totalCount pageInfo { startCursor endCursor hasNextPage } nodes { uuid } } }`
  const first = (await app.graphql(query, { first: 2 })).data.builds
  expect([uuidsOf(first.nodes), first.totalCount, first.pageInfo.hasNextPage]).toEqual([[4, 3], 4, true])
  expect(
    uuidsOf((await app.graphql(query, { first: 2, after: first.pageInfo.endCursor })).data.builds.nodes),
  ).toEqual([2, 1])
  // What arrived behind a known build: what a client that polls asks for.
  await app.upload(sampleRecord({ uuid: uuidOf(5), startedAt: new Date('2019-01-01Z') }))
  const since = await app.graphql(query, { last: 100, before: first.pageInfo.startCursor })
  expect(uuidsOf(since.data.builds.nodes)).toEqual([5])
  const other = await app.graphql(`query ($c: String) { builds(after: $c) { totalCount } }`, {
    c: first.pageInfo.endCursor,
  })
  expect(other.errors?.[0]?.message).toContain('not a cursor of this list')
})

test('receivedSince finds what was received since, in either order, and counts it', async () => {
  const at = new Date(Date.now() + 3_600_000)
  await app.deps.writer.transact([], (tx) =>
    tx.build.update({ where: { uuid: uuidOf(1) }, data: { receivedAt: at } }),
  )
  for (const order of ['STARTED', 'RECEIVED']) {
    const { data } = await app.graphql(
      `query ($at: DateTime) { builds(order: ${order}, filter: { receivedSince: $at }) { totalCount nodes { uuid receivedAt } }
        job(name: "hello") { builds(order: ${order}, receivedSince: $at) { totalCount nodes { uuid } } }
        platform(name: "debian-12") { builds(order: ${order}, receivedSince: $at) { totalCount nodes { uuid } } } }`,
      { at: at.toISOString() },
    )
    expect(data.builds).toEqual({ totalCount: 1, nodes: [{ uuid: uuidOf(1), receivedAt: at.toISOString() }] })
    const one = { totalCount: 1, nodes: [{ uuid: uuidOf(1) }] }
    expect([data.job.builds, data.platform.builds]).toEqual([one, one])
  }
})

type Stored = { cursor: string; build: { uuid: string } }
const subscription = `subscription ($after: String, $filter: BuildFilter) {
  buildStored(after: $after, filter: $filter) { cursor build { uuid } } }`

function follow(variables: Record<string, unknown>) {
  const client = createClient({ url: `${app.url}/graphql`, retryAttempts: 0 })
  const events = client.iterate<{ buildStored: Stored }>({ query: subscription, variables })
  return {
    async take(count: number): Promise<Stored[]> {
      const taken: Stored[] = []
      while (taken.length < count) {
        const { value } = await events.next()
        if (!value?.data) throw new Error(JSON.stringify(value))
        taken.push(value.data.buildStored)
      }
      return taken
    },
    async end() {
      await events.return?.()
      client.dispose()
    },
  }
}

test('a client that follows gets what it missed, then what arrives, each once', async () => {
  const { data } = await app.graphql('{ builds(order: RECEIVED, last: 1) { pageInfo { endCursor } } }')
  const first = follow({ after: data.builds.pageInfo.endCursor })
  const missed = await first.take(3)
  expect(uuidsOf(missed.map(({ build }) => build))).toEqual([2, 3, 4])
  await Promise.all([5, 6, 7].map((n) => app.upload(sampleRecord({ uuid: uuidOf(n) }))))
  expect(uuidsOf((await first.take(3)).map(({ build }) => build)).toSorted()).toEqual([5, 6, 7])
  await first.end()
  const again = follow({ after: missed.at(-1)?.cursor, filter: { job: 'hello' } })
  await app.upload(sampleRecord({ uuid: uuidOf(8), job: 'unrelated' }))
  await app.upload(sampleRecord({ uuid: uuidOf(9) }))
  expect(uuidsOf((await again.take(4)).map(({ build }) => build)).toSorted()).toEqual([5, 6, 7, 9])
  await again.end()
})

test('streams end with the server, and one that is over does not listen', async () => {
  const { changes, events } = app.deps
  const before = changes.listenerCount('builds')
  const stream = follow({})
  const taking = stream.take(1).catch(() => [])
  await expect.poll(() => changes.listenerCount('builds')).toBe(before + 1)
  events.emit('serverStops')
  await taking
  await expect.poll(() => changes.listenerCount('builds')).toBe(before)
})

const feed = async (path: string) => {
  const answer = await fetch(app.url + path)
  const xml = await answer.text()
  const ids = [...xml.matchAll(/<id>urn:uuid:[^<]*(\d\d)<\/id>/g)].map(([, n]) => Number(n))
  const updated = [...xml.matchAll(/<updated>(.*?)<\/updated>/g)].map(([, at]) => at ?? '')
  return { status: answer.status, xml, ids, updated }
}

test('feeds have builds as they arrive, and can be filtered', async () => {
  expect((await feed('/feed.atom')).ids).toEqual([4, 3, 2, 1])
  const failed = await feed('/feed.atom?status=failed')
  expect(failed.ids).toEqual([4])
  expect(failed.xml).toContain('/feed.atom?status=failed</id>')
  expect((await feed('/feed.atom?status=succeeded&platform=debian-12')).ids).toEqual([3, 2, 1])
  expect((await feed('/job/late/feed.atom?status=succeeded')).ids).toEqual([])
  expect((await feed('/platform/debian-12/feed.atom?status=failed')).ids).toEqual([4])
  expect((await feed('/feed.atom?status=&platform=')).ids).toEqual([4, 3, 2, 1])
})

test.each(['/feed.atom?status=broken', '/job/hello/feed.atom?platform=nowhere', '/feed.atom?status=FAILED'])(
  '%s is refused',
  async (path) => {
    expect((await feed(path)).status).toBe(400)
  },
)

test('an entry, and its feed, are updated when a later build changes the verdict', async () => {
  const job = 'verdicts'
  const one = sampleRecord({ uuid: uuidOf(5), job })
  await app.upload(one)
  const longAgo = new Date('2026-01-01T00:00:00Z')
  await app.deps.writer.transact(['builds'], (tx) =>
    tx.build.update({ where: { uuid: uuidOf(5) }, data: { receivedAt: longAgo } }),
  )
  const other = sampleRecord().artifacts.map((each) =>
    each.path === 'bin/hello.hvt' ? file(each.path, 'another') : each,
  )
  await app.upload(sampleRecord({ uuid: uuidOf(6), job, artifacts: other }))
  const { xml, updated } = await feed('/job/verdicts/feed.atom')
  expect(xml.match(/disputed/g)).toHaveLength(2)
  expect(updated.map((at) => new Date(at) > longAgo)).toEqual([true, true, true])
})

test('a feed tells why a build failed, once its console is read', async () => {
  await app.upload(
    sampleRecord({
      ...{ uuid: uuidOf(5), job: 'full', artifacts: [], result: { kind: 'exited', code: 1n } },
      console: [{ deltaNs: 0n, text: Buffer.from('cp: error writing a: No space left on device') }],
    }),
  )
  expect((await feed('/job/full/feed.atom')).xml).not.toContain('It failed because')
  await app.deps.runner.start()
  await app.deps.runner.settled()
  expect((await feed('/job/full/feed.atom')).xml).toContain('It failed because the disk was full.')
})

test('a clock that was set back is not told as a negative time', async () => {
  const startedAt = new Date('2049-01-01T00:00:00Z')
  const finishedAt = new Date('2026-01-01T00:00:00Z')
  await app.upload(sampleRecord({ uuid: uuidOf(5), startedAt, finishedAt }))
  const { xml } = await feed('/feed.atom')
  expect(xml).toContain('ended before it started')
  expect(xml).not.toContain('took -')
})
