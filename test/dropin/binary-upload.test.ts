import { request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { alice, basicAuth } from '../app.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { addAccess } from '../../server/users/users.ts'
import { openDropinSite, type DropinSite } from './dropin-site.ts'

const bob = { name: 'bob', password: 'pw' }

let site: DropinSite
beforeAll(async () => {
  site = await openDropinSite({ env: { BUILDER_HUB_UPLOAD_MAX_BYTES: '1000' } })
  await addUser(site.app.deps.writer, byServer(), { ...bob, unrestricted: false })
  await addAccess(site.app.deps.writer, byServer(), 'bob', 'allowed')
  return () => site.close()
})

function post(path: string, body: Uint8Array, user: typeof alice | null = alice) {
  const headers = { 'Content-Length': body.length, ...(user ? { Authorization: basicAuth(user) } : {}) }
  return site.ask(path, { method: 'POST', headers, body })
}

const countBuilds = () => site.app.deps.db.build.count()

test.each([
  ['/job/manual/platform/debian-12/upload', 'manual', 'debian-12', 'bin/manual.bin'],
  ['/job/manual/platform/debian-12/upload?binary_name=foo.hvt', 'manual', 'debian-12', 'bin/foo.hvt'],
  ['/job/manual/platform/debian-12/upload/', 'manual', 'debian-12', 'bin/manual.bin'],
  ['/job/a%20job%3F/platform/p%2Bq/upload', 'a job?', 'p+q', 'bin/a job?.bin'],
  ['/job/x/platform/p/upload?binary_name=a+b%2541%3F', 'x', 'p', 'bin/a b%41?'],
  ['/job/x/platform/p/upload?binary_name=...', 'x', 'p', 'bin/...'],
])('POST %s stores a build with a main binary', async (path, job, platform, binary) => {
  const before = Date.now()
  const answer = await post(path, Buffer.from('image'))
  expect(answer.status).toBe(201)
  const { location = '' } = answer.headers
  expect(location.startsWith(`/job/${encodeURIComponent(job)}/build/`)).toBe(true)
  const json = await site.ask(location, { headers: { Accept: 'application/json' } })
  const build = JSON.parse(json.body.toString()) as Record<string, string>
  expect(build).toMatchObject({ job, platform, main_binary: true })
  expect(build['finish_time']).toBe(build['start_time'])
  expect(Date.parse(build['start_time'] ?? '')).toBeGreaterThanOrEqual(before)
  expect((await site.ask(`${location}/script`)).body.toString()).toBe('# This artifact was manually built\n')
  expect((await site.ask(`${location}/console`)).body.toString()).toBe('')
  const main = await site.ask(`${location}/main-binary`)
  expect(main.headers.location).toBe(`${location}/f/bin/${encodeURIComponent(binary.slice(4))}`)
  expect((await site.ask(String(main.headers.location))).body.toString()).toBe('image')
})

test.each([
  ['a name with a slash', '/job/x/platform/p/upload?binary_name=a/b'],
  ['a name with an encoded slash', '/job/x/platform/p/upload?binary_name=a%2Fb'],
  ['the name ..', '/job/x/platform/p/upload?binary_name=..'],
  ['the name .', '/job/x/platform/p/upload?binary_name=.'],
  ['an empty name', '/job/x/platform/p/upload?binary_name='],
  ['a name with a NUL', '/job/x/platform/p/upload?binary_name=a%00'],
  ['the name of a readme', '/job/x/platform/p/upload?binary_name=README.md'],
  ['the name of build hashes', '/job/x/platform/p/upload?binary_name=x.build-hashes'],
  ['the job ..', '/job/%2e%2e/platform/p/upload'],
  ['a job with a slash', '/job/a%2Fb/platform/p/upload'],
  ['an empty platform', '/job/x/platform//upload'],
  ['a platform that is too long', `/job/x/platform/${'p'.repeat(256)}/upload`],
])('%s is refused', async (_case, path) => {
  const before = await countBuilds()
  const { status, body } = await post(path, Buffer.from('image'))
  expect(status).toBe(400)
  expect(body.toString()).toMatch(/^(binary|job|platform) name .+\n$/)
  expect(await countBuilds()).toBe(before)
})

test('permissions are the same as for records', async () => {
  const path = (job: string) => `/job/${job}/platform/p/upload`
  expect((await post(path('x'), Buffer.from('x'), null)).status).toBe(401)
  expect((await post(path('x'), Buffer.from('x'), { ...alice, password: 'wrong' })).status).toBe(401)
  expect((await post(path('x'), Buffer.from('x'), bob)).status).toBe(403)
  expect((await post(path('allowed'), Buffer.from('x'), bob)).status).toBe(201)
})

test('an empty binary is a binary', async () => {
  const { status, headers } = await post('/job/none/platform/p/upload', Buffer.of())
  expect(status).toBe(201)
  expect((await site.ask(`${headers.location}/f/bin/none.bin`)).headers['content-length']).toBe('0')
})

test('a binary above the limit is refused, also without a declared length', async () => {
  const before = await countBuilds()
  const path = '/job/large/platform/p/upload'
  expect((await post(path, Buffer.alloc(1001))).status).toBe(413)
  const request = httpRequest(new URL(path, site.url), {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    agent: false,
  })
  const answer = new Promise<string>((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      text(response).then((line) => resolve(`${response.statusCode} ${line}`), reject)
    })
  })
  for (let n = 0; n < 11; n++) request.write(Buffer.alloc(100))
  request.end()
  expect(await answer).toMatch(/^413 the binary has more than the 1000 bytes/)
  expect(await countBuilds()).toBe(before)
})

test('a body without a length is stored', async () => {
  const request = httpRequest(new URL('/job/chunked/platform/p/upload', site.url), {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    agent: false,
  })
  const location = new Promise<string | undefined>((resolve, reject) => {
    request.on('error', reject).on('response', (response) => {
      response.resume()
      resolve(response.headers.location)
    })
  })
  request.write('one ')
  request.end('two')
  expect((await site.ask(`${await location}/f/bin/chunked.bin`)).body.toString()).toBe('one two')
})

test('a client that leaves in the middle leaves nothing', async () => {
  const before = await countBuilds()
  const { blobs } = site.app.deps
  const { stage, discard } = blobs
  onTestFinished(() => void Object.assign(blobs, { stage, discard }))
  const received = new Promise<void>((resolve) => {
    blobs.stage = (chunks) =>
      stage(
        (async function* () {
          for await (const chunk of chunks) {
            if (Buffer.from(chunk).equals(Buffer.from('half'))) resolve()
            yield chunk
          }
        })(),
      )
  })
  const discarded = new Promise<void>((resolve) => {
    blobs.discard = (staged) => discard(staged).then(resolve)
  })
  const request = httpRequest(new URL('/job/broken/platform/p/upload', site.url), {
    method: 'POST',
    headers: { Authorization: basicAuth(alice), 'Content-Length': 500 },
    agent: false,
  }).on('error', () => {})
  request.write('half')
  await received
  request.destroy()
  await discarded
  expect(await countBuilds()).toBe(before)
  expect(await site.app.deps.db.job.count({ where: { name: 'broken' } })).toBe(0)
})

test.each([
  [`${'x'.repeat(1_020)}`, 201],
  [`${'x'.repeat(1_021)}`, 400],
  ['%ff', 400],
])('a binary name of %s is answered %i', async (name, status) => {
  const answer = await post(`/job/long/platform/p/upload?binary_name=${name}`, Buffer.from('image'))
  expect(answer.status).toBe(status)
})
