import { xml2js, type Element } from 'xml-js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const oddJob = '<odd> & "job" ]]>'
const startedAt = new Date('2026-11-20T10:00:00Z')

async function siteOf(env: Record<string, string> = {}): Promise<TestApp> {
  const app = await testApp({ env })
  const binary = [file('bin/hello', 'the binary')]
  await app.upload(sampleRecord({ uuid: uuidOf(1), startedAt, artifacts: binary }))
  await app.upload(
    sampleRecord({
      uuid: uuidOf(2),
      job: oddJob,
      platform: 'freebsd-14',
      startedAt: new Date('2026-11-21T10:00:00Z'),
      artifacts: [],
      result: { kind: 'aborted', message: Buffer.from('<b>timeout</b>\u0007') },
    }),
  )
  return app
}

const elementsOf = (parent: Element, name: string) =>
  (parent.elements ?? []).filter((element) => element.name === name)
const textOf = (element: Element | undefined) =>
  (element?.elements ?? []).map(({ text, cdata }) => text ?? cdata ?? '').join('')

const absolute = /^(https?:\/\/[^/]+\/|urn:uuid:[\da-f-]{36}$)/
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/

/** What a feed or an entry has too few or too many of, and what is none. Source: RFC 4287 §4.1.1, §4.1.2. */
function faultsOf(parent: Element): string[] {
  const faults: string[] = []
  const expectOf = (name: string, [least, most]: [number, number], pattern = /[^]/) => {
    const found = elementsOf(parent, name)
    if (found.length < least || found.length > most) faults.push(`${found.length} ${name}`)
    for (const element of found) if (!pattern.test(textOf(element))) faults.push(`${name} ${textOf(element)}`)
  }
  expectOf('title', [1, 1])
  expectOf('id', [1, 1], absolute)
  expectOf('updated', [1, 1], instant)
  expectOf('published', [0, 1], instant)
  expectOf('content', [0, 1])
  const links = elementsOf(parent, 'link').map(({ attributes }) => attributes ?? {})
  for (const { href } of links) if (!absolute.test(String(href))) faults.push(`link ${href}`)
  // Without a relation it is an alternate.
  const alternates = links.filter(({ rel }) => rel === undefined || rel === 'alternate')
  if (alternates.length !== 1) faults.push(`${alternates.length} alternates`)
  if (parent.name === 'feed') {
    expectOf('author', [1, 1], /^/)
    for (const author of elementsOf(parent, 'author'))
      if (textOf(elementsOf(author, 'name')[0]) === '') faults.push('an author without a name')
    const self = links.filter(({ rel }) => rel === 'self').map(({ href }) => href)
    if (String(self) !== textOf(elementsOf(parent, 'id')[0])) faults.push(`self ${String(self)}`)
    const ids = elementsOf(parent, 'entry').map((entry) => textOf(elementsOf(entry, 'id')[0]))
    if (new Set(ids).size < ids.length) faults.push('an id twice')
  }
  return [...faults, ...elementsOf(parent, 'entry').flatMap(faultsOf)]
}

test('each feed has all that RFC 4287 asks for, and its title is the name as it is', async () => {
  const { url, upload } = await siteOf()
  const job = `&amp; &lt;b> ${oddJob}`
  await upload(sampleRecord({ uuid: uuidOf(3), job }))
  for (const [path, title] of [
    ['/feed.atom', 'Builder Hub'],
    [`/job/${encodeURIComponent(oddJob)}/feed.atom`, `${oddJob} · Builder Hub`],
    [`/job/${encodeURIComponent(job)}/feed.atom`, `${job} · Builder Hub`],
    ['/platform/debian-12/feed.atom', 'debian-12 · Builder Hub'],
  ] as const) {
    const [feed] = (xml2js(await (await fetch(url + path)).text()) as Element).elements ?? []
    if (!feed) throw new Error('no feed')
    expect(feed).toMatchObject({ name: 'feed', attributes: { xmlns: 'http://www.w3.org/2005/Atom' } })
    expect(faultsOf(feed), path).toEqual([])
    expect(textOf(elementsOf(feed, 'title')[0])).toBe(title)
    const updated = elementsOf(feed, 'entry').map((entry) => textOf(elementsOf(entry, 'updated')[0]))
    expect(textOf(elementsOf(feed, 'updated')[0])).toBe(updated.toSorted().at(-1))
  }
})

test('a feed without builds is a valid feed', async () => {
  const { url } = await testApp()
  const [feed] = (xml2js(await (await fetch(`${url}/feed.atom`)).text()) as Element).elements ?? []
  expect(feed && faultsOf(feed)).toEqual([])
})

