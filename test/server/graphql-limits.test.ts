import { once } from 'node:events'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { getIntrospectionQuery } from 'graphql'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { limits } from '../../server/graphql/limits.ts'
import { graphiqlPage } from '../../server/graphql/graphiql.ts'
import { projectDir, type TestApp } from '../app.ts'
import { siteOf } from './graphql-site.ts'

let app: TestApp

beforeAll(async () => {
  app = await siteOf(2, 3)
})
afterAll(() => app.close())

function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
  })
}

const times = (count: number, part: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => part(n)).join(' ')

test.each([
  [
    'nesting',
    `{ jobs { nodes ${'{ builds { nodes { job '.repeat(8)} { name } ${'} } }'.repeat(8)} } }`,
    'at most 16',
  ],
  ['a selection that is 600 deep', `${'{a'.repeat(600)}${'}'.repeat(600)}`, 'at most 16'],
  ['1,000 aliases', `{ ${times(1000, (n) => `a${n}: builds { totalCount }`)} }`, 'more than 2000 words'],
  ['40 aliases', `{ ${times(40, (n) => `a${n}: builds { totalCount }`)} }`, '40 aliases, at most 30'],
  [
    'the same field again and again',
    `{ ${times(300, () => `builds { totalCount }`)} }`,
    '600 fields, at most 400',
  ],
  ['directives', `{ builds ${'@include(if: true) '.repeat(100)} { totalCount } }`, 'at most 50'],
  [
    'fragments in a circle',
    `{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }`,
    'within itself',
  ],
  [
    'fragments that double twenty times',
    `{ ...f0 } ${times(20, (n) => `fragment f${n} on Query { ...f${n + 1} ...f${n + 1} }`)} fragment f20 on Query { site { jobCount } }`,
    'at most 400',
  ],
  ['a number beyond Int', `{ builds(first: ${'9'.repeat(30)}) { totalCount } }`, 'non 32-bit'],
  ['lists of lists', `{ nodes(ids: ${'['.repeat(500)}${']'.repeat(500)}) { id } }`, '20 levels'],
  ['a subscription to what has no events', 'subscription { builds { totalCount } }', 'type "Subscription"'],
  [
    'a million artifacts',
    '{ jobs(first: 100) { nodes { builds(first: 100) { nodes { artifacts(first: 100) { nodes { sha256 } } } } } } }',
    'at most 25000',
  ],
])('%s: refused without asking the database', async (_name, query, message) => {
  app.takeQueries()
  const answer = await app.graphql(query)
  expect(answer.data ?? null).toBeNull()
  expect(answer.errors?.[0]?.message).toContain(message)
  expect(answer.errors?.[0]?.extensions?.['code']).not.toBe('INTERNAL_SERVER_ERROR')
  expect(app.takeQueries()).toEqual([])
})

test('page sizes in variables, and default page sizes, count in the complexity', async () => {
  const query = (variable: string) =>
    `query (${variable}) { jobs(first: $n) { nodes { builds(first: $n) { nodes { artifacts(first: $n) { nodes { path } } } } } } }`
  for (const [variable, variables] of [
    ['$n: Int', { n: 100 }],
    ['$n: Int = 100', {}],
  ] as const) {
    expect((await app.graphql(query(variable), variables)).errors?.[0]?.message).toContain('at most 25000')
  }
  expect((await app.graphql(query('$n: Int'), { n: 10 })).errors).toBeUndefined()
})

test.each([
  [
    'jobs, their builds, and artifacts',
    '{ jobs(first: 20) { nodes { name builds(first: 5) { nodes { uuid artifacts(first: 20) { nodes { path sha256 sizeBytes } } } } } } }',
  ],
  [
    'a hundred builds with all that rows show',
    '{ builds(first: 100) { totalCount nodes { uuid status job { name } platform { name } result { __typename } mainBinary { path sizeBytes sha256 resourcePath } } } }',
  ],
  ['thirty aliases', `{ ${times(29, (n) => `a${n}: builds(first: 2) { nodes { uuid } }`)} }`],
  [
    'what GraphiQL asks for',
    getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    }),
  ],
])('%s: allowed', async (_name, query) => {
  expect((await app.graphql(query)).errors).toBeUndefined()
})

