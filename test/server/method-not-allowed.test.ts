import { beforeAll, expect, test } from 'vitest'
import { openDropinSite, type DropinSite } from '../dropin/dropin-site.ts'
import { alice, basicAuth, bytesOf } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'

let site: DropinSite
beforeAll(async () => {
  site = await openDropinSite()
  await site.upload(sampleRecord())
  return () => site.close()
})

test.each([
  ['/', 'GET, HEAD, OPTIONS'],
  ['/job/hello', 'GET, HEAD, OPTIONS'],
  ['/job/none/build/none/f/a/b?x=1', 'GET, HEAD, OPTIONS'],
  ['/job/hello/', 'GET, HEAD, OPTIONS'],
  ['/upload', 'POST, OPTIONS'],
  ['/upload/', 'POST, OPTIONS'],
  ['/job/hello/platform/debian-12/upload', 'POST, OPTIONS'],
])('OPTIONS %s tells %s, and so does the refusal of other methods', async (path, allow) => {
  const options = await site.ask(path, { method: 'OPTIONS' })
  expect([options.status, options.headers.allow, options.body.length]).toEqual([204, allow, 0])
  for (const method of ['PUT', 'DELETE', 'PATCH', allow.startsWith('GET') ? 'POST' : 'GET']) {
    const refused = await site.ask(path, { method })
    expect([refused.status, refused.headers.allow]).toEqual([405, allow])
  }
})

test.each(['/nowhere', '/job', '/job/hello/build', '/%zz', '/%zz/', '/assets/x.js'])(
  'OPTIONS %s finds nothing',
  async (path) => {
    const { status, headers } = await site.ask(path, { method: 'OPTIONS' })
    expect([status, headers.allow]).toEqual([path.startsWith('/%zz') ? 400 : 404, undefined])
  },
)

test('OPTIONS * is about the whole server', async () => {
  const { status, headers } = await site.ask('*', { method: 'OPTIONS' })
  expect([status, headers.allow]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
})

test.each([
  ['/all-builds/', '/all-builds'],
  ['/job/hello/', '/job/hello'],
  ['/job/hello///', '/job/hello'],
  ['/job/a%20job%2F/?platform=debian-12&x=/', '/job/a%20job%2F?platform=debian-12&x=/'],
  ['/job/hello/?', '/job/hello?'],
  ['/job/hello/failed/?platform=x', '/job/hello/failed?platform=x'],
  ['/hash/?sha256=00', '/hash?sha256=00'],
  ['/compare/a/b/', '/compare/a/b'],
  ['/job/hello/build/x/all.tar.gz/', '/job/hello/build/x/all.tar.gz'],
  ['/robots.txt/', '/robots.txt'],
])('%s redirects to %s', async (path, location) => {
  for (const method of ['GET', 'HEAD']) {
    const { status, headers } = await site.ask(path, { method })
    expect([status, headers.location]).toEqual([308, location])
  }
})

test.each([
  '//evil.example/',
  '//evil.example/job/x/',
  '/\\evil.example/',
  '/nowhere/',
  '//',
  '/job/',
  `${'/'.repeat(15_000)}x/`,
])('%s does not redirect', async (path) => {
  const { status, headers } = await site.ask(path)
  expect([status, headers.location]).toEqual([404, undefined])
})

test('an upload with a slash at its end is taken', async () => {
  const body = await bytesOf(encodeExecRecord(sampleRecord()))
  const headers = { Authorization: basicAuth(alice), 'Content-Length': body.length }
  expect((await site.ask('/upload/', { method: 'POST', headers, body })).status).toBe(201)
})