/** An entry as its texts and links, by name. */
function entriesOf(xml: string): Record<string, string>[] {
  const [feed] = (xml2js(xml) as Element).elements ?? []
  return (feed?.elements ?? [])
    .filter(({ name }) => name === 'entry')
    .map(({ elements = [] }) =>
      Object.fromEntries(
        elements.map(({ name, attributes, elements: inner = [] }) => [
          name ?? '',
          String(attributes?.['href'] ?? inner.map(({ text, cdata }) => text ?? cdata ?? '').join('')),
        ]),
      ),
    )
}

test('the feed of the site has every build, newest first, and hostile names are text', async () => {
  const { url } = await siteOf()
  const answer = await fetch(`${url}/feed.atom`)
  expect(answer.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8')
  const xml = await answer.text()
  const entries = entriesOf(xml)
  expect(entries.map(({ id }) => id)).toEqual([`urn:uuid:${uuidOf(2)}`, `urn:uuid:${uuidOf(1)}`])
  expect(entries[0]).toMatchObject({
    title:
      '&lt;odd&gt; &amp; &quot;job&quot; ]]&gt; on freebsd-14: failed: aborted: &lt;b&gt;timeout&lt;/b&gt;\u{fffd}',
    link: `${url}/job/${encodeURIComponent(oddJob)}/build/${uuidOf(2)}`,
    published: '2026-11-21T10:00:00.000Z',
  })
  expect(entries[1]).toMatchObject({
    title: 'hello on debian-12: succeeded, not repeated yet',
    content: expect.stringContaining(
      `<a href="${url}/job/hello/build/${uuidOf(1)}/f/bin/hello">bin/hello</a>, 10 B`,
    ),
  })
})

test('jobs and platforms have feeds of their own builds', async () => {
  const { url } = await siteOf()
  const idsOf = async (path: string) => entriesOf(await (await fetch(url + path)).text()).map(({ id }) => id)
  expect(await idsOf('/job/hello/feed.atom')).toEqual([`urn:uuid:${uuidOf(1)}`])
  expect(await idsOf(`/job/${encodeURIComponent(oddJob)}/feed.atom`)).toEqual([`urn:uuid:${uuidOf(2)}`])
  expect(await idsOf('/platform/freebsd-14/feed.atom')).toEqual([`urn:uuid:${uuidOf(2)}`])
})

test('a feed is asked of the database once, until a build arrives', async () => {
  const app = await testApp()
  for (const n of [1, 2]) await app.upload(sampleRecord({ uuid: uuidOf(n) }))
  const first = await fetch(`${app.url}/feed.atom`)
  const etag = first.headers.get('etag') ?? ''
  app.takeQueries()
  const again = await fetch(`${app.url}/feed.atom`, { headers: { 'If-None-Match': etag } })
  expect(again.status).toBe(304)
  expect(app.takeQueries()).toEqual([])
  await app.upload(sampleRecord({ uuid: uuidOf(3) }))
  const changed = await fetch(`${app.url}/feed.atom`, { headers: { 'If-None-Match': etag } })
  expect(changed.status).toBe(200)
  expect(entriesOf(await changed.text())).toHaveLength(3)
})

test('a feed without the reason of a failure whose analysis failed has it soon after the analysis is mended', async () => {
  const app = await testApp()
  const console = [{ deltaNs: 0n, text: Buffer.from('Error: no space left on device\n') }]
  await app.upload(
    sampleRecord({ uuid: uuidOf(1), console, artifacts: [], result: { kind: 'exited', code: 1n } }),
  )
  await app.deps.runner.start()
  await app.deps.runner.settled()
  await app.deps.runner.close()
  const analysis = { where: { kind: 'FAILURE' } }
  const mended = await app.deps.db.queuedTask.findFirstOrThrow(analysis)
  const { state, version, resultSha256, resultSizeBytes, summary } = mended
  const write = (data: object) =>
    app.deps.writer.transact(['analyses'], (tx) => tx.queuedTask.updateMany({ ...analysis, data }))
  await write({ state: 'DEAD', resultSha256: null, resultSizeBytes: null, summary: null })
  const ask = async () => (await fetch(`${app.url}/feed.atom`)).text()
  expect(await ask()).not.toContain('It failed because')
  app.takeQueries()
  await ask()
  expect(app.takeQueries()).toEqual([])
  await write({ state, version, resultSha256, resultSizeBytes, summary })
  const now = performance.now.bind(performance)
  const later = vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000)
  onTestFinished(() => later.mockRestore())
  expect(await ask()).toContain('It failed because')
})

test.each([
  ['/job/nowhere/feed.atom', 'no job "nowhere"\n'],
  ['/platform/nowhere/feed.atom', 'no platform "nowhere"\n'],
  ['/job/nowhere/badge.svg', 'no job "nowhere"\n'],
])('%s is 404', async (path, line) => {
  const { url } = await siteOf()
  const answer = await fetch(url + path)
  expect([answer.status, await answer.text()]).toEqual([404, line])
})

