import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { TOTP } from 'otpauth'
import { expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../server/clock.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { siteKeyFile } from '../../../server/secrets/site-key.ts'
import { alice, basicAuth, bytesOf, testApp } from '../../app.ts'
import { sampleRecord } from '../../record.ts'
import { countCodeAttempt } from '../../../server/sessions/code-attempts.ts'
import { openBrowser } from './browser.ts'

const who = '{ viewer { name } }'
const sessionsOf = '{ viewer { sessions { id userName isCurrent program lastSeenFrom } } }'
const minuteMs = 60_000

async function siteWithClock() {
  let aheadMs = 0
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) }
  const app = await testApp({ clock })
  const browser = openBrowser(app)
  await browser.signIn(alice)
  return { app, browser, clock, pass: (ms: number) => void (aheadMs += ms) }
}

const agent = (text: string) => ({ headers: { 'User-Agent': text } })
const firefox = agent('Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0')

test('a user sees the own sessions alone, and ends one of them', async () => {
  const { app, browser } = await siteWithClock()
  const other = openBrowser(app)
  await other.signIn(alice, firefox)
  const { data } = await other.graphql(sessionsOf)
  const common = { id: expect.any(String) as string, userName: 'alice', lastSeenFrom: '127.0.0.1' }
  expect(data.viewer.sessions).toEqual([
    { ...common, isCurrent: true, program: 'Firefox 128 on Linux' },
    { ...common, isCurrent: false, program: 'unknown program' },
  ])
  const revoke = (id: string) =>
    other.graphql('mutation ($id: ID!) { revokeSession(input: { id: $id }) { __typename } }', {
      variables: { id },
    })
  const [, { id }] = data.viewer.sessions
  expect((await revoke(id)).data.revokeSession.__typename).toBe('RevokeSessionSuccess')
  expect((await revoke(id)).data.revokeSession.__typename).toBe('SessionNotFoundError')
  expect((await browser.graphql(who)).data.viewer).toBeNull()
  expect((await other.graphql(who)).data.viewer).not.toBeNull()
  await browser.signIn(alice)
  const everywhere = 'mutation { signOutEverywhere { ... on SignOutEverywhereSuccess { endedCount } } }'
  expect((await browser.graphql(everywhere)).data).toEqual({ signOutEverywhere: { endedCount: 2 } })
  expect((await other.graphql(who)).data.viewer).toBeNull()
  expect(browser.cookies.size).toBe(0)
})

test('a new password needs the old one, and ends the other sessions', async () => {
  const { app, browser } = await siteWithClock()
  const other = openBrowser(app)
  await other.signIn(alice)
  const change = (oldPassword: string, newPassword: string) =>
    browser.graphql(
      'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }',
      { variables: { input: { oldPassword, newPassword } } },
    )
  const typeOf = async (...given: [string, string]) =>
    (await change(...given)).data.changePassword.__typename as string
  expect(await typeOf('wrong', 'a new secret')).toBe('NotAuthorizedError')
  const refused = await app.deps.db.auditEntry.findFirst({ where: { action: 'user.authenticate' } })
  expect(refused).toMatchObject({
    ...{ actor: 'alice', via: 'session', target: 'alice', result: 'FAILED' },
    detail: '{"reason":"wrong password"}',
  })
  for (const bad of [
    'short',
    'x'.repeat(10_001),
    'with\nline end',
    'half a pair \ud800',
    'bhub_looks_like_one',
  ])
    expect(await typeOf(alice.password, bad), bad).toBe('BadPasswordError')
  expect(await typeOf(alice.password, 'a new secret')).toBe('ChangePasswordSuccess')
  expect((await browser.graphql(who)).data.viewer).not.toBeNull()
  expect((await other.graphql(who)).data.viewer).toBeNull()
  expect((await openBrowser(app).signIn(alice)).data.signIn.__typename).toBe('NotAuthorizedError')
  expect(JSON.stringify(await app.deps.db.auditEntry.findMany())).not.toContain('secret')
})

test.each([
  'revokeSession(input: { id: "1" })',
  'signOutEverywhere',
  'changePassword(input: { oldPassword: "secret", newPassword: "another one" })',
  'signInAgain(input: { password: "secret" })',
  'startSecondFactor',
  'enableSecondFactor(input: { ticket: "", code: "" })',
  'disableSecondFactor(input: { password: "secret", code: "" })',
])('a session alone may %s', async (field) => {
  const app = await testApp()
  const query = `mutation { it: ${field} { __typename ... on NotAuthorizedError { code } } }`
  const refused = (code: string) => ({ it: { __typename: 'NotAuthorizedError', code } })
  const stranger = openBrowser(app)
  expect((await stranger.graphql(query)).data).toEqual(refused('UNAUTHENTICATED'))
  const headers = { Authorization: basicAuth(alice) }
  expect((await stranger.graphql(query, { headers })).data).toEqual(refused('FORBIDDEN'))
})

