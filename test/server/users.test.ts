import { expect, onTestFinished, test, vi } from 'vitest'
import { createAuthenticator, type AuthenticatorDeps } from '../../server/users/authenticate.ts'
import { BadCredentialsError, TooManyAttemptsError } from '../../server/users/bad-credentials.ts'
import { siteUrl } from '../../server/site-url.ts'
import { clientAddress, readCredentials } from '../../server/users/credentials.ts'
import { hashPassword, isPassword } from '../../server/users/password.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { updateUser } from '../../server/users/update-user.ts'
import { sha256Of } from '../../server/users/token-text.ts'
import {
  BadUserError,
  LastAdministratorError,
  UserExistsError,
  UserNotFoundError,
} from '../../server/users/user-errors.ts'
import { addAccess, mayUpload, removeAccess, removeUser } from '../../server/users/users.ts'
import { alice, basicAuth, testApp } from '../app.ts'
import type { IncomingMessage } from 'node:http'

type PasswordCheck = ReturnType<typeof authenticatorOf>

/** Checks a name and a password. */
function authenticatorOf(
  deps: AuthenticatorDeps,
  { scryptN = 256, ...options }: Parameters<typeof createAuthenticator>[1] = {},
) {
  const authenticate = createAuthenticator(deps, { scryptN, ...options })
  return (sent: { name: string; password: string } | null, address: string) =>
    authenticate(sent && { kind: 'password', ...sent }, address)
}

const plainSite = { publicUrl: '', trustedProxies: 0 }

const openDb = async () => (await testApp()).deps

test.each([
  ['', 'x'],
  ['a:b', 'x'],
  ['a\nb', 'x'],
  ['x'.repeat(256), 'x'],
  ['bob', ''],
  ['bob', 'a\0b'],
  ['bob', 'x'.repeat(10_001)],
  // Neither could be told from another one in UTF-8.
  ['b\ud800b', 'x'],
  ['bob', 'a\udc00'],
  // A request with it would be taken for one with a token.
  ['bob', 'bhub_x'],
  ['bob', 'eyJh.eyJi.c'],
])('the user %j with the password %j is refused', async (name, password) => {
  const deps = await openDb()
  const { db, writer } = deps
  await expect(addUser(writer, byServer(), { name, password, unrestricted: false })).rejects.toThrow(
    BadUserError,
  )
  expect(await db.user.count()).toBe(1)
})

test.each([
  ['bob', 'pässwörd'],
  ['bøb', ' '],
  ['日本', ':'],
  [' ', 'x'.repeat(10_000)],
])('the user %j can log in', async (name, password) => {
  const deps = await openDb()
  const { writer } = deps
  await addUser(writer, byServer(), { name, password, unrestricted: false })
  const authenticate = createAuthenticator(deps)
  const headers = { authorization: basicAuth({ name, password }) }
  const credentials = readCredentials({ headers }, plainSite)
  expect(await authenticate(credentials, '::1')).toMatchObject({ name, unrestricted: false })
})

test('of two users of one name made at once there is one', async () => {
  const { writer } = await openDb()
  const made = await Promise.allSettled(
    ['one', 'two'].map((password) =>
      addUser(writer, byServer(), { name: 'bob', password, unrestricted: false }),
    ),
  )
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const failed = made.find((one) => one.status === 'rejected')
  expect(failed?.reason).toBeInstanceOf(UserExistsError)
})

