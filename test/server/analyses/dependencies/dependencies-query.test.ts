import { expect, test } from 'vitest'
import { testApp, type TestApp } from '../../../app.ts'
import { file, sampleRecord } from '../../../record.ts'
import { uuidOf } from '../../graphql-site.ts'
import { analyseAll } from '../analyse-all.ts'
import { switchText } from './switch-text.ts'

const packages = {
  app: ['web', 'log'],
  web: ['http', 'log'],
  http: ['parser', 'log'],
  parser: ['http'],
  log: ['fmt'],
  fmt: [],
  tool: ['fmt'],
}

/** Builds with these switches, analysed; null: a build without. */
async function analysedApp(switches: readonly (string | null)[]): Promise<TestApp> {
  const app = await testApp()
  for (const [index, text] of switches.entries()) {
    const artifacts = [file('bin/app', 'binary'), ...(text === null ? [] : [file('opam-switch', text)])]
    const answer = await app.upload(sampleRecord({ uuid: uuidOf(index), artifacts }))
    expect(answer.status).toBe(201)
  }
  await analyseAll(app)
  app.takeQueries()
  return app
}

const ask = (app: TestApp, selection: string) =>
  app.graphql(`query ($uuid: UUID!) { build(uuid: $uuid) { dependencies { ${selection} } } }`, {
    uuid: uuidOf(0),
  })

test('a package and the reason why it is there need two statements', async () => {
  const app = await analysedApp([switchText(packages)])
  const { data, errors } = await ask(
    app,
    `neededCount directCount root { name version isDirect isNeeded dependencyCount dependantCount }
      package(name: "http") { name version origin sourceUrl isDirect isNeeded isDescribed dependencyCount dependantCount
        why { nodes { name } } onlyBrings { totalCount nodes { name } } dependencies { nodes { name } }
        allDependencies { nodes { name } } dependants { nodes { name } } }
      missing: package(name: "none") { name }`,
  )
  expect(errors).toBeUndefined()
  expect(app.takeQueries()).toHaveLength(2)
  const named = (...names: string[]) => ({ nodes: names.map((name) => ({ name })) })
  expect(data.build.dependencies).toEqual({
    neededCount: 5,
    directCount: 2,
    root: {
      name: 'app',
      version: '1',
      isDirect: false,
      isNeeded: false,
      dependencyCount: 5,
      dependantCount: 0,
    },
    package: {
      ...{ name: 'http', version: '1', origin: 'INSTALLED', sourceUrl: null },
      ...{ isDirect: false, isNeeded: true, isDescribed: true, dependencyCount: 3, dependantCount: 3 },
      why: named('app', 'web', 'http'),
      onlyBrings: { totalCount: 1, ...named('parser') },
      dependencies: named('log', 'parser'),
      allDependencies: named('fmt', 'log', 'parser'),
      dependants: named('parser', 'web'),
    },
    missing: null,
  })
})

test('packages are listed page by page, forwards and backwards', async () => {
  const app = await analysedApp([switchText(packages)])
  const page = async (args: string) => {
    const { data, errors } = await ask(
      app,
      `packages(${args}) { totalCount nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`,
    )
    expect(errors).toBeUndefined()
    const { nodes, totalCount, pageInfo } = data.build.dependencies.packages
    return { names: nodes.map(({ name }: { name: string }) => name), totalCount, pageInfo }
  }
  const first = await page('first: 2')
  expect(first).toMatchObject({
    names: ['fmt', 'http'],
    totalCount: 6,
    pageInfo: { hasNextPage: true, hasPreviousPage: false },
  })
  const second = await page(`first: 3, after: "${first.pageInfo.endCursor}"`)
  expect(second).toMatchObject({ names: ['log', 'parser', 'tool'], pageInfo: { hasNextPage: true } })
  const back = await page(`last: 1, before: "${second.pageInfo.startCursor}"`)
  expect(back).toMatchObject({ names: ['http'], pageInfo: { hasPreviousPage: true } })
  expect(await page('isDirect: true')).toMatchObject({ names: ['log', 'web'], totalCount: 2 })
  expect(await page('isNeeded: false')).toMatchObject({ names: ['tool'] })
  expect(await page('isNeeded: true, isDirect: false')).toMatchObject({ names: ['fmt', 'http', 'parser'] })
  const refused = await ask(app, 'packages(after: "x") { totalCount }')
  expect(refused.errors?.[0]?.message).toMatch(/^after is not a cursor of this list/)
})

