import { expect, test } from 'vitest'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import {
  BadTokenError,
  createToken,
  findToken,
  listTokens,
  revokeToken,
  TokenNotFoundError,
} from '../../server/users/tokens.ts'
import { updateUser } from '../../server/users/update-user.ts'
import { addAccess } from '../../server/users/users.ts'
import { testApp } from '../app.ts'

const dayMs = 86_400_000

test('a token counts until it ends, is revoked, or its user is disabled, and only from its networks', async () => {
  const { deps } = await testApp()
  const { writer, authenticate, background, clock, db } = deps
  const by = byServer(clock.now())
  const use = (text: string, address = '10.1.2.3') =>
    authenticate({ kind: 'token', name: null, text }, address).then(
      ({ name, rights, credential }) => ({ name, rights: [...rights], credential }),
      (error: unknown) => (error as Error).name,
    )
  const of = { userName: 'alice', name: 'ci', scopes: ['upload:hello', 'read'] }
  const { text, prefix, id, expiresAt } = await createToken(writer, by, { ...of, networks: ['10.0.0.0/8'] })
  expect(expiresAt).toEqual(new Date(by.at.getTime() + 90 * dayMs))
  expect(await use(text)).toEqual({
    name: 'alice',
    rights: ['read', 'upload'],
    credential: { kind: 'token', id, prefix, jobs: ['hello'] },
  })
  expect(await use(text, '::ffff:10.1.2.3')).toMatchObject({ name: 'alice' })
  for (const elsewhere of ['11.0.0.1', '::1', '', 'unix'])
    expect(await use(text, elsewhere)).toBe('BadCredentialsError')
  await background.settled()
  expect(await listTokens(db, { now: by.at })).toMatchObject([
    { id, lastUsedFrom: '10.1.2.3', state: 'ACTIVE' },
  ])

  await addUser(writer, by, { name: 'root', password: null, role: 'ADMIN' })
  await updateUser(writer, by, 'alice', { disabled: true })
  expect(await use(text)).toBe('BadCredentialsError')
  await updateUser(writer, by, 'alice', { disabled: false, password: 'new' })
  expect(await use(text)).toMatchObject({ name: 'alice' })
  expect(await revokeToken(writer, by, await findToken(db, prefix))).toBe(true)
  expect(await use(text)).toBe('BadCredentialsError')
  expect(await revokeToken(writer, by, await findToken(db, text))).toBe(false)
  const endsSoon = new Date(clock.now().getTime() + 1)
  const short = await createToken(writer, byServer(new Date(0)), { ...of, expiresAt: new Date(dayMs) })
  expect(await use(short.text)).toBe('BadCredentialsError')
  expect(await listTokens(db, { now: endsSoon, userName: 'alice' })).toMatchObject([
    { id: short.id, state: 'EXPIRED' },
    { id, state: 'REVOKED' },
  ])
  const entries = await db.auditEntry.findMany({ where: { action: { startsWith: 'token.' } } })
  expect(entries.map(({ action, target }) => [action, target])).toEqual([
    ['token.create', prefix],
    ['token.revoke', prefix],
    ['token.create', short.prefix],
  ])
  expect(JSON.stringify(entries)).not.toContain(text.slice(9))
})

test('a token has no right that the role of its user lacks, also if the role becomes less', async () => {
  const { deps } = await testApp()
  const { writer, authenticate } = deps
  const by = byServer()
  await addUser(writer, by, { name: 'root', password: null, role: 'ADMIN' })
  await addUser(writer, by, { name: 'head', password: null, role: 'ADMIN' })
  await addUser(writer, by, { name: 'guest', password: null, role: 'READER' })
  await addAccess(writer, by, 'guest', 'hello')
  const create = (userName: string, ...scopes: string[]) =>
    createToken(writer, by, { userName, name: 'x', scopes })
  for (const scope of ['upload:*', 'upload:hello', 'schedule', 'admin:read', 'admin'])
    await expect(create('guest', 'read', scope)).rejects.toThrow('has the role READER, which lacks the right')
  for (const scope of ['schedule', 'admin:read', 'admin'])
    await expect(create('alice', scope)).rejects.toThrow('has the role UPLOADER, which lacks the right')
  const { text } = await create('head', 'admin')
  const rightsNow = async () => [...(await authenticate({ kind: 'token', name: null, text }, '')).rights]
  expect(await rightsNow()).toContain('admin')
  await updateUser(writer, by, 'head', { role: 'READER' })
  expect(await rightsNow()).toEqual(['read'])
})

test.each([
  [{ name: '' }, 'the name of a token'],
  [{ name: 'a\nb' }, 'the name of a token'],
  [{ scopes: [] }, 'needs a scope'],
  [{ scopes: ['upload'] }, 'no scope: "upload"'],
  [{ scopes: ['upload:'] }, 'no scope'],
  [{ networks: ['10.0.0.0/33'] }, 'no network'],
  [{ networks: ['::/129'] }, 'no network'],
  [{ networks: ['fe80::1%eth0'] }, 'no network'],
  [{ networks: ['example.org'] }, 'no network'],
  [{ networks: ['10.0.0.0/'] }, 'no network'],
  [{ expiresAt: new Date(0) }, 'ends in the future'],
  [{ expiresAt: new Date(NaN) }, 'ends in the future'],
  [{ expiresAt: new Date(Date.now() + 366 * dayMs) }, 'within 365 days'],
])('a token with %j is refused', async (wrong, message) => {
  const { writer } = (await testApp()).deps
  const created = createToken(writer, byServer(), {
    userName: 'alice',
    name: 'x',
    scopes: ['read'],
    ...wrong,
  })
  await expect(created).rejects.toThrow(BadTokenError)
  await expect(created).rejects.toThrow(message)
})

test('a token is found by its number, its prefix or its text, and not where several begin so', async () => {
  const { db, writer } = (await testApp()).deps
  const { id, prefix, text } = await createToken(writer, byServer(), {
    ...{ userName: 'alice', name: 'x', scopes: ['read'], expiresAt: 'never' as const },
  })
  for (const name of [String(id), prefix, text]) expect(await findToken(db, name)).toBe(id)
  for (const name of ['999', '0', 'bhub_', 'x', '', `${text}x`, text.toLowerCase().slice(0, 9)])
    if (name !== prefix) await expect(findToken(db, name)).rejects.toThrow(TokenNotFoundError)
  await writer.transact([], (tx) =>
    tx.token.create({
      data: {
        ...{ userId: 1 as never, name: 'y', prefix, scopes: '["read"]' },
        sha256: '0'.repeat(64),
        createdAt: new Date(),
      },
    }),
  )
  await expect(findToken(db, prefix)).rejects.toThrow('several tokens begin with')
})