test('access is by the exact name of the job, and given twice it is had once', async () => {
  const deps = await openDb()
  const { db, writer } = deps
  await addUser(writer, byServer(), { name: 'bob', password: 'x', unrestricted: false })
  const bob = await authenticatorOf(deps)({ name: 'bob', password: 'x' }, '::1')
  for (const job of ['hello', 'hello', 'odd job?']) await addAccess(writer, byServer(), 'bob', job)
  expect(await mayUpload(db, bob, 'hello')).toBe(true)
  expect(await mayUpload(db, bob, 'odd job?')).toBe(true)
  for (const job of ['Hello', 'hello ', 'hell', 'hell_', '%', ''])
    expect(await mayUpload(db, bob, job)).toBe(false)
  expect(await removeAccess(writer, byServer(), 'bob', 'hello')).toBe(true)
  expect(await removeAccess(writer, byServer(), 'bob', 'hello')).toBe(false)
  expect(await mayUpload(db, bob, 'hello')).toBe(false)
  await expect(addAccess(writer, byServer(), 'nobody', 'hello')).rejects.toThrow(UserNotFoundError)
  await expect(removeAccess(writer, byServer(), 'nobody', 'hello')).rejects.toThrow(UserNotFoundError)
})

test("passwords are scrypt's with a salt each, parameters kept beside", async () => {
  const [one, two] = await Promise.all([hashPassword('secret'), hashPassword('secret')])
  expect(one).toMatchObject({ scryptN: 32_768, scryptR: 8, scryptP: 1 })
  expect([one.passwordHash.length, one.passwordSalt.length]).toEqual([32, 16])
  expect(Buffer.from(one.passwordHash).equals(two.passwordHash)).toBe(false)
  expect(await isPassword('secret', one)).toBe(true)
  expect(await isPassword('Secret', one)).toBe(false)
  expect(await isPassword('secret', { ...one, scryptN: 16_384 })).toBe(false)
})

async function outcome(authenticate: PasswordCheck, name: string, password: string, address = '::1') {
  return authenticate({ name, password }, address).then(
    (user) => user.name,
    (error: unknown) => (error as Error).name,
  )
}

test('a new password, a disabled user and a removed one count at once, though checks are remembered', async () => {
  const deps = await openDb()
  const { writer } = deps
  const authenticate = authenticatorOf(deps)
  expect(await outcome(authenticate, 'alice', 'secret')).toBe('alice')
  const data = await hashPassword('new')
  await writer.transact([], (tx) => tx.user.update({ where: { name: 'alice' }, data }))
  expect(await outcome(authenticate, 'alice', 'secret')).toBe('BadCredentialsError')
  expect(await outcome(authenticate, 'alice', 'new')).toBe('alice')
  await writer.transact([], (tx) => tx.user.update({ where: { name: 'alice' }, data: { disabled: true } }))
  expect(await outcome(authenticate, 'alice', 'new')).toBe('BadCredentialsError')
  await writer.transact([], (tx) => tx.user.update({ where: { name: 'alice' }, data: { disabled: false } }))
  expect(await outcome(authenticate, 'alice', 'new')).toBe('alice')
  await writer.transact([], (tx) => tx.user.delete({ where: { name: 'alice' } }))
  expect(await outcome(authenticate, 'alice', 'new')).toBe('BadCredentialsError')
})

test('an unknown user, a wrong password and a disabled user hear the same', async () => {
  const deps = await openDb()
  const { writer } = deps
  const authenticate = authenticatorOf(deps)
  await addUser(writer, byServer(), { name: 'off', password: 'x', unrestricted: true })
  await writer.transact([], (tx) => tx.user.update({ where: { name: 'off' }, data: { disabled: true } }))
  const messages = await Promise.all(
    [
      ['nobody', 'x'],
      ['alice', 'x'],
      ['off', 'x'],
    ].map(([name = '', password = '']) =>
      authenticate({ name, password }, '::1').then(
        () => 'let in',
        (error: unknown) => (error as Error).message,
      ),
    ),
  )
  expect(new Set(messages).size).toBe(1)
  expect(messages[0]).toMatch(/^wrong user or password/)
  await expect(authenticate(null, '::1')).rejects.toThrow(BadCredentialsError)
})

test('ten wrong passwords close the door to that user from that address only', async () => {
  const authenticate = authenticatorOf(await openDb())
  for (let i = 0; i < 10; i++)
    expect(await outcome(authenticate, 'alice', `wrong ${i}`, 'a')).toBe('BadCredentialsError')
  await expect(authenticate(alice, 'a')).rejects.toThrow(TooManyAttemptsError)
  expect(await outcome(authenticate, 'alice', alice.password, 'b')).toBe('alice')
  expect(await outcome(authenticate, 'bob', 'x', 'a')).toBe('BadCredentialsError')
})

