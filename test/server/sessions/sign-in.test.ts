import { expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../server/clock.ts'
import { createFailureAudit } from '../../../server/sessions/audit-sign-ins.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { byServer } from '../../../server/audit/actor.ts'
import { updateUser } from '../../../server/users/update-user.ts'
import { alice, basicAuth, bytesOf, testApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { openBrowser } from './browser.ts'
import { removeEndedSessionsHandler } from '../../../server/sessions/remove-ended-sessions-handler.ts'
import type { ClaimedTask } from '../../../server/runner/task.ts'

const hourMs = 3_600_000
const who = '{ viewer { name credential } }'
const aliceBySession = { name: 'alice', credential: 'SESSION' }

/** A site whose clock a test moves. */
async function siteWithClock() {
  let aheadMs = 0
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) }
  const app = await testApp({ clock })
  return { app, pass: (ms: number) => void (aheadMs += ms) }
}

const audited = async ({ deps }: Awaited<ReturnType<typeof testApp>>) =>
  (
    await deps.db.auditEntry.findMany({
      where: { action: { startsWith: 'session.' } },
      orderBy: { id: 'asc' },
    })
  ).map(({ actor, via, action, target, result }) => [actor, via, action, target, result])

test('a password begins a session, which says who somebody is until it is ended', async () => {
  const app = await testApp()
  const browser = openBrowser(app)
  expect((await browser.graphql(who)).data).toEqual({ viewer: null })
  const { data, setCookies } = await browser.signIn(alice)
  expect(data.signIn).toEqual({
    __typename: 'SignInSuccess',
    viewer: {
      ...{ name: 'alice', role: 'UPLOADER', rights: ['READ', 'UPLOAD', 'ATTEST'] },
      ...{ credential: 'SESSION', hasSecondFactor: false },
    },
  })
  expect(setCookies).toEqual([
    expect.stringMatching(/^hub-session=[\w-]{43}; Path=\/; Max-Age=2592000; SameSite=Lax; HttpOnly$/),
    'hub-signed-in=1; Path=/; Max-Age=2592000; SameSite=Lax',
  ])
  const secret = browser.cookies.get('hub-session') ?? ''
  const stored = await app.deps.db.session.findMany()
  expect(JSON.stringify(stored)).not.toContain(secret)

  const answer = await browser.graphql(who)
  expect(answer.data.viewer).toEqual(aliceBySession)
  expect(answer.headers.get('cache-control')).toBe('private, no-store')
  expect(
    (await browser.graphql('mutation { signOut { ... on SignOutSuccess { wasSignedIn } } }')).data,
  ).toEqual({
    signOut: { wasSignedIn: true },
  })
  expect(browser.cookies.size).toBe(0)
  browser.cookies.set('hub-session', secret)
  const ended = await browser.graphql(who)
  expect(ended.data).toEqual({ viewer: null })
  expect(browser.cookies.size).toBe(0)
  expect(await audited(app)).toEqual([
    ['alice', 'session', 'session.sign-in', 'alice', 'DONE'],
    ['alice', 'session', 'session.sign-out', 'alice', 'DONE'],
  ])
})

test('each sign-in has a new secret, and ends the session that the browser had', async () => {
  const app = await testApp()
  const browser = openBrowser(app)
  const secrets = []
  for (let time = 0; time < 2; time++) {
    await browser.signIn(alice)
    secrets.push(browser.cookies.get('hub-session'))
  }
  expect(new Set(secrets).size).toBe(2)
  expect(await app.deps.db.session.count()).toBe(1)
})

test('behind TLS the cookie is for this host alone', async () => {
  const app = await testApp({ env: { BUILDER_HUB_PUBLIC_URL: 'https://hub.example' } })
  const browser = openBrowser(app)
  const { setCookies } = await browser.signIn(alice)
  expect(setCookies).toEqual([
    expect.stringMatching(
      /^__Host-hub-session=[\w-]{43}; Path=\/; Max-Age=\d+; SameSite=Lax; HttpOnly; Secure$/,
    ),
    expect.stringMatching(/^hub-signed-in=1; .*Secure$/),
  ])
  // What a neighbouring host has set does not count beside it.
  browser.cookies.set('hub-session', 'x'.repeat(43))
  expect((await browser.graphql(who)).data.viewer).toEqual(aliceBySession)
  // Nor alone, even with the secret of a session: it may be that of the neighbour.
  browser.cookies.set('hub-session', browser.cookies.get('__Host-hub-session') ?? '')
  browser.cookies.delete('__Host-hub-session')
  expect((await browser.graphql(who)).data.viewer).toBeNull()
})

