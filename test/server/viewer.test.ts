import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extendSchema, parse } from 'graphql'
import { expect, onTestFinished, test } from 'vitest'
import type { Context } from '../../server/graphql/builder.ts'
import { createGraphQL } from '../../server/graphql/yoga.ts'
import { schema } from '../../server/schema.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { alice, basicAuth, testApp, type GraphQLAnswer } from '../app.ts'

const bob = { name: 'bob', password: 'secret of bob' }

/** The schema, and a field that depends on the user. `whoIsThere` calls `onWait`, and waits for `gate`. */
function personalSchema(gate: Promise<void>, onWait = () => {}) {
  const extended = extendSchema(schema, parse('extend type Query { whoAmI: String whoIsThere: String }'))
  const fields = extended.getQueryType()?.getFields()
  const resolve = async (_root: unknown, _args: unknown, { viewer }: Context) =>
    (await viewer())?.name ?? null
  if (fields?.['whoAmI']) fields['whoAmI'].resolve = resolve
  if (fields?.['whoIsThere'])
    fields['whoIsThere'].resolve = async (...args: Parameters<typeof resolve>) => {
      onWait()
      await gate
      return resolve(...args)
    }
  return extended
}

const listenerOf =
  (yoga: ReturnType<typeof createGraphQL>): RequestListener =>
  (request, response) =>
    void yoga(request, response)

type Asked = { headers?: Record<string, string>; method?: 'GET' | 'POST'; query?: string }

/** A server with these fields, alice and bob. */
async function personalSite() {
  const { deps } = await testApp()
  await addUser(deps.writer, byServer(), { ...bob, unrestricted: false })
  let [open, waiting] = [() => {}, 0]
  const gate = new Promise<void>((resolve) => (open = resolve))
  const server = createServer(
    listenerOf(
      createGraphQL(
        deps,
        personalSchema(gate, () => waiting++),
        '',
      ),
    ),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
  return {
    deps,
    open,
    /** How many executions wait for `open`. */
    waiting: () => waiting,
    async ask({ headers = {}, method = 'GET', query = '{ whoAmI }' }: Asked = {}) {
      const body = JSON.stringify({ query })
      const answer = await fetch(method === 'GET' ? `${url}?query=${encodeURIComponent(query)}` : url, {
        method,
        headers: { Accept: 'application/json', 'Content-Type': 'application/json', ...headers },
        ...(method === 'POST' ? { body } : {}),
      })
      const text = await answer.text()
      const { extensions: _, ...json } = JSON.parse(text || '{}') as GraphQLAnswer & { extensions?: unknown }
      return { status: answer.status, headers: answer.headers, json }
    },
  }
}

const asAlice = { Authorization: basicAuth(alice) }
const asBob = { Authorization: basicAuth(bob) }
/** No way to sign in uses cookies: whoever sends one is nobody. */
const withCookie = { Cookie: 'theme=dark' }
const visitors: [headers: Record<string, string>, name: string | null][] = [
  [{}, null],
  [asAlice, 'alice'],
  [asBob, 'bob'],
  [withCookie, null],
  [{ ...asAlice, Cookie: 'theme=dark' }, 'alice'],
]

test.each(['GET', 'POST'] as const)('each visitor gets an own answer, in any order: %s', async (method) => {
  const { ask } = await personalSite()
  for (const [headers, name] of [...visitors, ...visitors.toReversed()])
    expect((await ask({ headers, method })).json).toEqual({ data: { whoAmI: name } })
})

test('equal queries of several visitors at once get each their own answer', async () => {
  const { ask, open, waiting } = await personalSite()
  const query = '{ whoIsThere }'
  const askAll = (some: typeof visitors) => some.map(([headers]) => ask({ headers, query }))
  const first = askAll(visitors.slice(0, 3))
  // Nobody, alice and bob wait at the same time when the others come.
  await expect.poll(waiting).toBe(3)
  const others = askAll([...visitors.slice(3), ...visitors])
  open()
  const answers = await Promise.all([...first, ...others])
  expect(answers.map(({ json }) => json.data.whoIsThere)).toEqual(
    [...visitors, ...visitors].map(([, name]) => name),
  )
})

test('no answer to a user has an ETag or may be stored, and nobody is told that another answer is the same', async () => {
  const { ask } = await personalSite()
  const nobodys = await ask()
  const etag = nobodys.headers.get('etag') ?? ''
  expect(etag).not.toBe('')
  expect(nobodys.headers.get('cache-control')).toBe('no-cache')
  expect((await ask({ headers: { 'If-None-Match': etag } })).status).toBe(304)
  expect((await ask({ headers: { ...withCookie, 'If-None-Match': etag } })).status).toBe(304)
  for (const [headers, name] of visitors.filter(([, name]) => name !== null)) {
    const own = await ask({ headers: { ...headers, 'If-None-Match': etag } })
    expect([own.status, own.json]).toEqual([200, { data: { whoAmI: name } }])
    expect(own.headers.get('etag')).toBeNull()
    expect(own.headers.get('cache-control')).toBe('private, no-store')
  }
  for (const { headers } of [nobodys, await ask({ headers: asAlice })])
    expect(headers.get('vary')?.split(', ')).toContain('Authorization')
})

test('a wrong password is refused only where the user matters, and the refusal goes to nobody else', async () => {
  const { ask } = await personalSite()
  const headers = { Authorization: basicAuth({ name: 'alice', password: 'wrong' }) }
  expect((await ask({ headers, query: '{ builds { totalCount } }' })).json.data.builds.totalCount).toBe(0)
  const refused = await ask({ headers })
  expect(refused.json).toMatchObject({
    data: { whoAmI: null },
    errors: [
      { message: expect.stringContaining('wrong user or password'), extensions: { code: 'UNAUTHENTICATED' } },
    ],
  })
  expect((await ask()).json).toEqual({ data: { whoAmI: null } })
})

test('an operation checks the password once, however many fields ask', async () => {
  const { deps } = await testApp()
  let checks = 0
  const counting: typeof deps = {
    ...deps,
    authenticate(...args) {
      checks++
      return deps.authenticate(...args)
    },
  }
  const server = createServer(listenerOf(createGraphQL(counting, personalSchema(Promise.resolve()), '')))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const query = encodeURIComponent('{ a: whoAmI b: whoAmI whoIsThere }')
  const answer = await fetch(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql?query=${query}`,
    {
      headers: { Accept: 'application/json', ...asAlice },
    },
  )
  expect(await answer.json()).toMatchObject({ data: { a: 'alice', b: 'alice', whoIsThere: 'alice' } })
  expect(checks).toBe(1)
  await fetch(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql?query=${encodeURIComponent('{ builds { totalCount } }')}`,
    { headers: asAlice },
  )
  expect(checks).toBe(1)
})