test('a right password of a disabled user counts as a wrong one, and takes as long', async () => {
  const deps = await openDb()
  await updateUser(deps.writer, byServer(), 'alice', { disabled: true })
  const authenticate = authenticatorOf(deps)
  for (let i = 0; i < 10; i++)
    expect(await outcome(authenticate, 'alice', alice.password, 'a')).toBe('BadCredentialsError')
  expect(await outcome(authenticate, 'alice', alice.password, 'a')).toBe('TooManyAttemptsError')
})

test('what the limit of an address refuses counts for no user', async () => {
  onTestFinished(() => void vi.useRealTimers())
  const authenticate = authenticatorOf(await openDb())
  vi.useFakeTimers({ toFake: ['Date'] })
  for (let n = 0; n < 50; n++) await outcome(authenticate, `user ${n}`, 'x', 'a')
  vi.setSystemTime(Date.now() + 200_000)
  for (let n = 0; n < 20; n++)
    expect(await outcome(authenticate, 'alice', `wrong ${n}`, 'a')).toBe('TooManyAttemptsError')
  vi.setSystemTime(Date.now() + 101_000)
  expect(await outcome(authenticate, 'alice', alice.password, 'a')).toBe('alice')
})

test('fifty wrong passwords from one address close the door to it', async () => {
  const authenticate = authenticatorOf(await openDb())
  await Promise.all(Array.from({ length: 50 }, (_, n) => outcome(authenticate, `user ${n}`, 'x', 'a')))
  expect(await outcome(authenticate, 'alice', alice.password, 'a')).toBe('TooManyAttemptsError')
  expect(await outcome(authenticate, 'alice', alice.password, 'b')).toBe('alice')
})

test.each([
  [undefined, null],
  ['', null],
  ['Bearer x', { kind: 'token', name: null, text: 'x' }],
  ['Bearer', null],
  ['Bearer two words', null],
  ['Basic', null],
  ['Basic !!!', null],
  [`Basic ${Buffer.from('no colon').toString('base64')}`, null],
  [`Basic ${Buffer.from('a:b:c').toString('base64')}`, { kind: 'password', name: 'a', password: 'b:c' }],
  [`basic ${Buffer.from('ä:ö').toString('base64')}`, { kind: 'password', name: 'ä', password: 'ö' }],
  // A token as the name is a secret, too: no log has it.
  [basicAuth({ name: 'bhub_mistyped', password: '' }), { kind: 'token', name: null, text: 'bhub_mistyped' }],
  [basicAuth({ name: 'eyJh.eyJi.c', password: '' }), { kind: 'token', name: null, text: 'eyJh.eyJi.c' }],
  [`Basic ${Buffer.from(':').toString('base64')}`, { kind: 'password', name: '', password: '' }],
])('the header %j has the credentials %j', (authorization, expected) => {
  const headers = authorization === undefined ? {} : { authorization }
  expect(readCredentials({ headers }, plainSite)).toEqual(expected)
})

test.each([
  [0, '6.6.6.6', 'peer'],
  [1, undefined, 'peer'],
  [1, '1.1.1.1', '1.1.1.1'],
  // What stands further left the client may have made up.
  [1, '6.6.6.6, 1.1.1.1', '1.1.1.1'],
  [2, '6.6.6.6, 1.1.1.1, 2.2.2.2', '1.1.1.1'],
  [2, '1.1.1.1', 'peer'],
  [1, ' , ', 'peer'],
])('behind %d trusted proxies, X-Forwarded-For %j: %s', (proxies, forwarded, expected) => {
  const request = { socket: { remoteAddress: 'peer' }, headers: { 'x-forwarded-for': forwarded } }
  expect(clientAddress(request as unknown as IncomingMessage, proxies)).toBe(expected)
})

