import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { systemClock } from '../../../server/clock.ts'
import { BadConfigError } from '../../../server/config.ts'
import { loggedPath } from '../../../server/log-request.ts'
import { claimOf, roleOfClaims } from '../../../server/oidc/claimed-identity.ts'
import { ownPath } from '../../../server/oidc/own-path.ts'
import { signInProblems } from '../../../server/oidc/sign-in-refused.ts'
import { parseIdentity } from '../../../server/settings/identity-file.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { updateUser } from '../../../server/users/update-user.ts'
import { problems } from '../../../web/account/sign-in-problems.ts'
import { temporaryDir, testApp } from '../../app.ts'
import { openBrowser } from './browser.ts'
import { openIssuer, type Faults } from './issuer.ts'

const groups = `roles-claim = "groups"
roles = { hub-admins = "admin", builders = "UPLOADER", "*" = "READER" }`

/** A site that an issuer signs people in for. */
async function siteWithIssuer({
  more = 'create = true',
  isPrivateAllowed = true,
  env = {},
}: { more?: string; isPrivateAllowed?: boolean; env?: Record<string, string> } = {}) {
  const issuer = await openIssuer()
  const dir = temporaryDir()
  writeFileSync(join(dir, 'client-secret'), `${issuer.clientSecret}\n`)
  const file = join(dir, 'identity.toml')
  writeFileSync(
    file,
    `${isPrivateAllowed ? 'allow-private-issuers = true' : ''}
[sign-in]
issuer = "${isPrivateAllowed ? issuer.url : issuer.url.replace('http:', 'https:')}"
client-id = "${issuer.clientId}"
client-secret-file = "client-secret"
name = "The Lab"
${more}
`,
  )
  let aheadMs = 0
  let logged = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString()
      done()
    },
  })
  const app = await testApp({
    env: { BUILDER_HUB_IDENTITY_FILE: file, ...env },
    clock: { ...systemClock, now: () => new Date(Date.now() + aheadMs) },
    log: pino({ level: 'debug' }, stream),
  })
  const browser = openBrowser(app)
  /** Goes to the issuer; returns the address there. */
  async function begin(query = ''): Promise<string> {
    const answer = await browser.get(`/oidc/sign-in${query}`)
    return answer.headers.get('location') ?? ''
  }
  /** Comes back from it; returns where the site leads then. */
  async function come(query: URLSearchParams): Promise<string> {
    const answer = await browser.get(`/oidc/callback?${query}`)
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-store'])
    return answer.headers.get('location') ?? ''
  }
  return {
    ...{ app, browser, issuer, begin, come, file },
    pass: (ms: number) => void (aheadMs += ms),
    signIn: async (claims: object = {}, query = '') => come(issuer.accept(await begin(query), claims)),
    who: async () => (await browser.graphql('{ viewer { name role isFresh signsInElsewhere } }')).data.viewer,
    audited: async () =>
      (await app.deps.db.auditEntry.findMany({ orderBy: { id: 'asc' } })).map(
        ({ action, target, result, detail }) => [action, target, result, JSON.parse(detail ?? 'null')],
      ),
    logged: () => logged,
  }
}

test('somebody who is new becomes a user, and is known by the subject from then on', async () => {
  const site = await siteWithIssuer()
  const { app, browser, issuer } = site
  expect((await app.graphql('{ signInOptions { signInWith } }')).data.signInOptions).toEqual({
    signInWith: 'The Lab',
  })
  const address = new URL(await site.begin('?next=/job/a%3Fb=c'))
  expect(address.origin + address.pathname).toBe(`${issuer.url}/authorize`)
  expect(Object.fromEntries(address.searchParams)).toEqual({
    ...{ response_type: 'code', client_id: 'hub', scope: 'openid profile', code_challenge_method: 'S256' },
    redirect_uri: `${app.url}/oidc/callback`,
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
  })
  const kept = browser.cookies.get('hub-oidc') ?? ''
  expect(Buffer.from(kept, 'base64url').toString('latin1')).not.toContain(address.searchParams.get('nonce'))
  const query = issuer.accept(address.href)
  expect(await site.come(query)).toBe('/job/a?b=c')
  expect([...browser.cookies.keys()]).toEqual(['hub-session', 'hub-signed-in'])
  expect(await site.who()).toEqual({ name: 'bob', role: 'READER', isFresh: true, signsInElsewhere: true })

  // Another name there is none here.
  expect(await site.signIn({ preferred_username: 'robert' })).toBe('/')
  expect(await site.who()).toMatchObject({ name: 'bob' })
  const from = { issuer: issuer.url }
  expect(await site.audited()).toEqual([
    ['user.add', 'bob', 'DONE', { role: 'READER', unrestricted: false, ...from, subject: 'subject of bob' }],
    ['session.sign-in', 'bob', 'DONE', from],
    ['session.sign-in', 'bob', 'DONE', from],
  ])
  expect(await app.deps.db.session.count()).toBe(1)
  // The beginning counts once, also with its cookie.
  browser.cookies.set('hub-oidc', kept)
  expect(await site.come(query)).toBe('/login?problem=failed&next=%2Fjob%2Fa%3Fb%3Dc')
})