test.each([
  ['a batch', '[{"query":"{__typename}"},{"query":"{__typename}"}]', 400, 'Batching is not supported'],
  ['no JSON', '{ nope', 400, 'invalid JSON'],
  ['nothing', '', 400, 'invalid JSON'],
  ['null', 'null', 400, 'null'],
  ['variables that are a list', '{"query":"{__typename}","variables":[]}', 400, 'variables'],
  [
    'a body of 2 MB',
    JSON.stringify({ query: '{__typename}', pad: 'x'.repeat(2_000_000) }),
    413,
    'more than 1000000',
  ],
  [
    'variables that reach for prototypes',
    '{"query":"query ($f: BuildFilter) { builds(filter: $f) { totalCount } }","variables":{"f":{"__proto__":{"job":"x"}}}}',
    400,
    '__proto__',
  ],
])('%s: %s', async (_name, body, status, message) => {
  const answer = await post(body)
  expect(answer.status).toBe(status)
  expect(await answer.text()).toContain(message)
})

test('variables nested a hundred thousand times are an error, and the server lives on', async () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
  const answer = await post(
    `{"query":"query ($f: BuildFilter) { builds(filter: $f) { totalCount } }","variables":{"f":${deep}}}`,
  )
  expect(await answer.json()).toMatchObject({ errors: [expect.anything()] })
  expect((await app.graphql('{ __typename }')).data).toEqual({ __typename: 'Query' })
})

test('a body without a length is read, and refused once it is too long', async () => {
  const client = request(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
  })
  client.write('{"query":')
  client.end('"{ __typename }"}')
  const [answer] = await once(client, 'response')
  expect(answer.statusCode).toBe(200)
  expect(JSON.parse(await text(answer))).toMatchObject({ data: { __typename: 'Query' } })
  const long = request(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
  })
  for (let n = 0; n < 20; n++) long.write(' '.repeat(100_000))
  long.end('{"query":"{ __typename }"}')
  const [refusal] = await once(long, 'response')
  expect(refusal.statusCode).toBe(413)
  expect(await text(refusal)).toContain('more than 1000000')
})

test.each([
  ['lists', '['.repeat(1_990)],
  ['closed lists', '['.repeat(980) + ']'.repeat(980)],
  ['objects', '{a:'.repeat(650)],
])('thousands of nested %s are refused by their depth, and are no bug of the server', async (_, value) => {
  const answer = await post(
    JSON.stringify({ query: `{ jobs(filter: { search: ${value} }) { totalCount } }` }),
  )
  const { errors } = (await answer.json()) as { errors: { message: string; extensions: { code: string } }[] }
  expect(errors[0]?.extensions.code).not.toBe('INTERNAL_SERVER_ERROR')
  expect(errors[0]?.message).toMatch(/nested 20 levels deep|Syntax Error/)
})

test.each(['GET', 'HEAD'])('%s does not run mutations', async (method) => {
  const query = encodeURIComponent(
    'mutation ($f: File!) { uploadBuild(input: { record: $f }) { __typename } }',
  )
  const answer = await fetch(`${app.url}/graphql?query=${query}&variables=%7B%22f%22%3A1%7D`, { method })
  expect(answer.status).toBe(405)
})

test.each([
  ['text/plain', '{"query":"{__typename}"}'],
  ['application/x-www-form-urlencoded', 'query={__typename}'],
  ['multipart/form-data; boundary=x', '--x--'],
])('what a form of another site can post as %s needs a header that it cannot set', async (type, body) => {
  const refusal = await post(body, { 'Content-Type': type, Origin: 'https://example.org' })
  expect(refusal.status).toBe(403)
  expect(await refusal.text()).toContain('CSRF')
  for (const header of ['x-graphql-yoga-csrf', 'graphql-require-preflight', 'apollo-require-preflight']) {
    expect((await post(body, { 'Content-Type': type, [header]: '1' })).status).not.toBe(403)
  }
})

