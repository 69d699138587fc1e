import { afterAll, beforeAll, expect, test } from 'vitest'
import { testApp, type GraphQLAnswer, type TestApp } from '../../app.ts'
import { byServer } from '../../../server/audit/actor.ts'
import { recordAudit } from '../../../server/audit/record-audit.ts'
import { createToken } from '../../../server/users/tokens.ts'
import { graphqlWith, signIn } from './admin-site.ts'

type Ask = (query: string, variables?: Record<string, unknown>) => Promise<GraphQLAnswer>

let app: TestApp
let ask: Ask

beforeAll(async () => {
  app = await testApp({ keep: true })
  ask = graphqlWith(app, { cookie: await signIn(app, 'root', 'ADMIN') })
})
afterAll(() => app.close())

/** The result of the one mutation of an operation. */
async function mutate(mutation: string) {
  const token = mutation.startsWith('createToken')
    ? '... on CreateTokenSuccess { token { id text prefix } }'
    : ''
  const { data, errors } = await ask(
    `mutation { it: ${mutation} { __typename ... on Refusal { message } ${token} } }`,
  )
  expect(errors).toBeUndefined()
  return data.it as {
    __typename: string
    message?: string
    token?: { id: string; text: string; prefix: string }
  }
}

const isIn = async (headers: Record<string, string>) =>
  (await graphqlWith(app, headers)('{ viewer { name } }')).data.viewer !== null

test('an administrator sets where notifications of a user go, and that counts at once', async () => {
  const email = async () =>
    (await ask('{ admin { user(name: "root") { email { address confirmedAt problem } } } }')).data.admin.user
      .email
  expect(await email()).toBeNull()
  expect((await mutate('setUserEmail(name: "root", email: "root@example.org")')).__typename).toBe(
    'SetUserEmailSuccess',
  )
  expect(await email()).toEqual({
    ...{ address: 'root@example.org', problem: null, confirmedAt: expect.any(String) as string },
  })
  expect((await mutate('setUserEmail(name: "root", email: "root")')).__typename).toBe('BadAddressError')
  expect((await mutate('setUserEmail(name: "nobody", email: "a@example.org")')).__typename).toBe(
    'UserNotFoundError',
  )
  await mutate('setUserEmail(name: "root", email: "")')
  expect(await email()).toBeNull()
})

test('a user from the beginning to the end', async () => {
  expect(await mutate('addUser(name: "bob", password: "a long secret", role: UPLOADER)')).toEqual({
    __typename: 'AddUserSuccess',
  })
  expect((await mutate('addUser(name: "bob", password: "x", role: READER)')).__typename).toBe(
    'UserExistsError',
  )
  expect((await mutate('addUser(name: "carl", role: READER)')).__typename).toBe('BadUserError')
  expect((await mutate('addUser(name: "builders", role: WORKER)')).__typename).toBe('AddUserSuccess')
  expect((await mutate('addUser(name: "a:b", password: "x", role: READER)')).__typename).toBe('BadUserError')
  await mutate('addAccess(user: "bob", job: "hello")')
  await mutate('addAccess(user: "bob", job: "other")')
  await mutate('removeAccess(user: "bob", job: "other")')
  const user = async () =>
    (await ask('{ admin { user(name: "bob") { role isUnrestricted isDisabled jobs hasSecondFactor } } }'))
      .data.admin.user
  expect(await user()).toEqual({
    ...{ role: 'UPLOADER', isUnrestricted: false, isDisabled: false, jobs: ['hello'] },
    hasSecondFactor: false,
  })
  await mutate('updateUser(name: "bob", role: READER, isUnrestricted: true)')
  expect(await user()).toMatchObject({ role: 'READER', isUnrestricted: true })
  const cookie = await signIn(app, 'bob', 'READER')
  expect(await isIn({ cookie })).toBe(true)
  await mutate('updateUser(name: "bob", isDisabled: true)')
  expect(await isIn({ cookie })).toBe(false)
  expect((await mutate('removeUser(name: "bob", confirmation: "bo")')).__typename).toBe('NotConfirmedError')
  expect((await mutate('removeUser(name: "bob", confirmation: "bob")')).__typename).toBe('RemoveUserSuccess')
  expect(await user()).toBeNull()
  expect((await mutate('updateUser(name: "bob", isDisabled: true)')).__typename).toBe('UserNotFoundError')
})

test('in a session nobody changes the own password without the current one', async () => {
  const refused = await mutate('updateUser(name: "root", password: "another secret")')
  expect(refused.__typename).toBe('BadUserError')
})

test('the last administrator stays one', async () => {
  expect((await mutate('updateUser(name: "root", isDisabled: true)')).__typename).toBe(
    'LastAdministratorError',
  )
  expect((await mutate('removeUser(name: "root", confirmation: "root")')).__typename).toBe(
    'LastAdministratorError',
  )
})

