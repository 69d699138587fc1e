import { expect, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { systemClock, type Clock } from '../../../server/clock.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { createToken } from '../../../server/users/tokens.ts'
import { alice, testApp } from '../../app.ts'
import { openBrowser } from './browser.ts'

const create = `mutation ($input: CreateOwnTokenInput!) { result: createOwnToken(input: $input) {
  __typename
  ... on CreateOwnTokenSuccess { token { id text prefix } }
  ... on Refusal { message }
} }`
const revoke = `mutation ($id: ID!) { result: revokeOwnToken(input: { id: $id }) {
  __typename
  ... on Refusal { message }
} }`
const list = '{ viewer { tokens { id name prefix scopes state userName } } }'

async function siteWithTokens() {
  let aheadMs = 0
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + aheadMs) }
  const app = await testApp({ clock })
  const browser = openBrowser(app)
  await browser.signIn(alice)
  const ask = async (query: string, variables: Record<string, unknown>) =>
    (await browser.graphql(query, { variables })).data.result
  return { app, browser, ask, pass: (ms: number) => void (aheadMs += ms) }
}

test('a user creates a token, sees it, and ends it; the audit log has both', async () => {
  const { app, browser, ask } = await siteWithTokens()
  const { token } = await ask(create, { input: { name: 'builder', scopes: ['upload:hello'] } })
  const asked = await fetch(`${app.url}/graphql?query={viewer{name credential}}`, {
    headers: { Authorization: `Bearer ${token.text}`, Accept: 'application/json' },
  })
  expect(await asked.json()).toMatchObject({ data: { viewer: { name: 'alice', credential: 'TOKEN' } } })
  const { id, prefix } = token
  const shown = { id, prefix, name: 'builder', scopes: ['upload:hello'], state: 'ACTIVE', userName: 'alice' }
  app.takeQueries()
  expect((await browser.graphql(list)).data).toEqual({ viewer: { tokens: [shown] } })
  expect(app.takeQueries().filter((sql) => /^SELECT/i.test(sql.trim()))).toHaveLength(4)
  expect(await ask(revoke, { id })).toEqual({ __typename: 'RevokeOwnTokenSuccess' })
  expect((await browser.graphql(list)).data).toEqual({ viewer: { tokens: [] } })
  const entries = await app.deps.db.auditEntry.findMany({ where: { action: { startsWith: 'token.' } } })
  expect(entries.map(({ actor, via, action, target }) => [actor, via, action, target])).toEqual([
    ['alice', 'session', 'token.create', prefix],
    ['alice', 'session', 'token.revoke', prefix],
  ])
})

test('no token goes beyond the role of its user, nor is that of another user ended', async () => {
  const { app, ask } = await siteWithTokens()
  for (const scope of ['admin', 'admin:read', 'schedule']) {
    const refused = await ask(create, { input: { name: 'x', scopes: ['upload:*', scope] } })
    expect(refused.message).toMatch(/^user alice has the role UPLOADER, which lacks the right/)
  }
  const { writer } = app.deps
  await addUser(writer, byServer(), { name: 'bob', password: null })
  const other = await createToken(writer, byServer(), { userName: 'bob', name: 'x', scopes: ['upload:*'] })
  expect((await ask(revoke, { id: other.id })).__typename).toBe('TokenNotFoundError')
  expect(await app.deps.db.token.count({ where: { revokedAt: null } })).toBe(1)
})

test('a session whose password was given long ago neither creates nor ends a token', async () => {
  const { app, ask, pass } = await siteWithTokens()
  const { token } = await ask(create, { input: { name: 'x', scopes: ['upload:*'] } })
  pass(11 * 60_000)
  const asked = await ask(create, { input: { name: 'y', scopes: ['upload:*'] } })
  expect(asked.__typename).toBe('SignInAgain')
  expect((await ask(revoke, { id: token.id })).__typename).toBe('SignInAgain')
  expect(await app.deps.db.token.count({ where: { revokedAt: null } })).toBe(1)
})