test('scripts of any site may read, without credentials', async () => {
  const preflight = await fetch(`${app.url}/graphql`, {
    method: 'OPTIONS',
    headers: { Origin: 'https://example.org', 'Access-Control-Request-Method': 'POST' },
  })
  const answer = await post('{"query":"{__typename}"}', { Origin: 'https://example.org' })
  for (const { headers } of [preflight, answer]) {
    expect(headers.get('access-control-allow-origin')).toBe('https://example.org')
    expect(headers.get('access-control-allow-credentials')).toBeNull()
  }
})

test('the API, its documentation and the editor have the numbers that are enforced', async () => {
  const { data } = await app.graphql(
    `{ site { version limits { ${Object.keys(limits).join(' ')} } }
       query: __type(name: "Query") { description fields { name args { name description } } } }`,
  )
  expect(data.site.limits).toEqual(limits)
  const { version } = JSON.parse(readFileSync(join(projectDir, 'package.json'), 'utf8')) as {
    version: string
  }
  expect(data.site.version).toBe(version)

  const documented = readFileSync(join(projectDir, 'docs/api.md'), 'utf8')
  const rows = [...documented.matchAll(/^\| ([a-z][^|]*?) +\| +([\d.]+(?: \w+)?) +\|/gm)]
  expect(Object.fromEntries(rows.map(([, limit, value]) => [limit, value]))).toEqual({
    'cost of an operation': String(limits.cost),
    'levels of fields': String(limits.depth),
    'fields, fragments unfolded': String(limits.breadth),
    aliases: String(limits.aliases),
    directives: String(limits.directives),
    'words and signs of the operation': String(limits.tokens),
    'levels of lists and objects in arguments': String(limits.inputDepth),
    'length of the answer': `${limits.answerBytes / 1024 ** 2} MiB`,
    'time of the processor': `${limits.operationMs / 1000} s`,
    'operations of one address that wait': String(limits.waitingPerAddress),
    'operations of one address at a time': String(limits.operationsPerAddress),
    'cost of a cheap operation': String(limits.cheapCost),
    'expensive operations at a time': String(limits.expensiveOperations),
    'body of a request without files': `${limits.bodyBytes / 1e6} MB`,
  })
  expect(documented.replace(/\s+/g, ' ')).toContain(
    `A page has ${limits.defaultPageSize} items unless \`first\` or \`last\` says otherwise, and at most ${limits.maxPageSize}.`,
  )

  expect(data.query.description).toContain(`costs at most ${limits.cost}`)
  const firsts = (data.query.fields as { args: { name: string; description: string }[] }[])
    .flatMap(({ args }) => args)
    .filter(({ name }) => name === 'first')
  expect(firsts.length).toBeGreaterThan(3)
  for (const { description } of firsts)
    expect(description).toContain(
      `${limits.defaultPageSize} without \`first\` and \`last\`, at most ${limits.maxPageSize}`,
    )
  const editor = gunzipSync((await graphiqlPage()).body).toString()
  expect(editor).toContain(`costs at most ${limits.cost}`)
})

test('analyses cost as many as are asked for', async () => {
  const costOf = async (kinds: string) => {
    const answer = await app.graphql(`{ builds(first: 1) { nodes { analyses${kinds} { id state } } } }`)
    return (answer as { extensions?: { cost?: number } }).extensions?.cost ?? 0
  }
  const [all, one, two] = [
    await costOf(''),
    await costOf('(kinds: [SOLO5])'),
    await costOf('(kinds: [SOLO5, FAILURE, SOLO5])'),
  ]
  expect(two - one).toBe(2)
  expect(all - one).toBe(10)
})