test('the role is that of the groups at each sign-in, in the token or in the information about the user', async () => {
  const site = await siteWithIssuer({ more: `create = true\n${groups}` })
  const signedIn = async (claims: object, faults: Faults = {}) => {
    site.issuer.faults.next = faults
    await site.signIn(claims)
    return ((await site.who()) as { role: string }).role
  }
  expect(await signedIn({ groups: ['builders', 'hub-admins'] })).toBe('ADMIN')
  expect(await signedIn({ groups: 'builders' })).toBe('UPLOADER')
  expect(await signedIn({}, { userinfo: { groups: ['hub-admins'] } })).toBe('ADMIN')
  expect(await signedIn({ groups: [{ builders: 1 }, null] })).toBe('READER')
  const changes = (await site.audited()).filter(([action]) => action === 'user.update')
  expect(changes.map(([, , , detail]) => (detail as { role: unknown }).role)).toEqual([
    ['ADMIN', 'UPLOADER'],
    ['UPLOADER', 'ADMIN'],
    ['ADMIN', 'READER'],
  ])
})

test('what an issuer may not decide is refused, and said', async () => {
  const noCreation = await siteWithIssuer({ more: '' })
  expect(await noCreation.signIn()).toBe('/login?problem=no-account&next=%2F')

  const site = await siteWithIssuer({
    more: 'create = true\nroles-claim = "groups"\nroles = { builders = "UPLOADER" }',
  })
  const { writer } = site.app.deps
  const groups = ['builders']
  await addUser(writer, byServer(), { name: 'carol', password: null })
  expect(await site.signIn()).toContain('problem=no-role')
  expect(await site.signIn({ groups, preferred_username: 'carol' })).toContain('problem=name-taken')
  for (const name of ['', 'a:b', 'a\nb', 7, null, ['x'], 'x'.repeat(256)])
    expect(await site.signIn({ groups, preferred_username: name })).toContain('problem=no-name')
  expect(await site.app.deps.db.user.count({ where: { oidcSubject: { not: null } } })).toBe(0)
  expect(await site.signIn({ groups })).toBe('/')
  await updateUser(writer, byServer(), 'bob', { disabled: true })
  expect(await site.who()).toBeNull()
  expect(await site.signIn({ groups })).toContain('problem=disabled')
  const last = (await site.audited()).at(-1)
  expect(last).toEqual(['session.sign-in', 'bob', 'FAILED', { issuer: site.issuer.url, problem: 'disabled' }])
})

const faults: [string, Faults, string][] = [
  ['a token with another nonce', { claims: { nonce: 'x' } }, 'failed'],
  ['a token without nonce', { without: ['nonce'] }, 'failed'],
  ['a token of another issuer', { claims: { iss: 'http://127.0.0.1:1' } }, 'failed'],
  ['a token for another client', { claims: { aud: 'other' } }, 'failed'],
  ['a token for two clients, the other one in charge', { claims: { aud: ['hub', 'x'], azp: 'x' } }, 'failed'],
  ['an expired token', { claims: { exp: 1 } }, 'failed'],
  ['a token without end', { without: ['exp'] }, 'failed'],
  ['a token without subject', { without: ['sub'] }, 'failed'],
  ['a subject that is a number', { claims: { sub: 7 } }, 'failed'],
  ['a signature by another key', { key: 'another' }, 'failed'],
  ['a token without signature', { alg: 'none' }, 'failed'],
  ['a token signed with the secret', { alg: 'HS256' }, 'failed'],
  ['no token', { token: ({ id_token: _, ...rest }) => ({ body: rest }) }, 'failed'],
  ['a token that is none', { token: (body) => ({ body: { ...body, id_token: 'a.b.c' } }) }, 'failed'],
  ['no JSON', { token: () => ({ body: '<html>' }) }, 'failed'],
  ['a list', { token: () => ({ body: [] }) }, 'failed'],
  ['an error', { token: () => ({ status: 400, body: { error: 'invalid_client' } }) }, 'failed'],
  ['a redirection', { token: () => ({ status: 302, body: '' }) }, 'failed'],
  ['a failure', { token: () => ({ status: 503, body: 'x' }) }, 'unreachable'],
  ['a connection that breaks', { token: () => ({ isSilent: true }) }, 'unreachable'],
  ['too much', { token: () => ({ body: 'x'.repeat(300_000) }) }, 'unreachable'],
  [
    'another subject in the information about the user',
    { without: ['preferred_username'], userinfo: { sub: 'x', preferred_username: 'bob' } },
    'failed',
  ],
]