test('the columns of the picture have a number for each package and each dependency', async () => {
  const app = await analysedApp([switchText(packages)])
  const { data, errors } = await ask(
    app,
    `graph { names versions sourceUrls isDescribed parents dominators dependencyCounts dependantCounts from to }`,
  )
  expect(errors).toBeUndefined()
  expect(app.takeQueries()).toHaveLength(2)
  expect(data.build.dependencies.graph).toEqual({
    names: ['app', 'fmt', 'http', 'log', 'parser', 'tool', 'web'],
    versions: Array(7).fill('1'),
    sourceUrls: Array(7).fill(null),
    isDescribed: Array(7).fill(true),
    parents: [null, 3, 6, 0, 2, null, 0],
    dominators: [null, 3, 6, 0, 2, null, 0],
    dependencyCounts: [5, 0, 3, 1, 3, 1, 4],
    dependantCounts: [0, 6, 3, 4, 3, 0, 1],
    from: [0, 0, 2, 2, 3, 4, 5, 6, 6],
    to: [3, 6, 3, 4, 1, 2, 1, 2, 3],
  })
})

test('a thousand packages are a matter of two statements, too', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `p${index}`)
  const many = Object.fromEntries(names.map((name, index) => [name, [`p${index + 1}`, `p${index + 2}`]]))
  const app = await analysedApp([switchText(many)])
  const { data, errors } = await ask(
    app,
    `graph { names from to } packages(first: 100) { totalCount nodes { name why(first: 5) { totalCount } } }`,
  )
  expect(errors).toBeUndefined()
  expect(app.takeQueries()).toHaveLength(2)
  expect(data.build.dependencies.graph.names).toHaveLength(1_000)
  expect(data.build.dependencies.packages.totalCount).toBe(999)
})

test('builds without a switch, with a malformed one, and with two roots have no dependencies, and a reason', async () => {
  const app = await analysedApp([null, 'roots: [', 'roots: ["a.1" "b.1"] installed: ["a.1" "b.1"]'])
  const { data } = await app.graphql(
    `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Build { dependencies { neededCount }
      analyses(kinds: [DEPENDENCIES]) { state error } } } }`,
    { ids: [0, 1, 2].map((index) => Buffer.from(`Build:${uuidOf(index)}`).toString('base64')) },
  )
  expect(data.nodes).toEqual([
    { dependencies: null, analyses: [] },
    {
      dependencies: null,
      analyses: [{ state: 'FAILED', error: expect.stringContaining('malformed opam file at line 1') }],
    },
    {
      dependencies: null,
      analyses: [{ state: 'FAILED', error: '2 root packages: a graph has exactly one root' }],
    },
  ])
})

test('it is null until it is analysed', async () => {
  const app = await testApp()
  await app.upload(sampleRecord({ uuid: uuidOf(0) }))
  expect((await ask(app, 'neededCount')).data.build.dependencies).toBeNull()
})

test('queries for lists of lists of lists are refused', async () => {
  const app = await analysedApp([switchText(packages)])
  const { errors } = await ask(
    app,
    `packages(first: 100) { nodes { dependants(first: 100) { nodes { dependencies(first: 100) { nodes { name } } } } } }`,
  )
  expect(errors?.[0]?.message).toMatch(/complex|cost/i)
})