test('an unknown user, a wrong password and a disabled user get one answer, and the log no password', async () => {
  const app = await testApp()
  const refusals = []
  for (const sent of [
    { name: 'nobody', password: 'my secret' },
    { name: 'alice', password: 'my secret' },
  ])
    refusals.push((await openBrowser(app).signIn(sent)).data)
  await updateUser(app.deps.writer, byServer(), 'alice', { disabled: true })
  refusals.push((await openBrowser(app).signIn(alice)).data)
  expect(refusals[0].signIn).toMatchObject({ __typename: 'NotAuthorizedError', code: 'UNAUTHENTICATED' })
  for (const refusal of refusals) expect(refusal).toEqual(refusals[0])
  expect(await audited(app)).toEqual([
    [null, 'nobody', 'session.sign-in', null, 'FAILED'],
    [null, 'nobody', 'session.sign-in', 'alice', 'FAILED'],
    [null, 'nobody', 'session.sign-in', 'alice', 'FAILED'],
  ])
})

test('whoever guesses is stopped, in the audit log, too, and the uploads of the user go on', async () => {
  const app = await testApp()
  await app.upload(sampleRecord())
  for (let time = 0; time < 10; time++)
    await openBrowser(app).signIn({ name: 'alice', password: `guess ${time}` })
  const { data } = await openBrowser(app).signIn({ name: 'alice', password: 'another' })
  expect(data.signIn).toMatchObject({ code: 'RATE_LIMIT', retryAfterSeconds: expect.any(Number) })
  expect(await app.deps.db.auditEntry.count({ where: { action: { startsWith: 'session.' } } })).toBe(11)
  const second = await app.upload(sampleRecord({ uuid: '00000000-0000-4000-8000-000000000002' }))
  expect(second.status).toBe(201)
})

test('credentials that are refused at any door are in the audit log, without secrets and unknown names', async () => {
  const app = await testApp({ env: { BUILDER_HUB_PRIVATE: 'true' } })
  const doors: [string, RequestInit][] = [
    ['/graphql', { method: 'POST', body: '{"query":"{ viewer { name } }"}' }],
    ['/upload', { method: 'POST' }],
    ['/feed.atom', {}],
  ]
  const send = async (Authorization: string) => {
    for (const [path, init] of doors) {
      const headers = { Authorization, 'Content-Type': 'application/json' }
      await (await fetch(app.url + path, { ...init, headers })).text()
    }
  }
  await send(basicAuth({ name: 'alice', password: 'a wrong one' }))
  await send(basicAuth({ name: 'my password', password: 'x' }))
  await send('Bearer bhub_mistyped')
  await app.deps.background.settled()
  const entries = await app.deps.db.auditEntry.findMany({ where: { action: 'user.authenticate' } })
  const told = entries.map(({ target, result, detail }) => `${target} ${result} ${detail}`).sort()
  expect(told).toEqual(
    [
      ...Array<string>(3).fill('alice FAILED {"reason":"wrong password"}'),
      ...Array<string>(3).fill('null FAILED {"reason":"wrong password"}'),
      ...Array<string>(3).fill('null FAILED {"reason":"wrong token"}'),
    ].sort(),
  )
})

test('the audit log has a bounded number of failed sign-ins', async () => {
  const { deps } = await testApp()
  const audit = createFailureAudit({ ofAddress: 2, ofAll: 3 })
  const actor = { name: null, via: 'nobody', credential: null, address: 'a', requestId: null } as const
  const written = []
  for (const address of ['a', 'a', 'a', 'b', 'c'])
    written.push(await audit(deps.writer, address, { at: new Date(), actor }))
  expect(written).toEqual([true, true, false, true, false])
  expect(await deps.db.auditEntry.count()).toBe(3)
})

test('a session ends after twelve hours without a request, and after thirty days', async () => {
  const { app, pass } = await siteWithClock()
  const browser = openBrowser(app)
  await browser.signIn(alice)
  for (let time = 0; time < 65; time++) {
    pass(11 * hourMs)
    expect((await browser.graphql(who)).data.viewer).toEqual(aliceBySession)
  }
  pass(6 * hourMs)
  expect((await browser.graphql(who)).data.viewer).toBeNull()
  await browser.signIn(alice)
  pass(12 * hourMs)
  expect((await browser.graphql(who)).data.viewer).toBeNull()
})