test('answers of the issuer that cannot be used sign nobody in, and leave no secret in the log', async () => {
  const site = await siteWithIssuer()
  const found: [string, string][] = []
  for (const [what, fault] of faults) {
    site.issuer.faults.next = fault
    found.push([what, await site.signIn()])
  }
  expect(found).toEqual(faults.map(([what, , problem]) => [what, `/login?problem=${problem}&next=%2F`]))
  expect(await site.app.deps.db.session.count()).toBe(0)
  const told = site.logged() + JSON.stringify(await site.audited())
  expect(told).toContain('sign-in at another site refused')
  expect(told).not.toMatch(/secret of|eyJ|code( |\+|%20)\d/)
})

test('metadata that cannot be used lead nowhere, and are asked for again', async () => {
  const site = await siteWithIssuer()
  const answers: [Faults['metadata'], string][] = [
    [(metadata) => ({ body: { ...metadata, issuer: 'https://other.example' } }), 'failed'],
    [(metadata) => ({ body: { ...metadata, authorization_endpoint: 'javascript:alert(1)' } }), 'failed'],
    [({ authorization_endpoint: _, ...rest }) => ({ body: rest }), 'failed'],
    [() => ({ body: '{' }), 'failed'],
    [() => ({ status: 404, body: {} }), 'failed'],
    [() => ({ status: 500, body: {} }), 'unreachable'],
    [() => ({ isSilent: true }), 'unreachable'],
  ]
  for (const [metadata, problem] of answers) {
    site.issuer.faults.next = metadata ? { metadata } : {}
    expect(await site.begin('?next=/x')).toBe(`/login?problem=${problem}&next=%2Fx`)
  }
  site.issuer.faults.next = {}
  expect(await site.signIn()).toBe('/')
})

test('only what this browser has begun comes back, within ten minutes', async () => {
  const site = await siteWithIssuer()
  const expired = '/login?problem=expired&next=%2F'
  const first = site.issuer.accept(await site.begin())
  const second = site.issuer.accept(await site.begin())
  expect(await site.come(first)).toBe(expired)
  const stranger = openBrowser(site.app)
  expect((await stranger.get(`/oidc/callback?${second}`)).headers.get('location')).toBe(expired)
  // What failed in between has taken nothing away.
  expect(await site.come(second)).toBe('/')
  expect(await site.come(new URLSearchParams())).toBe(expired)

  const state = new URL(await site.begin('?next=/x')).searchParams.get('state') ?? ''
  expect(await site.come(new URLSearchParams({ error: 'access_denied', state }))).toBe(
    '/login?problem=denied&next=%2Fx',
  )
  const late = site.issuer.accept(await site.begin())
  site.pass(10 * 60_000 + 1)
  expect(await site.come(late)).toBe(expired)
  for (const value of ['', 'x', 'A'.repeat(100)]) {
    site.browser.cookies.set('hub-oidc', value)
    expect(await site.come(late)).toBe(expired)
  }
})

test('a session is as fresh as the password at the other site', async () => {
  const site = await siteWithIssuer()
  const hourAgo = Math.floor(Date.now() / 1000) - 3_600
  await site.signIn({ auth_time: hourAgo })
  expect(await site.who()).toMatchObject({ isFresh: false })
  const start = 'mutation { startSecondFactor { __typename ... on Refusal { message } } }'
  expect((await site.browser.graphql(start)).data.startSecondFactor).toMatchObject({
    __typename: 'SignInAgain',
    message: expect.stringContaining('/oidc/sign-in?again=true'),
  })
  const address = new URL(await site.begin('?again=true&next=/account'))
  expect(address.searchParams.get('prompt')).toBe('login')
  expect(address.searchParams.get('max_age')).toBe('600')
  expect(await site.come(site.issuer.accept(address.href))).toBe('/account')
  expect(await site.who()).toMatchObject({ isFresh: true })

  expect(await site.signIn({ auth_time: hourAgo }, '?again=true')).toContain('problem=not-fresh')
  site.issuer.faults.next = { without: ['auth_time'] }
  expect(await site.signIn({}, '?again=true')).toContain('problem=not-fresh')
  expect(await site.signIn()).toBe('/')
  expect(await site.who()).toMatchObject({ isFresh: false })
})