test.each([
  ['status=done', 'status must be succeeded or failed, not "done"'],
  [
    'verdict=yes',
    'verdict must be reproduced, disputed, not-reproducible, unconfirmed or no-output, not "yes"',
  ],
  ['since=yesterday', 'since must be a day such as 2026-11-23, not "yesterday"'],
  ['until=2026-02-30', 'until must be a day such as 2026-11-23, not "2026-02-30"'],
  ['platform=plan-9', 'no platform "plan-9"'],
  [
    'status=done&since=never',
    'status must be succeeded or failed, not "done"; since must be a day such as 2026-11-23, not "never"',
  ],
])('a feed with %s is refused', async (query, lines) => {
  const { url } = await siteOf()
  const answer = await fetch(`${url}/feed.atom?${query}`)
  expect([answer.status, await answer.text()]).toEqual([400, `${lines}\n`])
})

test('a feed has the builds of its filter, and its title says which', async () => {
  const { url } = await siteOf()
  for (const [path, title, builds] of [
    ['/feed.atom?verdict=unconfirmed', 'Builder Hub · unconfirmed', [1]],
    ['/feed.atom?verdict=no-output&status=failed', 'Builder Hub · failed · no output', [2]],
    ['/feed.atom?since=2026-11-21', 'Builder Hub · since 2026-11-21', [2]],
    ['/feed.atom?until=2026-11-20', 'Builder Hub · until 2026-11-20', [1]],
    [
      '/feed.atom?since=2026-11-20&until=2026-11-21',
      'Builder Hub · since 2026-11-20 · until 2026-11-21',
      [2, 1],
    ],
    ['/job/hello/feed.atom?verdict=reproduced', 'hello · Builder Hub · reproduced', []],
    [
      '/platform/freebsd-14/feed.atom?since=2026-11-22&platform=',
      'freebsd-14 · Builder Hub · since 2026-11-22',
      [],
    ],
  ] as const) {
    const [feed] = (xml2js(await (await fetch(url + path)).text()) as Element).elements ?? []
    if (!feed) throw new Error('no feed')
    const ids = elementsOf(feed, 'entry').map((entry) => textOf(elementsOf(entry, 'id')[0]))
    expect([textOf(elementsOf(feed, 'title')[0]), ids], path).toEqual([
      title,
      builds.map((n) => `urn:uuid:${uuidOf(n)}`),
    ])
  }
})

test('addresses in feeds are the public ones', async () => {
  const { url } = await siteOf({ BUILDER_HUB_PUBLIC_URL: 'https://builds.example.org/' })
  const xml = await (await fetch(`${url}/feed.atom`)).text()
  expect(xml).toContain('<id>https://builds.example.org/feed.atom</id>')
  expect(xml).not.toContain(url)
})

test('behind a proxy URLs have its host, and an invalid host is ignored', async () => {
  const { url } = await siteOf({ BUILDER_HUB_TRUSTED_PROXIES: '1' })
  const idOf = async (headers: Record<string, string>) =>
    /<id>(.*?)<\/id>/.exec(await (await fetch(`${url}/feed.atom`, { headers })).text())?.[1]
  const forwarded = { 'X-Forwarded-Host': 'hub.example.org', 'X-Forwarded-Proto': 'https' }
  expect(await idOf(forwarded)).toBe('https://hub.example.org/feed.atom')
  expect(await idOf({ ...forwarded, 'X-Forwarded-Host': 'a/"><script>' })).toBe(
    `${url.replace('http', 'https')}/feed.atom`,
  )
})

test('the badge says how the newest build went, and whether it was reproduced', async () => {
  const app = await siteOf()
  const badgeOf = async (path: string) => {
    const answer = await fetch(app.url + path)
    expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    return /<title>(.*?)<\/title>/.exec(await answer.text())?.[1]
  }
  expect(await badgeOf('/job/hello/badge.svg')).toBe('build: not repeated yet, 10 B')
  expect(await badgeOf(`/job/${encodeURIComponent(oddJob)}/badge.svg`)).toBe('build: failed')
  expect(await badgeOf('/job/hello/badge.svg?platform=plan-9')).toBe('plan-9: no builds')
  await app.upload(
    sampleRecord({
      uuid: uuidOf(3),
      startedAt: new Date('2026-11-22Z'),
      artifacts: [file('bin/hello', 'the binary')],
    }),
  )
  expect(await badgeOf('/job/hello/badge.svg')).toBe('build: repeated here ×2, 10 B')
  await app.upload(sampleRecord({ uuid: uuidOf(4), startedAt: new Date('2026-11-23Z'), artifacts: [] }))
  expect(await badgeOf('/job/hello/badge.svg')).toBe('build: succeeded')
  expect(await badgeOf('/job/hello/badge.svg?platform=debian-12')).toBe('debian-12: succeeded')
})