test('a token is shown once, and counts until it is revoked', async () => {
  const { token } = await mutate('createToken(user: "root", name: "a machine", scopes: ["admin:read"])')
  if (!token) throw new Error('no token')
  const headers = { authorization: `Bearer ${token.text}` }
  const seen = await graphqlWith(app, headers)('{ admin { mayChange tokens { nodes { prefix state } } } }')
  expect(seen.data.admin).toEqual({
    mayChange: false,
    tokens: { nodes: [{ prefix: token.prefix, state: 'ACTIVE' }] },
  })
  const refused = await graphqlWith(
    app,
    headers,
  )(`mutation { it: revokeToken(id: "${token.id}") { __typename } }`)
  expect(refused.data.it.__typename).toBe('NotAuthorizedError')
  expect((await mutate('createToken(user: "root", name: "x", scopes: ["everything"])')).__typename).toBe(
    'BadTokenError',
  )
  expect((await mutate(`revokeToken(id: "${token.id}")`)).__typename).toBe('RevokeTokenSuccess')
  expect(await isIn(headers).catch(() => false)).toBe(false)
  expect((await mutate('revokeToken(id: "999")')).__typename).toBe('TokenNotFoundError')
  // Nobody can read it anywhere afterwards.
  const rows = await app.deps.db.auditEntry.findMany()
  expect(JSON.stringify(rows)).not.toContain(token.text)
})

test('sessions of all users are listed, and ended', async () => {
  const cookie = await signIn(app, 'carol', 'READER')
  const { data } = await ask(
    '{ admin { sessions(user: "carol") { totalCount nodes { id userName program isCurrent } } } }',
  )
  expect(data.admin.sessions).toMatchObject({
    totalCount: 1,
    nodes: [{ userName: 'carol', isCurrent: false }],
  })
  expect(await isIn({ cookie })).toBe(true)
  const [{ id }] = data.admin.sessions.nodes
  expect((await mutate(`endSession(id: "${id}")`)).__typename).toBe('EndSessionSuccess')
  expect(await isIn({ cookie })).toBe(false)
  expect((await mutate(`endSession(id: "${id}")`)).__typename).toBe('SessionNotFoundError')
})

test('the audit log says who did what, by actor, action and time', async () => {
  const list = async (filter: string) =>
    (
      await ask(
        `{ admin { audit(filter: ${filter}) { totalCount nodes { actor via action target detail } } } }`,
      )
    ).data.admin.audit
  const added = await list('{ action: "user.add" }')
  expect(added.totalCount).toBe(2)
  expect(added.nodes[1]).toMatchObject({ actor: 'root', via: 'session', action: 'user.add', target: 'bob' })
  expect((await list('{ actor: "nobody" }')).totalCount).toBe(0)
  expect((await list('{ until: "2020-01-01T00:00:00Z" }')).totalCount).toBe(0)
  const all = await list('{ actor: "root" }')
  expect(all.nodes[0].action).toBe('session.revoke')
  expect(JSON.stringify(all)).not.toContain('a long secret')
  const { errors } = await ask('{ admin { audit(filter: { target: "bob" }) { totalCount } } }')
  expect(errors?.[0]?.message).toContain('an actor or an action')
})

test('an entry that another version has written is shown as it is', async () => {
  await app.deps.writer.transact([], (tx) =>
    recordAudit(tx, {
      at: new Date(),
      actor: { ...byServer().actor, via: 'telepathy' as never },
      action: 'build.sing' as never,
    }),
  )
  const { data } = await ask(
    '{ admin { auditActions audit(filter: { action: "build.sing" }) { nodes { via action result } } } }',
  )
  expect(data.admin.audit.nodes).toEqual([{ via: 'telepathy', action: 'build.sing', result: 'DONE' }])
  expect(data.admin.auditActions).toContain('user.add')
  expect(data.admin.auditActions).not.toContain('build.sing')
})

test('the largest pages cost few statements', async () => {
  const { db, writer } = app.deps
  for (let number = 0; number < 60; number++)
    await createToken(writer, byServer(), {
      ...{ userName: 'root', name: `token ${number}`, scopes: ['read'] },
    })
  expect(await db.token.count()).toBeGreaterThan(50)
  app.takeQueries()
  const { errors } = await ask(`{ admin {
    users(first: 100) { totalCount nodes { name jobs buildCount } }
    tokens(first: 100) { totalCount nodes { userName scopes state } }
    sessions(first: 100) { totalCount nodes { userName program isCurrent } }
    audit(first: 100) { totalCount nodes { action } } } }`)
  expect(errors).toBeUndefined()
  const statements = app.takeQueries().filter((sql) => /^SELECT/i.test(sql.trim()))
  // A list, its total, and what belongs to its rows: whatever their number.
  expect(statements.length).toBeLessThanOrEqual(14)
})
