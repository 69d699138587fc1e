import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectDir, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { receiveAll, uuidOf } from './graphql-site.ts'

/** One job on more platforms than any list has, all with one output; the last ones were stored last. */
const platformCount = 130
const nameOf = (number: number) => `platform-${String(number).padStart(3, '0')}`
const newest = Array.from({ length: 12 }, (_, n) => nameOf(platformCount - 12 + n))

let app: TestApp

beforeAll(async () => {
  app = await testApp({ keep: true, env: { BUILDER_HUB_EXPIRED_JOBS: '36500' } })
  const records = Array.from({ length: platformCount }, (_, number) =>
    sampleRecord({
      job: 'hello',
      platform: nameOf(number),
      uuid: uuidOf(number),
      startedAt: new Date(Date.UTC(2026, 9, 1) + number * 60_000),
      artifacts: [file('bin/hello', 'binary')],
    }),
  )
  await receiveAll(app, records)
})
afterAll(() => app.close())

test('lists of the platforms of a job have the newest, and the number of all', async () => {
  const { data, errors } = await app.graphql(`{ job(name: "hello") {
    platformCount platforms { name } standings { platform { name } newestBuild { uuid } }
    history { platformCount series { platform { name } } }
    outputs { nodes { buildCount newestBuilds { platform { name } } } } } }`)
  expect(errors).toBeUndefined()
  const { platforms, standings, history, outputs } = data.job
  const names = (list: { platform: { name: string } }[]) => list.map(({ platform }) => platform.name)
  expect(data.job.platformCount).toBe(platformCount)
  expect(platforms).toEqual(newest.map((name) => ({ name })))
  expect(names(standings)).toEqual(newest)
  expect(history.platformCount).toBe(platformCount)
  expect(history.series).toHaveLength(12)
  expect(outputs.nodes).toMatchObject([{ buildCount: platformCount }])
  expect(names(outputs.nodes[0].newestBuilds)).toEqual(newest)
})

test('the list of all platforms has pages by name, and an output has the first by name', async () => {
  const { data } = await app.graphql(
    '{ site { platformCount } platforms(first: 100) { totalCount nodes { name } pageInfo { endCursor } } builds(first: 1) { nodes { reproducibility { platformCount platforms { name } } } } }',
  )
  expect(data.site.platformCount).toBe(platformCount)
  const { totalCount, nodes, pageInfo } = data.platforms
  expect(totalCount).toBe(platformCount)
  const rest = await app.graphql(
    'query ($after: String) { platforms(first: 100, after: $after) { nodes { name } } }',
    {
      after: pageInfo.endCursor,
    },
  )
  expect([...nodes, ...rest.data.platforms.nodes]).toEqual(
    Array.from({ length: platformCount }, (_, n) => ({ name: nameOf(n) })),
  )
  expect(data.builds.nodes[0].reproducibility).toEqual({
    platformCount,
    platforms: Array.from({ length: 12 }, (_, n) => ({ name: nameOf(n) })),
  })
})

const documents = Object.values(
  JSON.parse(readFileSync(join(projectDir, 'web/gql/persisted-documents.json'), 'utf8')) as Record<
    string,
    string
  >,
)

test.each([
  ['home page', 'HomePage', {}, 20_000],
  ['page of platforms', 'PlatformsPage', { first: 50 }, 50_000],
])(
  'the %s of such a site is short, with as many statements as ever',
  async (_name, query, variables, most) => {
    const page = documents.find((document) => document.includes(`query ${query}`))
    if (!page) throw new Error(`the application has no query ${query}`)
    app.takeQueries()
    const answer = await app.graphql(page, variables)
    expect(answer.errors).toBeUndefined()
    expect(app.takeQueries().length).toBeLessThanOrEqual(8)
    expect(JSON.stringify(answer.data).length).toBeLessThan(most)
  },
)
