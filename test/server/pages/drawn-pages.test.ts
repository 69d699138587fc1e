import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { createApp, webFilesOf } from '../../../server/app.ts'
import { paths } from '../../../web/paths.ts'
import { firstPageId } from '../../../web/ui/first-page.ts'
import { projectDir, temporaryDir, testApp, type TestApp } from '../../app.ts'
import { findElements, parseHtml, textOf } from '../../html.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const hostileJob = '<\u2215script><img src=x onerror=alert(1)>'

let app: TestApp

beforeAll(async () => {
  app = await testApp({ keep: true, env: { BUILDER_HUB_DRAWN_PAGES: 'on' } })
  for (const [index, job] of ['hello', 'hello', hostileJob].entries())
    await app.upload(sampleRecord({ uuid: uuidOf(index + 1), job, artifacts: [file('bin/hello', job)] }))
})
afterAll(() => app.close())

async function open(path: string, headers: Record<string, string> = {}, url = app.url) {
  const answer = await fetch(url + path, { headers })
  const html = await answer.text()
  const tree = parseHtml(html)
  const [root] = findElements(tree, 'div').filter(({ properties }) => properties['id'] === 'app')
  const [data] = findElements(tree, 'script').filter(({ properties }) => properties['id'] === firstPageId)
  return {
    status: answer.status,
    html,
    tree,
    text: root ? textOf(root) : '',
    data: data ? textOf(data) : null,
  }
}

test('the first answer is the page, with the answers that the application goes on from', async () => {
  const { data, html, text, tree } = await open('/job/hello')
  expect(text).toContain('Skip to the content')
  expect(text).toMatch(/hello.*debian-12/)
  expect(JSON.parse(String(data))).toMatchObject({
    site: app.url,
    cache: { ROOT_QUERY: { 'job({"name":"hello"})': expect.anything() as unknown } },
  })
  expect(findElements(tree, 'noscript')).toEqual([])
  expect(html).toMatch(/<link rel="modulepreload" fetchpriority="low" href="\/assets\/[\w-]+\.js">/)
})

test.each([
  paths.home,
  paths.allBuilds,
  paths.job('hello'),
  paths.build('hello', uuidOf(1)),
  paths.failedBuilds,
  paths.platforms,
  paths.platform('debian-12'),
  paths.keys,
  '/log',
  '/advisories',
  '/packages',
  '/schedule',
  '/runs',
  '/workers',
  '/search?q=hello',
  '/login',
  `/compare/${uuidOf(1)}/${uuidOf(2)}`,
])('%s is drawn, without what its policy forbids', async (path) => {
  const { data, html, status, text } = await open(path)
  expect(status).toBe(200)
  expect(text.length).toBeGreaterThan(100)
  expect(data).not.toBeNull()
  expect(html).not.toMatch(/ style="|<script(?![^>]*\b(src=|type="application\/json"))|\bon\w+="/)
})

test('names of others are text, in the page and in the answers', async () => {
  const { data, text, tree } = await open(paths.job(hostileJob))
  expect(text).toContain(hostileJob)
  expect(String(data)).toContain('\\u003cimg')
  expect(JSON.stringify(JSON.parse(String(data)))).toContain('onerror')
  expect(findElements(tree, 'img').map(({ properties }) => properties['src'])).toEqual(['/icon.svg'])
})

test('pages of users are drawn by the application alone', async () => {
  const ofUsers: Record<string, string>[] = [
    { Cookie: 'hub-signed-in=1' },
    { Authorization: 'Basic bm9ib2R5OnRoZXJl' },
  ]
  for (const headers of ofUsers)
    expect(await open('/job/hello', headers)).toMatchObject({ text: '', data: null })
})

test('a page that is not there, and one that leads elsewhere, are those of the application', async () => {
  expect(await open('/job/nobody')).toMatchObject({ status: 404, text: '', data: null })
  expect(await open('/nowhere')).toMatchObject({ status: 404, text: '', data: null })
})

test('what is kept of a page goes with the next upload', async () => {
  const before = (await open('/all-builds')).text
  expect((await open('/all-builds')).text).toBe(before)
  await app.upload(sampleRecord({ uuid: uuidOf(9), job: 'another', artifacts: [file('bin/a', 'a')] }))
  expect((await open('/all-builds')).text).toContain('another')
})

test('a page that cannot be drawn is that of the application, with its facts', async () => {
  const rendererFile = join(temporaryDir(), 'render.mjs')
  writeFileSync(rendererFile, 'export const renderPage = () => Promise.reject(new Error("a bug"))')
  const server = createServer(createApp(app.deps, { ...webFilesOf(projectDir), rendererFile }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { data, status, text, tree } = await open('/job/hello', {}, url)
  expect({ status, data, text }).toEqual({ status: 200, data: null, text: '' })
  expect(findElements(tree, 'noscript')).toHaveLength(1)
})
