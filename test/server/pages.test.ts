import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../server/app.ts'
import { temporaryDir, testApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { receiveAll, uuidOf } from './graphql-site.ts'

const page = '<!doctype html><title>Builder Hub</title>'
const oddJob = 'odd job/2 %2e #?&'.replace('/', '⁄')

/** The application with a built web folder of its own, a build, and a secret next to the web folder. */
async function pagesSite(files: Record<string, string> = { 'index.html': page }) {
  const app = await testApp()
  await receiveAll(app, [sampleRecord({ uuid: uuidOf(1) }), sampleRecord({ job: oddJob, uuid: uuidOf(2) })])
  const dir = temporaryDir()
  writeFileSync(join(dir, 'secret.txt'), 'secret')
  const webDir = join(dir, 'dist')
  mkdirSync(join(webDir, 'assets'), { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(webDir, name), content)
  const server = createServer(
    createApp(app.deps, { webDir, persistedOperationsFile: join(dir, 'none.json'), rendererFile: 'none' }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo

  /** The path goes as it is: `fetch` would resolve `..` first. */
  async function ask(path: string, method = 'GET', headers: Record<string, string> = {}) {
    const client = httpRequest({ port, host: '127.0.0.1', path, method, headers })
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      client.once('response', resolve).once('error', reject).end()
    })
    return { status: answer.statusCode, headers: answer.headers, body: await text(answer) }
  }
  return { ask, webDir }
}

const build1 = `/job/hello/build/${uuidOf(1)}`

test.each([
  ['/', 200],
  ['/?x=1', 200],
  ['/all-builds', 200],
  ['/failed-builds', 200],
  ['/platforms', 200],
  ['/failed-builds?platform=none', 200],
  ['/search', 200],
  ['/job/hello', 200],
  ['/job/hello/failed', 200],
  [build1, 200],
  ['/platform/debian-12', 200],
  [`/job/${encodeURIComponent(oddJob)}`, 200],
  [`/job/${encodeURIComponent(oddJob)}/build/${uuidOf(2)}`, 200],
  ['/job/nowhere', 404],
  ['/job/nowhere/failed', 404],
  ['/job/', 404],
  ['/job', 404],
  [`/job/hello/build/${uuidOf(2)}`, 404],
  [`/job/hello/build/${uuidOf(3)}`, 404],
  ['/job/hello/build/none', 404],
  ['/platform/plan9', 404],
  ['/nowhere', 404],
  ['/index.html', 404],
  ['/index.html?x', 404],
  ['//index.html', 404],
  [`/${'x'.repeat(5000)}`, 404],
])('%s answers %d with the application and its headers', async (path, status) => {
  const { ask } = await pagesSite()
  const answer = await ask(path)
  expect(answer).toMatchObject({ status, body: page })
  const head = await ask(path, 'HEAD')
  expect(head).toMatchObject({ status, body: '' })
  for (const { headers } of [answer, head]) {
    expect(headers['content-type']).toBe('text/html; charset=utf-8')
    expect(headers['content-length']).toBe(String(page.length))
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('same-origin')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['cache-control']).toBe('no-cache')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
  }
})

test.each([
  [`${build1}/vizdependencies`, 200],
  [`${build1}/viztreemap`, 200],
  [`/job/hello/build/${uuidOf(3)}/vizdependencies`, 404],
  [`/job/nowhere/build/${uuidOf(1)}/vizdependencies`, 404],
])('%s answers %d, and any site may show it in a frame', async (path, status) => {
  const { ask } = await pagesSite()
  const answer = await ask(path)
  expect(answer).toMatchObject({ status, body: page })
  const policy = String(answer.headers['content-security-policy'])
  expect(policy).toContain('; frame-ancestors *')
  expect(policy.replace('frame-ancestors *', `frame-ancestors 'none'`)).toBe(
    (await ask(build1)).headers['content-security-policy'],
  )
})

test.each(['POST', 'PUT', 'DELETE', 'PATCH'])(
  '%s to a page is refused with a line of text',
  async (method) => {
    const { ask } = await pagesSite()
    for (const path of ['/', '/job/hello', '/nowhere']) {
      const answer = await ask(path, method)
      expect(answer.status).toBe(path === '/nowhere' ? 404 : 405)
      expect(answer.headers.allow).toBe(path === '/nowhere' ? undefined : 'GET, HEAD, OPTIONS')
      expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
      expect(answer.headers['x-content-type-options']).toBe('nosniff')
      expect(answer.body).toBe(`nothing here answers ${method} ${path}\n`)
    }
  },
)

test.each([
  '/../secret.txt',
  '/..%2fsecret.txt',
  '/%2e%2e/secret.txt',
  '/%2e%2e%2fsecret.txt',
  '/assets/../../secret.txt',
  '/assets/..%2f..%2fsecret.txt',
  '/assets/%2e%2e/%2e%2e/secret.txt',
  '/..%5csecret.txt',
  '/..%5c..%5csecret.txt',
  '/....//secret.txt',
  '/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd',
  '//etc/passwd',
  '/%2fetc%2fpasswd',
  '/assets/%00',
  '/%00../secret.txt',
  '/secret.txt%00.html',
  '/assets/../../package.json',
  '/.git/config',
  '/%E0%80%AE%E0%80%AE/secret.txt',
  '/%',
  '/%zz',
  '/job/%ff',
])('%s does not lead out of the web folder', async (path) => {
  const { ask } = await pagesSite()
  for (const method of ['GET', 'HEAD']) {
    const { status, body } = await ask(path, method)
    expect([400, 404]).toContain(status)
    expect(body).not.toContain('secret\n')
    expect(body).not.toBe('secret')
    expect(body).not.toContain('root:')
  }
})

test('a file that is gone since the start ends its request, not the server', async () => {
  const { ask, webDir } = await pagesSite({ 'index.html': page, 'assets/app-abc123.js': 'code' })
  rmSync(join(webDir, 'assets/app-abc123.js'))
  await expect(ask('/assets/app-abc123.js')).rejects.toThrow()
  expect(await ask('/')).toMatchObject({ status: 200 })
})

test('files with hashed names are kept for ever, others are asked for again', async () => {
  const { ask } = await pagesSite({
    'index.html': page,
    'assets/app-abc123.js': 'code',
    'first-paint.js': 'theme',
    'icon.svg': '<svg/>',
  })
  const script = await ask('/assets/app-abc123.js')
  expect(script).toMatchObject({ status: 200, body: 'code' })
  expect(script.headers).toMatchObject({
    'content-type': expect.stringContaining('text/javascript'),
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  const theme = await ask('/first-paint.js')
  expect(theme.headers['cache-control']).toBe('no-cache')
  const again = await ask('/first-paint.js', 'GET', { 'If-None-Match': String(theme.headers.etag) })
  expect(again).toMatchObject({ status: 304, body: '' })
  expect((await ask('/icon.svg')).headers['content-type']).toContain('image/svg+xml')
})

test('the page runs under its policy, however its file is spelled', async () => {
  const { ask } = await pagesSite()
  for (const path of ['/%69ndex.html', '/index%2Ehtml', '/assets/%2e%2e/index.html', '/./index.html']) {
    const { body, headers } = await ask(path)
    if (body === page) expect(headers['content-security-policy'], path).toContain("script-src 'self';")
  }
})

test('if the web application is not built, pages say how to build it', async () => {
  const { ask } = await pagesSite({})
  expect(await ask('/')).toMatchObject({ status: 503, body: expect.stringContaining('npm run build') })
})

test('a line of text contains no control characters from the URL', async () => {
  const { ask } = await pagesSite()
  const { status, body, headers } = await ask('/job/x/build/y/f/a%0d%0aSet-Cookie:%20x=1')
  expect(status).toBe(404)
  expect(headers['set-cookie']).toBeUndefined()
  expect(body.split('\n')).toHaveLength(2)
})

test('/ready answers once the database does, and is not kept', async () => {
  const { ask } = await pagesSite()
  const answer = await ask('/ready')
  expect(answer).toMatchObject({ status: 200, body: 'ready\n' })
  expect(answer.headers['cache-control']).toBe('no-store')
})