const start = `mutation { startSecondFactor { __typename
  ... on StartSecondFactorSuccess { secondFactor { secret uri ticket } } } }`
const enable = `mutation ($input: EnableSecondFactorInput!) { enableSecondFactor(input: $input) { __typename
  ... on EnableSecondFactorSuccess { recoveryCodes } } }`
const disable = `mutation ($input: DisableSecondFactorInput!) {
  disableSecondFactor(input: $input) { __typename ... on Refusal { message } } }`

/** A site on which alice has a second factor. */
async function siteWithSecondFactor() {
  const site = await siteWithClock()
  const other = openBrowser(site.app)
  await other.signIn(alice)
  const { secondFactor } = (await site.browser.graphql(start)).data.startSecondFactor
  const totp = new TOTP({ secret: secondFactor.secret as string })
  const codeAt = (aheadMs = 0) => totp.generate({ timestamp: site.clock.now().getTime() + aheadMs })
  const input = { ticket: secondFactor.ticket as string, code: codeAt() }
  const enabled = (await site.browser.graphql(enable, { variables: { input } })).data.enableSecondFactor
  return { ...site, other, codeAt, secondFactor, recoveryCodes: enabled.recoveryCodes as string[] }
}

const signInWith = async (app: Parameters<typeof openBrowser>[0], code?: string) =>
  (await openBrowser(app).signIn({ ...alice, ...(code === undefined ? {} : { code }) })).data.signIn
    .__typename as string

test('with a second factor a password needs a code; each code and each recovery code counts once', async () => {
  const { app, browser, other, codeAt, pass, recoveryCodes, secondFactor } = await siteWithSecondFactor()
  // Whoever signed in with the password alone signs in again.
  expect((await other.graphql(who)).data.viewer).toBeNull()
  expect((await browser.graphql(who)).data.viewer).not.toBeNull()
  expect(secondFactor.uri).toMatch(/^otpauth:\/\/totp\/127\.0\.0\.1:alice\?issuer=127\.0\.0\.1&secret=/)
  expect(recoveryCodes).toHaveLength(10)
  expect(await signInWith(app)).toBe('SecondFactorRequired')
  // The code that enabled it counts no more.
  expect(await signInWith(app, codeAt())).toBe('NotAuthorizedError')
  pass(5 * minuteMs)
  const code = codeAt()
  expect(await signInWith(app, code)).toBe('SignInSuccess')
  expect(await signInWith(app, code)).toBe('NotAuthorizedError')
  const [first = ''] = recoveryCodes
  expect(await signInWith(app, first.replaceAll('-', ' ').toUpperCase())).toBe('SignInSuccess')
  expect(await signInWith(app, first)).toBe('NotAuthorizedError')
  const { mode } = statSync(siteKeyFile(app.deps.config.dataDir))
  expect(mode & 0o777).toBe(0o600)
  const stored = JSON.stringify([
    await app.deps.db.user.findMany(),
    await app.deps.db.recoveryCode.findMany(),
  ])
  expect(stored).not.toContain(secondFactor.secret)
  expect(stored).not.toContain(first)
})

test('a code is right one step early or late, and wrong two', async () => {
  const { app, codeAt, pass } = await siteWithSecondFactor()
  for (const [aheadMs, answer] of [
    [-60_000, 'NotAuthorizedError'],
    [60_000, 'NotAuthorizedError'],
    [-30_000, 'SignInSuccess'],
    [30_000, 'SignInSuccess'],
  ] as const) {
    pass(3 * minuteMs)
    // In the middle of a step, so that none ends between making a code and checking it.
    pass(45_000 - (app.deps.clock.now().getTime() % 30_000))
    expect(await signInWith(app, codeAt(aheadMs)), String(aheadMs)).toBe(answer)
  }
})