test('of a thousand guesses at once ten are checked', async () => {
  const authenticate = authenticatorOf(await openDb())
  const outcomes = await Promise.all(
    Array.from({ length: 1_000 }, (_, n) => outcome(authenticate, 'alice', `guess ${n}`, 'a')),
  )
  expect(outcomes.filter((one) => one === 'BadCredentialsError')).toHaveLength(10)
  expect(outcomes.filter((one) => one === 'TooManyAttemptsError')).toHaveLength(990)
})

test('right passwords never use up the attempts', async () => {
  const deps = await openDb()
  const { writer } = deps
  const authenticate = authenticatorOf(deps)
  const hash = await hashPassword('right', 256)
  for (let n = 0; n < 60; n++) {
    const name = `user ${n}`
    const data = { name, unrestricted: false, createdAt: new Date(), ...hash }
    await writer.transact([], (tx) => tx.user.create({ data }))
    expect(await outcome(authenticate, name, 'right', 'a')).toBe(name)
  }
})

test('a user with a remembered password passes a limit that others have reached', async () => {
  const authenticate = authenticatorOf(await openDb())
  expect(await outcome(authenticate, 'alice', alice.password, 'proxy')).toBe('alice')
  await Promise.all(Array.from({ length: 60 }, (_, n) => outcome(authenticate, `user ${n}`, 'x', 'proxy')))
  expect(await outcome(authenticate, 'alice', 'wrong', 'proxy')).toBe('TooManyAttemptsError')
  expect(await outcome(authenticate, 'alice', alice.password, 'proxy')).toBe('alice')
})

test.each([
  ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
  ['2001:db8:1:2::1', '2001:0db8:0001:0002:0:0:0:1', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['::1', '::2', true],
  ['fe80::1%eth0', 'fe80::2%eth1', true],
  ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
  ['10.0.0.1', '10.0.0.2', false],
])('%s and %s share a limit: %s', async (one, other, shared) => {
  const authenticate = authenticatorOf(await openDb())
  for (let n = 0; n < 10; n++) await outcome(authenticate, 'alice', `wrong ${n}`, one)
  expect(await outcome(authenticate, 'alice', 'wrong', other)).toBe(
    shared ? 'TooManyAttemptsError' : 'BadCredentialsError',
  )
})

test.each([
  [0, 'evil.example', 'http://peer.example'],
  [1, 'evil.example, hub.example', 'http://hub.example'],
  [2, 'evil.example, hub.example, inner.example', 'http://hub.example'],
  [2, 'hub.example', 'http://peer.example'],
])(
  'behind %d trusted proxies, X-Forwarded-Host %j follows the rule of X-Forwarded-For: %s',
  (trustedProxies, forwarded, expected) => {
    const headers = { host: 'peer.example', 'x-forwarded-host': forwarded }
    expect(siteUrl({ headers }, { publicUrl: '', trustedProxies })).toBe(expected)
  },
)

test('of passwords that come faster than they can be checked, those beyond the queue are refused for now', async () => {
  const deps = await openDb()
  const { writer } = deps
  await addUser(writer, byServer(), { name: 'bob', password: 'right', unrestricted: true })
  const authenticate = authenticatorOf(deps, { maxWaitingChecks: 2 })
  // Each from an address of its own, so that no limit of attempts counts.
  const answers = await Promise.allSettled(
    Array.from({ length: 8 }, (_, n) => authenticate({ name: 'bob', password: `wrong ${n}` }, `10.0.0.${n}`)),
  )
  const errors = answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as unknown) : null))
  expect(errors.filter((error) => error instanceof BadCredentialsError)).toHaveLength(2)
  const refused = errors.filter((error) => error instanceof TooManyAttemptsError)
  expect(refused.map(({ retryAfterSeconds }) => retryAfterSeconds)).toEqual([10, 10, 10, 10, 10, 10])
  expect(await authenticate({ name: 'bob', password: 'right' }, '10.0.0.1')).toMatchObject({ name: 'bob' })
})

