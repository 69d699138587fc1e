import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { receiveAll, siteOf, uuidOf } from './graphql-site.ts'

let app: TestApp

beforeAll(async () => {
  app = await siteOf(1, 3)
})
afterAll(() => app.close())

const base64 = (text: string) => Buffer.from(text).toString('base64')
const nothing = uuidOf(999_999)

async function refusalOf(query: string, variables?: Record<string, unknown>) {
  const { errors = [] } = await app.graphql(query, variables)
  expect(errors).toHaveLength(1)
  return errors[0]
}

const cursorOf = async (field: string) => {
  const { data } = await app.graphql(`{ ${field}(first: 1) { pageInfo { endCursor } } }`)
  return data[field].pageInfo.endCursor as string
}

test.each([
  ['first: 101', 'first must be between 0 and 100, not 101'],
  ['last: -1', 'last must be between 0 and 100, not -1'],
  ['first: 1, last: 1', 'give first or last, not both'],
  ['after: ""', 'after is not a cursor of this list: ""'],
  ['before: "garbage"', 'before is not a cursor of this list: "garbage"'],
  [`after: "${base64('build 99999999999999999:1')}"`, 'after is not a cursor of this list'],
])('builds(%s) is refused', async (args, message) => {
  for (const field of ['builds', 'jobs']) {
    expect(await refusalOf(`{ ${field}(${args}) { totalCount } }`)).toMatchObject({
      message: expect.stringContaining(message),
      extensions: { code: 'BAD_USER_INPUT' },
    })
  }
})

test('a cursor of another list is refused', async () => {
  const [job, build] = [await cursorOf('jobs'), await cursorOf('builds')]
  const build0 = `build(uuid: "${uuidOf(0)}")`
  for (const query of [
    `{ builds(after: "${job}") { totalCount } }`,
    `{ jobs(before: "${build}") { totalCount } }`,
    `{ artifacts(sha256: "${'0'.repeat(64)}", after: "${build}") { totalCount } }`,
    `{ ${build0} { artifacts(after: "${job}") { totalCount } } }`,
    `{ ${build0} { console(after: "${build}") { totalCount } } }`,
  ]) {
    expect((await refusalOf(query))?.message).toContain('is not a cursor of this list')
  }
})

test.each([
  ['build(uuid:)', '($v: UUID!) { build(uuid: $v) { id } }', ['x', 3, uuidOf(0).slice(1), ` ${uuidOf(0)}`]],
  [
    'artifacts(sha256:)',
    '($v: Sha256!) { artifacts(sha256: $v) { totalCount } }',
    ['12', 'g'.repeat(64), true],
  ],
  [
    'builds(filter: { since: })',
    '($v: DateTime!) { builds(filter: { since: $v }) { totalCount } }',
    ['yesterday', 0, '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-11-24', '2026-11-24T10:00:00'],
  ],
])('%s: what is none is refused, and the refusal says where and why', async (_name, query, values) => {
  for (const value of values) {
    const inVariable = await refusalOf(`query ${query}`, { v: value })
    expect(inVariable).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } })
    expect(inVariable?.message).toContain(`Variable "$v" got invalid value ${JSON.stringify(value)}`)
    const literal = query.replace(/^.*?\{/, '{').replace('$v', JSON.stringify(value))
    const inOperation = await refusalOf(literal)
    expect(inOperation).toMatchObject({
      extensions: { code: 'BAD_USER_INPUT' },
      locations: [{ line: 1, column: literal.indexOf(JSON.stringify(value)) + 1 }],
    })
    expect(inOperation?.message).toMatch(/^(UUID|Sha256|DateTime) must be .+, not .+$/)
  }
})

test('UUIDs and hashes are taken in capitals', async () => {
  const { data } = await app.graphql(`{ build(uuid: "${uuidOf(0).toUpperCase()}") { uuid } }`)
  expect(data.build.uuid).toBe(uuidOf(0))
})