test('codes cannot be guessed, on any server; recovery codes, and uploads by password, go on', async () => {
  const { app, codeAt, pass, recoveryCodes } = await siteWithSecondFactor()
  pass(minuteMs)
  for (let guess = 0; guess < 4; guess++) await signInWith(app, '000000')
  const { data } = await openBrowser(app).signIn({ ...alice, code: codeAt() })
  expect(data.signIn).toMatchObject({ code: 'RATE_LIMIT', retryAfterSeconds: expect.any(Number) })
  await signInWith(app)
  // Another server of this database, or this one after a restart, counts on.
  const { clock, db, writer } = app.deps
  const { id: userId } = await db.user.findUniqueOrThrow({ where: { name: 'alice' } })
  const attempt = { userId, isRecovery: false, address: '127.0.0.1' }
  await expect(countCodeAttempt({ clock, writer }, attempt)).rejects.toThrow(
    /too many codes: wait \d+ seconds/,
  )
  await countCodeAttempt({ clock, writer }, { ...attempt, address: '192.0.2.1' })
  const failures = await app.deps.db.auditEntry.findMany({ where: { result: 'FAILED' } })
  expect(failures.map(({ target, detail }) => `${target} ${detail}`)).toEqual([
    ...Array<string>(4).fill('alice {"reason":"right password, wrong code of the second factor"}'),
    'alice {"reason":"right password, too many codes of the second factor"}',
    'alice {"reason":"right password, no code of the second factor"}',
  ])
  expect(await signInWith(app, recoveryCodes[0])).toBe('SignInSuccess')
  pass(5 * minuteMs)
  expect(await signInWith(app, codeAt())).toBe('SignInSuccess')
  const body = await bytesOf(encodeExecRecord(sampleRecord()))
  const headers = { Authorization: basicAuth(alice) }
  expect((await fetch(`${app.url}/upload`, { method: 'POST', headers, body })).status).toBe(201)
})

test('it ends with password and code, or by an administrator whose password is fresh', async () => {
  const { app, browser, codeAt, pass, recoveryCodes } = await siteWithSecondFactor()
  pass(minuteMs)
  const off = async (password: string, code: string) =>
    (await browser.graphql(disable, { variables: { input: { password, code } } })).data.disableSecondFactor
      .__typename as string
  expect(await off('wrong', codeAt())).toBe('NotAuthorizedError')
  expect(await off(alice.password, '123')).toBe('NotAuthorizedError')
  expect(await off(alice.password, recoveryCodes[0] ?? '')).toBe('DisableSecondFactorSuccess')
  expect(await signInWith(app)).toBe('SignInSuccess')

  const remove = `mutation { removeSecondFactor(input: { user: "alice" }) { __typename ... on NotAuthorizedError { code }
    ... on RemoveSecondFactorSuccess { hadSecondFactor } } }`
  expect((await browser.graphql(remove)).data.removeSecondFactor.code).toBe('FORBIDDEN')
  await app.deps.writer.transact([], (tx) =>
    tx.user.updateMany({ data: { role: 'ADMIN', totpSecret: null } }),
  )
  expect((await browser.graphql(remove)).data.removeSecondFactor.hadSecondFactor).toBe(false)
  pass(11 * minuteMs)
  expect((await browser.graphql(remove)).data.removeSecondFactor.__typename).toBe('SignInAgain')
  const again = (password: string) =>
    browser.graphql(`mutation { signInAgain(input: { password: "${password}" }) { __typename } }`)
  expect((await again('wrong')).data.signInAgain.__typename).toBe('NotAuthorizedError')
  expect((await browser.graphql(remove)).data.removeSecondFactor.__typename).toBe('SignInAgain')
  await again(alice.password)
  expect((await browser.graphql(remove)).data.removeSecondFactor.hadSecondFactor).toBe(false)
})

test('the password alone of an administrator with a second factor administers nothing', async () => {
  const { app } = await siteWithSecondFactor()
  await app.deps.writer.transact([], (tx) => tx.user.updateMany({ data: { role: 'ADMIN' } }))
  const headers = { Authorization: basicAuth(alice) }
  const { data } = await openBrowser(app).graphql('{ viewer { rights } }', { headers })
  expect(data.viewer.rights).toEqual(['READ', 'UPLOAD'])
})

test('without the key of the site a recovery code still signs in', async () => {
  const { app, codeAt, pass, recoveryCodes } = await siteWithSecondFactor()
  pass(minuteMs)
  const file = siteKeyFile(app.deps.config.dataDir)
  writeFileSync(file, readFileSync(file).reverse())
  expect(await signInWith(app, codeAt())).toBe('NotAuthorizedError')
  expect(await signInWith(app, recoveryCodes[3])).toBe('SignInSuccess')
})