const administrator = { name: 'root', password: null, role: 'ADMIN' as const }

test('the last enabled administrator is neither disabled, demoted nor removed', async () => {
  const { writer } = await openDb()
  const by = byServer()
  await addUser(writer, by, administrator)
  const refusals = [
    () => updateUser(writer, by, 'root', { disabled: true }),
    () => updateUser(writer, by, 'root', { role: 'UPLOADER' }),
    () => removeUser(writer, by, 'root'),
  ]
  for (const refusal of refusals) await expect(refusal()).rejects.toThrow(LastAdministratorError)
  await addUser(writer, by, { ...administrator, name: 'off' })
  await updateUser(writer, by, 'off', { disabled: true })
  for (const refusal of refusals) await expect(refusal()).rejects.toThrow(LastAdministratorError)
  await updateUser(writer, by, 'off', { disabled: false })
  await removeUser(writer, by, 'root')
})

test('a new password, disabling and removing end the sessions of the user, and of no other', async () => {
  const { db, writer } = await openDb()
  const by = byServer()
  await addUser(writer, by, { name: 'bob', password: 'x' })
  const openSessions = () =>
    writer.transact([], async (tx) => {
      for (const { id: userId, name } of await tx.user.findMany()) {
        const times = { createdAt: by.at, authenticatedAt: by.at, lastSeenAt: by.at, expiresAt: by.at }
        const sha256 = sha256Of(`${name} ${Math.random()}`)
        await tx.session.create({ data: { userId, sha256, ...times, lastSeenFrom: '::1', userAgent: '' } })
      }
    })
  const sessionsOf = (name: string) => db.session.findMany({ where: { user: { name } } })
  await openSessions()
  await updateUser(writer, by, 'bob', { role: 'READER', unrestricted: true })
  expect(await sessionsOf('bob')).toHaveLength(1)
  await updateUser(writer, by, 'bob', { password: 'y' })
  expect([await sessionsOf('bob'), await sessionsOf('alice')]).toMatchObject([[], [{}]])
  await openSessions()
  const [kept] = await sessionsOf('bob')
  await openSessions()
  await updateUser(writer, by, 'bob', { password: 'z' }, { ...(kept && { keptSession: kept.id }) })
  expect(await sessionsOf('bob')).toEqual([kept])
  await updateUser(writer, by, 'bob', { disabled: true })
  expect(await sessionsOf('bob')).toEqual([])
  await removeUser(writer, by, 'bob')
  expect(await sessionsOf('alice')).toHaveLength(3)
})

test('each change of a user has an entry in the audit log, without passwords; what changes nothing has none', async () => {
  const { db, writer } = await openDb()
  const by = byServer()
  await addUser(writer, by, { name: 'bob', password: 'first secret' })
  expect(await updateUser(writer, by, 'bob', { role: 'READER', password: 'second secret' })).toBe(true)
  expect(await updateUser(writer, by, 'bob', { role: 'READER', unrestricted: false, disabled: false })).toBe(
    false,
  )
  await addAccess(writer, by, 'bob', 'hello')
  await addAccess(writer, by, 'bob', 'hello')
  await removeAccess(writer, by, 'bob', 'hello')
  await removeAccess(writer, by, 'bob', 'hello')
  await removeUser(writer, by, 'bob')
  const entries = await db.auditEntry.findMany({ orderBy: { id: 'asc' } })
  expect(entries.map(({ action, detail }) => [action, detail])).toEqual([
    ['user.add', '{"role":"UPLOADER","unrestricted":false}'],
    ['user.update', '{"role":["UPLOADER","READER"]}'],
    ['user.password', null],
    ['access.add', '{"job":"hello"}'],
    ['access.remove', '{"job":"hello"}'],
    ['user.remove', '{"role":"READER","unrestricted":false}'],
  ])
  expect(entries.every(({ target, via }) => target === 'bob' && via === 'server')).toBe(true)
})
