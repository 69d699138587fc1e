import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../server/graphql/limits.ts'
import { testApp, type TestApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { uuidOf } from './graphql-site.ts'

const scriptBytes = 300 * 1024
const uuid = uuidOf(1)

let app: TestApp

beforeAll(async () => {
  app = await testApp({ keep: true })
  await app.upload(sampleRecord({ uuid, script: Buffer.alloc(scriptBytes, 'x') }))
})
afterAll(() => app.close())

async function ask(query: string, variables?: object) {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  })
  const answer = (await response.json()) as {
    data?: unknown
    errors?: { message: string; extensions: Record<string, unknown> }[]
    extensions?: Record<string, unknown>
  }
  return { status: response.status, ...answer }
}

const times = (count: number, part: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => part(n)).join(' ')
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const deepList = (depth: number): unknown => JSON.parse(nested(depth))

test.each<[string, string, string, object?]>([
  ['TOKEN_LIMIT', `{ ${times(1_100, () => '__typename __typename')} }`, 'at most 2000'],
  ['ALIAS_LIMIT', `{ ${times(40, (n) => `a${n}: builds { totalCount }`)} }`, '40 aliases, at most 30'],
  ['DIRECTIVE_LIMIT', `{ __typename ${'@include(if: true) '.repeat(60)} }`, 'at most 50'],
  [
    'DEPTH_LIMIT',
    `{ jobs { nodes ${'{ builds { nodes { job '.repeat(8)} { name } ${'} } }'.repeat(8)} } }`,
    'at most 16',
  ],
  ['BREADTH_LIMIT', `{ ${times(300, () => 'builds { totalCount }')} }`, 'at most 400'],
  [
    'COST_LIMIT',
    '{ jobs(first: 100) { nodes { builds(first: 100) { nodes { artifacts(first: 100) { nodes { path } } } } } } }',
    'at most 25000',
  ],
  ['BAD_USER_INPUT', '{ job(name: "utop\\u0000x") { name } }', 'NUL'],
  ['BAD_USER_INPUT', 'query ($name: String!) { job(name: $name) { name } }', 'NUL', { name: 'utop\0x' }],
  ['BAD_USER_INPUT', `{ nodes(ids: ${nested(900)}) { id } }`, '20 levels'],
  [
    'BAD_USER_INPUT',
    'query ($f: BuildFilter) { builds(filter: $f) { totalCount } }',
    '20 levels',
    { f: deepList(3_000) },
  ],
])('%s: 400 without data, with the limit: %s', async (code, query, message, variables) => {
  app.takeQueries()
  const answer = await ask(query, variables)
  expect(answer.status).toBe(400)
  expect(answer).not.toHaveProperty('data')
  expect(answer.errors?.[0]?.extensions['code']).toBe(code)
  expect(answer.errors?.[0]?.message).toContain(message)
  expect(answer.errors?.[0]?.message).not.toContain('Syntax Error')
  expect(app.takeQueries()).toEqual([])
})

test('a text to search for may have 200 characters', async () => {
  const query = 'query ($search: String!) { jobs(filter: { search: $search }) { totalCount } }'
  expect((await ask(query, { search: '%'.repeat(200) })).data).toEqual({ jobs: { totalCount: 0 } })
  const refused = await ask(query, { search: '%'.repeat(201) })
  expect(refused.errors?.[0]).toMatchObject({
    message: 'search has 201 characters: at most 200 are allowed',
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

test('each answer has the cost of its operation, also when it is given again', async () => {
  const query = '{ builds(first: 10) { nodes { uuid } } }'
  const first = await ask(query)
  expect(first.extensions?.['cost']).toBeGreaterThan(10)
  expect((await ask(query)).extensions).toEqual(first.extensions)
})

test('a script is cut in answers, and whole at its URL', async () => {
  const { data } = await ask(`{ build(uuid: "${uuid}") { script scriptSizeBytes scriptUrl } }`)
  const { build } = data as { build: { script: string; scriptSizeBytes: number; scriptUrl: string } }
  expect(build.script).toBe('x'.repeat(256 * 1024))
  expect(build.scriptSizeBytes).toBe(scriptBytes)
  expect(build.scriptUrl).toMatch(/^http:/)
  const whole = await fetch(build.scriptUrl)
  expect((await buffer(whole.body as never)).length).toBe(scriptBytes)
})

test('an answer that grows too large is refused as a whole', async () => {
  const answer = await ask(`{ build(uuid: "${uuid}") { ${times(20, (n) => `a${n}: script`)} } }`)
  expect(answer).not.toHaveProperty('data')
  expect(answer.status).toBe(400)
  expect(answer.errors).toHaveLength(1)
  expect(answer.errors?.[0]?.extensions).toMatchObject({ code: 'ANSWER_LIMIT', maxBytes: limits.answerBytes })
})

test('absolute addresses are those of the host that was asked', async () => {
  const query = `{ build(uuid: "${uuid}") { url resourcePath } }`
  const path = `/job/hello/build/${uuid}`
  const other = app.url.replace('127.0.0.1', 'localhost')
  for (const site of [app.url, other]) {
    const response = await fetch(`${site}/graphql?query=${encodeURIComponent(query)}`)
    expect((await response.json()) as unknown).toMatchObject({
      data: { build: { url: `${site}${path}`, resourcePath: path } },
    })
  }
})
