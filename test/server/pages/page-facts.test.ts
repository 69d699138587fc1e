import type { Element } from 'hast'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../../server/app.ts'
import { projectDir, temporaryDir, testApp } from '../../app.ts'
import { findElements, parseHtml, textOf } from '../../html.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const hostileJob = '<img src=x onerror=alert(1)> & </noscript><script>'.replace('/', '∕')

/** Pages as somebody without JavaScript gets them, from the sources' own index.html. */
async function factsSite() {
  const app = await testApp({ env: { BUILDER_HUB_PUBLIC_URL: 'https://builds.example.org' } })
  const binary = (content: string) => [file('bin/hello world', content)]
  const at = (day: number) => new Date(Date.UTC(2026, 10, day))
  for (const record of [
    sampleRecord({ uuid: uuidOf(1), startedAt: at(1), artifacts: binary('one') }),
    sampleRecord({ uuid: uuidOf(2), startedAt: at(2), artifacts: binary('two') }),
    sampleRecord({ uuid: uuidOf(3), startedAt: at(3), job: hostileJob, artifacts: binary('two') }),
    sampleRecord({ uuid: uuidOf(4), startedAt: at(4), artifacts: [], result: { kind: 'exited', code: 20n } }),
  ])
    await app.upload(record)
  const webDir = join(temporaryDir(), 'dist')
  mkdirSync(webDir)
  writeFileSync(join(webDir, 'index.html'), readFileSync(join(projectDir, 'web/index.html')))
  const server = createServer(
    createApp(app.deps, { webDir, persistedOperationsFile: 'none', rendererFile: 'none' }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function open(path: string) {
    const html = await (await fetch(url + path)).text()
    const tree = parseHtml(html)
    const [noscript] = findElements(tree, 'noscript')
    if (!noscript) throw new Error('a page without <noscript>')
    const meta = (name: string) =>
      findElements(tree, 'meta').find(({ properties }) =>
        [properties['name'], properties['property']].includes(name),
      )?.properties['content']
    const link = (rel: string) =>
      findElements(tree, 'link').find(({ properties }) => String(properties['rel']) === rel)?.properties[
        'href'
      ]
    const title = findElements(tree, 'title').map(textOf).join()
    const items = findElements(noscript, 'li')
    return { tree, noscript, title, items, meta, link }
  }
  return { app, url, open }
}

const linksOf = (element: Element) =>
  findElements(element, 'a').map(({ properties }) => String(properties['href']))

test.each([
  ['/job/hello?status=failed', '/job/hello/feed.atom?status=failed', 1],
  ['/job/hello?view=builds&status=succeeded', '/job/hello/feed.atom?status=succeeded', 2],
  ['/job/hello?platform=debian-12&status=failed', '/job/hello/feed.atom?platform=debian-12&status=failed', 1],
  ['/job/hello?status=nonsense', '/job/hello/feed.atom', 3],
  ['/job/hello?verdict=reproduced', '/job/hello/feed.atom?verdict=reproduced', 1],
  ['/job/hello?verdict=nonsense&since=2026-11-04', '/job/hello/feed.atom', 3],
  ['/job/hello/failed', '/job/hello/feed.atom?status=failed', 1],
  ['/platform/debian-12?since=2026-11-02', '/platform/debian-12/feed.atom?since=2026-11-02', 3],
  ['/failed-builds?until=2026-11-03', '/feed.atom?status=failed&until=2026-11-03', 0],
  ['/platform/debian-12?status=failed', '/platform/debian-12/feed.atom?status=failed', 1],
  ['/failed-builds?platform=debian-12', '/feed.atom?platform=debian-12&status=failed', 1],
  ['/failed-builds?platform=none', '/feed.atom?status=failed', 0],
  ['/job/hello/failed?platform=debian-12', '/job/hello/feed.atom?platform=debian-12&status=failed', 1],
])('%s lists what its address asks for, and so does its feed', async (path, feed, builds) => {
  const { open } = await factsSite()
  const { items, link } = await open(path)
  expect([link('alternate'), items.length]).toEqual([feed, builds])
})

test('a job lists its builds, each with its page and its binary', async () => {
  const { open } = await factsSite()
  const { title, items, meta, link } = await open('/job/hello')
  expect(title).toBe('hello · Builder Hub')
  expect(meta('description')).toBe('Builds of hello. Newest build on debian-12: failed: exited 20.')
  expect(meta('og:title')).toBe('hello')
  expect(meta('og:url')).toBe('https://builds.example.org/job/hello')
  expect(link('canonical')).toBe('https://builds.example.org/job/hello')
  expect(link('alternate')).toBe('/job/hello/feed.atom')
  expect(items.map(textOf)).toEqual([
    '2026-11-04 00:00:00 UTC on debian-12: failed: exited 20',
    expect.stringMatching(
      /^2026-11-02 .* on debian-12: succeeded, repeated here ×\d: bin\/hello world \(3 B, sha256 [0-9a-f]{64}\)$/,
    ),
    expect.stringMatching(/^2026-11-01 .* on debian-12: succeeded, not repeated yet: /),
  ])
  expect(items.slice(1, 2).flatMap(linksOf)).toEqual([
    `/job/hello/build/${uuidOf(2)}`,
    `/job/hello/build/${uuidOf(2)}/f/bin/hello%20world`,
  ])
})

test('a build has its result, times, checksums, and links to its files', async () => {
  const { open, url } = await factsSite()
  const page = await open(`/job/hello/build/${uuidOf(1)}`)
  expect(page.title).toBe('hello on debian-12, 2026-11-01 · Builder Hub')
  expect(page.meta('description')).toMatch(
    /^hello on debian-12: succeeded, not repeated yet\. Started 2026-11-01T.*Main binary sha256 [0-9a-f]{64}\.$/,
  )
  const links = linksOf(page.noscript)
  for (const ending of ['/f/bin/hello%20world', '/console', '/script'])
    expect(links).toContain(`/job/hello/build/${uuidOf(1)}${ending}`)
  for (const link of links)
    expect((await fetch(url + link, { headers: { Accept: 'text/html' } })).status, link).toBe(200)
})

test('a comparison has its summary and its sides, and is not indexed', async () => {
  const { open } = await factsSite()
  const { title, items, meta } = await open(`/compare/${uuidOf(1)}/${uuidOf(2)}`)
  expect(title).toBe('hello: 2026-11-01 → 2026-11-02 · Builder Hub')
  expect(meta('robots')).toBe('noindex')
  expect(items).toHaveLength(2)
})

test.each([
  ['/', 'Builder Hub', 2],
  ['/all-builds', 'All jobs · Builder Hub', 2],
  ['/failed-builds', 'Failed builds · Builder Hub', 1],
  ['/job/hello/failed', 'Failed builds of hello · Builder Hub', 1],
  ['/platform/debian-12', 'debian-12 · Builder Hub', 4],
  ['/search', 'Search · Builder Hub', 0],
])('%s has a title, a canonical address and its items', async (path, title, count) => {
  const { open } = await factsSite()
  const { link, ...page } = await open(path)
  expect(page.title).toBe(title)
  expect(link('canonical')).toBe(`https://builds.example.org${path}`)
  expect(page.items).toHaveLength(count)
})

test('hostile names are text, in the head and in the facts', async () => {
  const { open } = await factsSite()
  const { tree, title, noscript } = await open(`/job/${encodeURIComponent(hostileJob)}`)
  expect(title).toBe(`${hostileJob} · Builder Hub`)
  expect(findElements(noscript, 'h1').map(textOf)).toEqual([hostileJob])
  expect(findElements(tree, 'img')).toEqual([])
  const own = findElements(parseHtml(readFileSync(join(projectDir, 'web/index.html'), 'utf8')), 'script')
  expect(findElements(tree, 'script')).toHaveLength(own.length)
})

test('a missing page answers 404 and says so', async () => {
  const { app, open, url } = await factsSite()
  expect((await fetch(`${url}/job/nowhere`)).status).toBe(404)
  app.takeQueries()
  expect((await fetch(`${url}/job/nowhere`)).status).toBe(404)
  expect(app.takeQueries()).not.toEqual([])
  expect(textOf((await open('/job/nowhere')).noscript)).toBe('There is nothing at this address.')
})

test('a page is rendered once, until a build arrives', async () => {
  const { app, open } = await factsSite()
  await open('/job/hello')
  app.takeQueries()
  await open('/job/hello')
  expect(app.takeQueries()).toEqual([])
  await app.upload(sampleRecord({ uuid: uuidOf(5), startedAt: new Date(Date.UTC(2026, 10, 5)) }))
  expect((await open('/job/hello')).items).toHaveLength(4)
})

test.each([
  ['/job/hello', 4],
  [`/job/hello/build/${uuidOf(1)}`, 4],
  ['/', 1],
])('%s costs %d statements', async (path, statements) => {
  const { app, open } = await factsSite()
  app.takeQueries()
  await open(path)
  expect(app.takeQueries().length).toBeLessThanOrEqual(statements + 2)
})