test.each([[-1], [36_501], [2_147_483_647]])('jobs active within %d days are refused', async (days) => {
  expect((await refusalOf(`{ jobs(filter: { activeWithinDays: ${days} }) { totalCount } }`))?.message).toBe(
    `activeWithinDays must be between 1 and 36500, not ${days}`,
  )
})

test('fields for missing objects are null', async () => {
  const { data, errors } = await app.graphql(
    `{ job(name: "x") { id } platform(name: "x") { id } build(uuid: "${nothing}") { id }
       known: build(uuid: "${uuidOf(0)}") { artifact(path: "x") { id } } }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({ job: null, platform: null, build: null, known: { artifact: null } })
})

test('a global id finds the object that it came from', async () => {
  const name = 'odd: näme 😀 %2F'
  await receiveAll(app, [sampleRecord({ job: name, platform: `${name}:1`, uuid: uuidOf(77) })])
  const { data } = await app.graphql(`{ build(uuid: "${uuidOf(77)}") {
    __typename id job { __typename id name
      standings { __typename id platform { name } newestBuild { uuid } newestSuccess { uuid mainBinary { path } } }
      outputs { nodes { __typename id sha256 newestBuilds { uuid } } } }
    platform { __typename id name } mainBinary { __typename id path } }
    diff(left: "${uuidOf(77)}", right: "${uuidOf(0)}") { __typename id left { uuid } right { uuid } } }`)
  const { job, platform, mainBinary, ...build } = data.build
  const { standings, outputs, ...itself } = job
  expect([standings, outputs.nodes]).toMatchObject([[{}], [{}]])
  const expected = [build, itself, platform, mainBinary, ...standings, ...outputs.nodes, data.diff]
  const fields = `__typename id ... on Job { name } ... on Platform { name } ... on Artifact { path }
    ... on JobPlatform { platform { name } newestBuild { uuid } newestSuccess { uuid mainBinary { path } } }
    ... on JobOutput { sha256 newestBuilds { uuid } } ... on BuildDiff { left { uuid } right { uuid } }`
  for (const one of expected) {
    expect((await app.graphql(`{ node(id: "${one.id}") { ${fields} } }`)).data.node).toEqual(one)
  }
  const ids = expected.map(({ id }) => id)
  const many = await app.graphql(`query ($ids: [ID!]!) { nodes(ids: $ids) { ${fields} } }`, { ids })
  expect(many.data.nodes).toEqual(expected)
})

const unknownIds = [
  'Job:x',
  'Platform:x',
  `Build:${nothing}`,
  'Build:x',
  'Artifact:0',
  'Artifact:99999999',
  'Artifact:1e0',
  'Artifact:x',
  `Artifact:${'9'.repeat(30)}`,
  'JobPlatform:x',
  'JobPlatform:1:999',
  'JobOutput:x',
  `JobOutput:1:0:${'0'.repeat(64)}`,
  'BuildDiff:x',
  `BuildDiff:${nothing}:${uuidOf(0)}`,
]

test.each(unknownIds)('node of %s is null', async (id) => {
  const answer = await app.graphql(`query ($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }`, {
    id: base64(id),
  })
  expect(answer).toMatchObject({ data: { node: null, nodes: [null] } })
  expect(answer).not.toHaveProperty('errors')
})

test.each([
  ['', 'not a global id: ""'],
  ['garbage', 'not a global id: "garbage"'],
  [base64('Job:'), 'not a global id'],
  [base64('Site:1'), 'not a global id: nothing of type "Site" has one'],
  [base64('__proto__:1'), 'not a global id: nothing of type "__proto__" has one'],
])('node(id: %j) is refused', async (id, message) => {
  const refused = { message: expect.stringContaining(message), extensions: { code: 'BAD_USER_INPUT' } }
  const query = `query ($id: ID!) { node(id: $id) { id } }`
  expect(await refusalOf(query, { id })).toMatchObject(refused)
  expect(await refusalOf(`query ($id: ID!) { nodes(ids: [$id]) { id } }`, { id })).toMatchObject(refused)
})

test('comparisons cost the same by their ids as by their builds', async () => {
  const id = base64(`BuildDiff:${uuidOf(0)}:${uuidOf(1)}`)
  const costOf = async (query: string) => {
    const answer = (await app.graphql(query)) as { extensions?: { cost?: number } }
    return answer.extensions?.cost
  }
  expect(await costOf(`{ node(id: "${id}") { id } }`)).toBe(
    await costOf(`{ diff(left: "${uuidOf(0)}", right: "${uuidOf(1)}") { id } }`),
  )
  const ids = JSON.stringify(Array<string>(7).fill(id))
  expect(await refusalOf(`{ nodes(ids: ${ids}) { id } }`)).toMatchObject({
    extensions: { code: 'COST_LIMIT' },
  })
})

test('builds and jobs are looked up in the order that they are asked for, and null is what is missing', async () => {
  const { data, errors } = await app.graphql(
    `query ($uuids: [UUID!]!) { buildsByUuid(uuids: $uuids) { uuid job { name } }
       jobsByName(names: ["JOB-00", "job-00", "", "job-00"]) { name builds(first: 0) { totalCount } }
       none: buildsByUuid(uuids: []) { uuid } types: buildsByUuid(uuids: $uuids) { __typename } }`,
    { uuids: [uuidOf(2), nothing, uuidOf(0).toUpperCase(), uuidOf(2)] },
  )
  expect(errors).toBeUndefined()
  const build = (number: number) => ({ uuid: uuidOf(number), job: { name: 'job-00' } })
  const job = { name: 'job-00', builds: { totalCount: 3 } }
  const type = { __typename: 'Build' }
  expect(data).toEqual({
    buildsByUuid: [build(2), null, build(0), build(2)],
    jobsByName: [null, job, null, job],
    none: [],
    types: [type, null, type, type],
  })
})

test.each([
  ['uuids', '[UUID!]!', 'buildsByUuid', nothing],
  ['names', '[String!]!', 'jobsByName', 'job-00'],
])('more than 100 %s at once are refused', async (name, type, field, value) => {
  const variables = { list: Array<string>(101).fill(value) }
  const query = `query ($list: ${type}) { ${field}(${name}: $list) { id } }`
  expect(await refusalOf(query, variables)).toMatchObject({
    message: `${name} has 101 items: at most 100 are allowed`,
    extensions: { code: 'BAD_USER_INPUT' },
  })
  const { errors } = await app.graphql(query, { list: variables.list.slice(1) })
  expect(errors).toBeUndefined()
})

test('more than 100 ids at once are refused', async () => {
  const ids = Array<string>(101).fill(base64('Job:x'))
  expect(await refusalOf(`query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, { ids })).toMatchObject({
    message: 'ids has 101 items: at most 100 are allowed',
    extensions: { code: 'BAD_USER_INPUT' },
  })
})

test.each([
  [
    'a number beyond Int',
    { query: 'query ($n: Int!) { jobs(first: $n) { totalCount } }', variables: { n: 1e10 } },
  ],
  [
    'a text for a number',
    { query: 'query ($n: Int!) { jobs(first: $n) { totalCount } }', variables: { n: 'x' } },
  ],
  ['a variable that is missing', { query: 'query ($n: Int!) { jobs(first: $n) { totalCount } }' }],
  [
    'an unknown part of a filter',
    { query: 'query ($f: JobFilter) { jobs(filter: $f) { totalCount } }', variables: { f: { x: 1 } } },
  ],
])('%s: 400 without data, and the code of bad input', async (_name, body) => {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/graphql-response+json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as object
  expect(response.status).toBe(400)
  expect(answer).not.toHaveProperty('data')
  expect(answer).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] })
})
