import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test, vi } from 'vitest'
import { routesOf } from '../../server/app.ts'
import { createGraphQL } from '../../server/graphql/yoga.ts'
import { schema } from '../../server/schema.ts'
import { addUser } from '../../server/users/add-user.ts'
import { createToken, revokeToken } from '../../server/users/tokens.ts'
import { byServer } from '../../server/audit/actor.ts'
import { alice, basicAuth, testApp, type TestApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { openBrowser } from './sessions/browser.ts'

const secretJob = 'secret-project'

async function privateSite() {
  const app = await testApp({ env: { BUILDER_HUB_PRIVATE: 'true' } })
  const record = sampleRecord({ job: secretJob })
  expect((await app.upload(record)).status).toBe(201)
  return { app, build: `/job/${secretJob}/build/${record.uuid}` }
}

async function ask(app: TestApp, path: string, headers: Record<string, string> = {}, method = 'GET') {
  const sent = httpRequest(app.url + path, { method, headers })
  sent.end()
  const [answer] = await once(sent, 'response')
  return { status: answer.statusCode as number, headers: answer.headers, body: await text(answer) }
}

const html = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
/** What a path of a route is asked with. */
const filled = (path: string) =>
  path
    .replace(':job', secretJob)
    // A number, where the route takes nothing else.
    .replace(/:\w+\(\^\\d\+\$\)/, '1')
    .replace('*', 'x')
    .replace(/:\w+(\.\w+)?/g, 'x')

test('each route of a private site but a few answers nobody', async () => {
  const { app } = await privateSite()
  const routes = routesOf(app.deps, createGraphQL(app.deps, schema, 'none'))
  const open = routes.filter(({ needs }) => needs === 'none').map(({ path }) => path)
  expect(open.toSorted()).toEqual([
    '/attestations',
    '/graphql',
    '/health/live',
    '/health/ready',
    '/job/:job/platform/:platform/upload',
    '/oidc/callback',
    '/oidc/sign-in',
    '/oidc/token',
    '/ready',
    '/robots.txt',
    '/unsubscribe/:token',
    '/unsubscribe/:token',
    '/upload',
    '/witness/add-checkpoint',
  ])
  for (const { path, methods, needs } of routes) {
    if (needs === 'none') continue
    for (const method of methods) {
      const { status, headers } = await ask(app, filled(path), {}, method)
      expect([path, status, headers['www-authenticate']]).toEqual([path, 401, 'Basic realm="builder-hub"'])
      expect(headers['cache-control']).toBe('private, no-store')
    }
  }
})

test('pages lead nobody to the page for signing in, and no answer names what there is', async () => {
  const { app, build } = await privateSite()
  for (const path of [
    '/',
    '/all-builds',
    `/job/${secretJob}`,
    build,
    '/job/absent',
    '/account',
    '/search?q=a&b',
  ]) {
    const { status, headers, body } = await ask(app, path, html)
    expect([status, headers.location]).toEqual([302, `/login?next=${encodeURIComponent(path)}`])
    expect(body).not.toContain(secretJob)
    // What a script of a page asks for brings no dialog of the browser.
    const fetched = await ask(app, path, { 'Sec-Fetch-Mode': 'cors', Accept: '*/*' })
    expect([fetched.status, fetched.headers['www-authenticate']]).toEqual([401, 'Bearer realm="builder-hub"'])
  }
  const login = await ask(app, '/login?next=%2F', html)
  expect([login.status, login.body.includes(secretJob)]).toEqual([200, false])
  const robots = await ask(app, '/robots.txt')
  expect(robots.body).toBe('User-agent: *\nDisallow: /\n')
})

test('GraphQL tells nobody anything but how to sign in', async () => {
  const { app } = await privateSite()
  const { data, errors } = await app.graphql('{ viewer { name } signInOptions { note } jobs { totalCount } }')
  expect(data?.jobs ?? null).toBeNull()
  expect(errors?.[0]?.extensions?.['code']).toBe('UNAUTHENTICATED')
  expect((await app.graphql('{ viewer { name } signInOptions { note } }')).data).toEqual({
    viewer: null,
    signInOptions: { note: '' },
  })
})

test('a user reads by password and by session, and nothing on the way may store it', async () => {
  const { app, build } = await privateSite()
  const reader = { name: 'reader', password: 'pw of reader' }
  await addUser(app.deps.writer, byServer(), { ...reader, unrestricted: false, role: 'READER' })
  const browser = openBrowser(app)
  await browser.signIn(reader)
  for (const path of [
    '/',
    `/job/${secretJob}`,
    build,
    '/feed.atom',
    `${build}/all.tar.gz`,
    `/job/${secretJob}/badge.svg`,
  ]) {
    const byPassword = await ask(app, path, { Authorization: basicAuth(reader) })
    expect([path, byPassword.status]).toEqual([path, 200])
    const bySession = await browser.get(path)
    expect([path, bySession.status]).toEqual([path, 200])
    expect(bySession.headers.get('cache-control')).toBe('private, no-store')
    expect(byPassword.headers['cache-control']).toBe('private, no-store')
  }
  const wrong = await ask(app, '/feed.atom', { Authorization: basicAuth({ ...alice, password: 'x' }) })
  expect(wrong.status).toBe(401)
})

test('a stream of events ends soon after its token does, and nothing on the way may store it', async () => {
  const { app } = await privateSite()
  const { writer } = app.deps
  const wanted = { userName: 'alice', name: 'follower', scopes: ['read'] }
  const [token, kept] = [
    await createToken(writer, byServer(), wanted),
    await createToken(writer, byServer(), wanted),
  ]
  onTestFinished(() => void vi.useRealTimers())
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const follow = async ({ text: secret }: { text: string }) => {
    const query = encodeURIComponent('subscription { buildStored { build { uuid } } }')
    const headers = { Authorization: `Bearer ${secret}`, Accept: 'text/event-stream' }
    const answer = await fetch(`${app.url}/graphql?query=${query}`, { headers })
    expect(answer.headers.get('cache-control')).toBe('private, no-store, no-transform')
    let hasEnded = false
    const ended = answer.text().then(() => (hasEnded = true))
    return { ended, hasEnded: () => hasEnded }
  }
  const [revoked, other] = [await follow(token), await follow(kept)]
  await revokeToken(writer, byServer(), token.id)
  vi.advanceTimersByTime(30_000)
  await revoked.ended
  expect(other.hasEnded()).toBe(false)
  await revokeToken(writer, byServer(), kept.id)
  vi.advanceTimersByTime(30_000)
  await other.ended
})

test('a public site needs nobody', async () => {
  const app = await testApp()
  expect((await ask(app, '/feed.atom')).status).toBe(200)
  expect((await ask(app, '/robots.txt')).body).toContain('Disallow: /compare/')
})