test('the rows of sessions that are over are removed, and no others', async () => {
  const { app, pass } = await siteWithClock()
  const { clock, db, writer } = app.deps
  const handler = removeEndedSessionsHandler({ clock })
  const task = { kind: 'REMOVE_ENDED_SESSIONS', key: '' } as ClaimedTask
  const sweep = async () => {
    const now = await handler.run(task, new AbortController().signal)
    await writer.transact([], (tx) => handler.complete?.(tx, task, now) ?? Promise.resolve())
    return db.session.count()
  }
  await openBrowser(app).signIn(alice)
  pass(11 * hourMs)
  await openBrowser(app).signIn(alice)
  expect(await sweep()).toBe(2)
  pass(hourMs)
  expect(await sweep()).toBe(1)
})

test('a request writes when the session was used only after some minutes', async () => {
  const { app, pass } = await siteWithClock()
  const browser = openBrowser(app)
  await browser.signIn(alice)
  const seen = async () => (await app.deps.db.session.findFirstOrThrow()).lastSeenAt.getTime()
  const first = await seen()
  app.takeQueries()
  await browser.graphql(who)
  expect(app.takeQueries().filter((sql) => !/^SELECT/i.test(sql))).toEqual([])
  pass(5 * 60_000)
  await browser.graphql(who)
  expect((await seen()) - first).toBeGreaterThanOrEqual(5 * 60_000)
})

const fromElsewhere = [
  { Origin: 'https://evil.example' },
  { 'Sec-Fetch-Site': 'same-site', Origin: 'https://neighbour.example' },
  { 'Sec-Fetch-Site': 'cross-site' },
]

test.each(fromElsewhere)('the cookie changes nothing by a page with %j', async (headers) => {
  const app = await testApp()
  const browser = openBrowser(app)
  await browser.signIn(alice)
  const operations: Record<string, string>[] = [
    { 'Content-Type': 'application/json' },
    { 'Content-Type': 'application/json', 'GraphQL-Require-Preflight': '1' },
    { 'Content-Type': 'text/plain' },
  ]
  for (const type of operations) {
    const { status } = await browser.get('/graphql', {
      ...{ method: 'POST', body: '{"query":"mutation { signOut { __typename } }"}' },
      headers: { ...type, ...headers } as Record<string, string>,
    })
    expect(status).toBe(403)
  }
  const body = await bytesOf(encodeExecRecord(sampleRecord()))
  expect(
    (await browser.get('/upload', { method: 'POST', body, headers: headers as Record<string, string> }))
      .status,
  ).toBe(403)
  expect((await browser.graphql(who)).data.viewer).toEqual(aliceBySession)
  expect((await browser.signIn(alice, { headers: headers as Record<string, string> })).status).toBe(403)
})

test('no page of another site signs anybody in, and with the cookie a form needs a header', async () => {
  const app = await testApp()
  const stranger = openBrowser(app)
  const { data, setCookies } = await stranger.signIn(alice, { headers: { Origin: 'https://evil.example' } })
  expect([data.signIn.code, setCookies]).toEqual(['FORBIDDEN', []])
  await stranger.signIn(alice)
  const form = { method: 'POST', body: 'query={viewer{name}}' }
  const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
  expect((await stranger.get('/graphql', { ...form, headers: type })).status).toBe(403)
  const headers = { ...type, 'GraphQL-Require-Preflight': '1' }
  expect((await stranger.get('/graphql', { ...form, headers })).status).toBe(200)
})

test('the cookie uploads from the own site, and a token is no password of a person', async () => {
  const app = await testApp()
  const browser = openBrowser(app)
  await browser.signIn(alice)
  const body = await bytesOf(encodeExecRecord(sampleRecord()))
  expect((await browser.get('/upload', { method: 'POST', body, headers: { Origin: app.url } })).status).toBe(
    201,
  )
  // Credentials in the request count before the cookie.
  const asAlice = await browser.graphql(who, { headers: { Authorization: basicAuth(alice) } })
  expect(asAlice.data.viewer.credential).toBe('PASSWORD')
})