test('a private site lets its users in by the issuer; one behind TLS has cookies for itself alone', async () => {
  const site = await siteWithIssuer({
    env: { BUILDER_HUB_PRIVATE: 'true', BUILDER_HUB_PUBLIC_URL: 'https://hub.example' },
  })
  const answer = await site.browser.get('/oidc/sign-in')
  expect(answer.headers.get('set-cookie')).toMatch(
    /^__Host-hub-oidc=[\w-]+; Path=\/; Max-Age=600; SameSite=Lax; HttpOnly; Secure$/,
  )
  const address = answer.headers.get('location') ?? ''
  expect(new URL(address).searchParams.get('redirect_uri')).toBe('https://hub.example/oidc/callback')
  expect(await site.come(site.issuer.accept(address))).toBe('/')
  expect([...site.browser.cookies.keys()]).toEqual(['__Host-hub-session', 'hub-signed-in'])
})

test('without an issuer there is no way to one; a private one is asked only if that is allowed', async () => {
  const app = await testApp()
  for (const path of ['/oidc/sign-in', '/oidc/callback?code=x']) {
    const answer = await fetch(app.url + path, { redirect: 'manual' })
    expect([answer.status, await answer.text()]).toEqual([404, expect.stringContaining('/login')])
  }
  expect((await app.graphql('{ signInOptions { signInWith } }')).data.signInOptions).toEqual({
    signInWith: null,
  })
  const site = await siteWithIssuer({ isPrivateAllowed: false })
  expect(await site.begin()).toContain('problem=unreachable')
  expect(site.issuer.requests).toEqual([])
  writeFileSync(site.file, readFileSync(site.file, 'utf8').replace('name =', 'nmae ='))
  expect((await site.app.graphql('{ signInOptions { signInWith } }')).data.signInOptions).toEqual({
    signInWith: null,
  })
})

test('the page for signing in has a sentence for each problem', () => {
  expect(Object.keys(problems).sort()).toEqual([...signInProblems].sort())
})

test.each([
  ['/job/a?b=c#d', '/job/a?b=c'],
  [null, '/'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/\t/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/a/..//evil.example', '/'],
  ['https://evil.example/', '/'],
])('%j leads to %s', (next, path) => {
  expect(ownPath(next)).toBe(path)
})

test('a path that is too long for a cookie leads to the home page', () => {
  expect(ownPath(`/${'x'.repeat(2_000)}`)).toBe('/')
})

test('the log has no query of what an issuer sends', () => {
  expect(loggedPath('/oidc/callback?code=x&state=y')).toBe('/oidc/callback')
  expect(loggedPath('/search?q=x')).toBe('/search?q=x')
})

test('claims are found by their names, and one within another by dots', () => {
  const claims = { a: { b: ['x'] }, 'https://c.example/d': 'y', 'a.c': 1 }
  expect(claimOf(claims, 'a.b')).toEqual(['x'])
  expect(claimOf(claims, 'https://c.example/d')).toBe('y')
  expect(claimOf(claims, 'a.c')).toBe(1)
  for (const name of ['a.b.0.c', 'constructor', '__proto__.x', 'z', 'a.'])
    expect(claimOf(claims, name)).toBeUndefined()
  const settings = { rolesClaim: 'a.b', roles: { x: 'UPLOADER', y: 'ADMIN' } as const }
  expect(roleOfClaims(settings, claims)).toBe('UPLOADER')
  expect(roleOfClaims(settings, {})).toBeNull()
})

const whole = ['issuer = "https://id.example"', 'client-id = "hub"', 'name = "Lab"']
test('faults of the table name their place', () => {
  const parse = (lines: string[]) => parseIdentity(`[sign-in]\n${lines.join('\n')}`, '/etc/hub/identity.toml')
  expect(parse([...whole, 'client-secret-file = "s"']).signIn).toEqual({
    ...{ issuer: 'https://id.example', clientId: 'hub', clientSecretFile: '/etc/hub/s', name: 'Lab' },
    ...{
      scope: 'openid profile',
      nameClaim: 'preferred_username',
      rolesClaim: null,
      roles: {},
      create: false,
    },
  })
  const faults: [string[], string][] = [
    [whole.slice(1), 'sign-in.issuer'],
    [['issuer = "http://id.example"', ...whole.slice(1)], 'needs https'],
    [[...whole, 'roles-claim = "g"'], 'roles-claim and roles need each other'],
    [[...whole, 'roles-claim = "g"', 'roles = { a = "root" }'], 'sign-in.roles.a'],
    [[...whole, 'scope = "profile"'], 'sign-in.scope: it must have the scope openid'],
    [[...whole, 'create = "yes"'], 'sign-in.create'],
    [[...whole, 'claim = "x"'], 'claim'],
  ]
  for (const [lines, message] of faults) {
    expect(() => parse(lines)).toThrow(BadConfigError)
    expect(() => parse(lines)).toThrow(message)
  }
})
