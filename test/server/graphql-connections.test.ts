import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { receiveAll, sha256, siteOf, uuidOf } from './graphql-site.ts'

let app: TestApp

// Two builds of a job start in the same instant, and those of the three jobs, too.
beforeAll(async () => {
  app = await siteOf(3, 9)
  const odd = ['😀', '\u{ffee}', 'é', 'z', 'a/b', 'a b', 'a-b', 'A', '10', '9'].map((path) =>
    file(path, path),
  )
  const lines = Array.from({ length: 23 }, (_, n) => ({ deltaNs: BigInt(n), text: Buffer.from(`line ${n}`) }))
  await receiveAll(app, [
    sampleRecord({ job: '😀', uuid: uuidOf(900), artifacts: odd, console: lines }),
    sampleRecord({ job: '\u{ffee}', uuid: uuidOf(901), artifacts: [] }),
  ])
})
afterAll(() => app.close())

type Page = {
  edges: { cursor: string; node: Record<string, unknown> }[]
  nodes: unknown[]
  totalCount: number
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
}

/** Lists, by the way to them; the operation has the arguments of one page as variables. */
const lists: Record<string, { field: string; item: string; path: string[]; around?: [string, string] }> = {
  jobs: { field: 'jobs', item: 'name', path: ['jobs'] },
  'jobs on a platform': {
    field: 'jobs',
    item: 'name',
    path: ['platform', 'jobs'],
    around: ['platform(name: "debian-12") {', '}'],
  },
  platforms: { field: 'platforms', item: 'name', path: ['platforms'] },
  builds: { field: 'builds', item: 'uuid', path: ['builds'] },
  'failed builds': { field: 'builds(filter: { status: FAILED }', item: 'uuid', path: ['builds'] },
  'builds since and until': {
    field: 'builds(filter: { since: "2026-10-01T00:01:00Z", until: "2026-10-01T00:04:00Z" }',
    item: 'uuid',
    path: ['builds'],
  },
  'builds of a job': {
    field: 'builds',
    item: 'uuid',
    path: ['job', 'builds'],
    around: ['job(name: "job-01") {', '}'],
  },
  'builds of a job on a platform': {
    field: 'builds(platform: "debian-13"',
    item: 'uuid',
    path: ['job', 'builds'],
    around: ['job(name: "job-01") {', '}'],
  },
  'builds on a platform': {
    field: 'builds(status: SUCCEEDED',
    item: 'uuid',
    path: ['platform', 'builds'],
    around: ['platform(name: "debian-12") {', '}'],
  },
  'artifacts of a build': {
    field: 'artifacts',
    item: 'path',
    path: ['build', 'artifacts'],
    around: [`build(uuid: "${uuidOf(900)}") {`, '}'],
  },
  'artifacts with some content': {
    field: `artifacts(sha256: "${sha256('shared')}"`,
    item: 'id',
    path: ['artifacts'],
  },
  'lines of a console': {
    field: 'console',
    item: 'number',
    path: ['build', 'console'],
    around: [`build(uuid: "${uuidOf(900)}") {`, '}'],
  },
}

type PageArgs = { first?: number; last?: number; after?: string | null; before?: string | null }

async function readPage(name: string, args: PageArgs): Promise<Page> {
  const list = lists[name]
  if (!list) throw new Error(`no list ${name}`)
  const { field, item, path, around: [head, tail] = ['', ''] } = list
  const opened = field.includes('(') ? `${field},` : `${field}(`
  const { data, errors } = await app.graphql(
    `query ($first: Int, $last: Int, $after: String, $before: String) { ${head}
      ${opened} first: $first, last: $last, after: $after, before: $before) {
        totalCount edges { cursor node { ${item} } } nodes { ${item} }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      } ${tail} }`,
    args,
  )
  expect(errors).toBeUndefined()
  return path.reduce((value, key) => value[key], data) as Page
}

/** Page through a list by pages of these sizes in turn, forwards or backwards, and put them together. */
async function readAll(name: string, sizes: readonly number[], backward: boolean): Promise<unknown[]> {
  const all: unknown[] = []
  let cursor: string | null = null
  for (let turn = 0; ; turn++) {
    const size = sizes[turn % sizes.length]
    const page = await readPage(
      name,
      backward ? { last: size, before: cursor } : { first: size, after: cursor },
    )
    expect(page.nodes).toEqual(page.edges.map(({ node }) => node))
    expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor ?? null)
    expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null)
    all.splice(backward ? 0 : all.length, 0, ...page.nodes)
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = page.pageInfo
    if (!(backward ? hasPreviousPage : hasNextPage)) {
      expect(all).toHaveLength(page.totalCount)
      return all
    }
    cursor = backward ? startCursor : endCursor
  }
}

test.each(Object.keys(lists))(
  '%s: pages of any size, from either end, give each item once, in order',
  async (name) => {
    const whole = await readPage(name, { first: 100 })
    expect(whole.totalCount).toBe(whole.nodes.length)
    expect(whole.nodes.length).toBeGreaterThan(2)
    expect(new Set(whole.nodes.map((node) => JSON.stringify(node))).size).toBe(whole.nodes.length)
    expect((await readPage(name, { last: 100 })).nodes).toEqual(whole.nodes)
    const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(sizes, fc.boolean(), async (pageSizes, backward) => {
        expect(await readAll(name, pageSizes, backward)).toEqual(whole.nodes)
      }),
      { seed: 20_261_124, numRuns: 12 },
    )
  },
)

test('builds are newest first, and of one instant the later stored first', async () => {
  const { data } = await app.graphql(`{ builds(first: 100) { nodes { uuid startedAt } } }`)
  const keys = data.builds.nodes.map(
    ({ uuid, startedAt }: { uuid: string; startedAt: string }) => `${startedAt} ${uuid}`,
  )
  expect(keys).toEqual(keys.toSorted().toReversed())
})

test('a page between two cursors has the items between them, from either end', async () => {
  const { edges } = await readPage('builds', { first: 10 })
  const [after, before] = [edges[2]?.cursor, edges[8]?.cursor]
  const between = edges.slice(3, 8).map(({ node }) => node)
  expect((await readPage('builds', { after, before })).nodes).toEqual(between)
  expect((await readPage('builds', { last: 2, after, before })).nodes).toEqual(between.slice(-2))
  expect((await readPage('builds', { first: 2, after, before })).nodes).toEqual(between.slice(0, 2))
  expect((await readPage('builds', { first: 2, after: before, before: after })).nodes).toEqual([])
})

test('a page of nothing says whether there is something', async () => {
  const page = await readPage('builds', { first: 0 })
  expect(page.nodes).toEqual([])
  expect(page.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: null,
    endCursor: null,
  })
})

const filters: [filter: string, uuids: (number: number) => boolean][] = [
  ['{ job: "job-01" }', (n) => n >= 9 && n < 18],
  ['{ platform: "debian-13" }', (n) => n < 27 && (n % 9) % 3 === 1],
  [
    '{ job: "job-02", platform: "debian-12", status: SUCCEEDED }',
    (n) => n >= 18 && n < 27 && (n % 9) % 3 === 0,
  ],
  ['{ status: FAILED }', (n) => n < 27 && (n % 9) % 3 === 2],
  ['{ since: "2026-10-01T00:04:00Z" }', (n) => n >= 27 || n % 9 === 8],
  ['{ until: "2026-10-01T00:01:00Z" }', (n) => n < 27 && n % 9 < 2],
  [
    '{ since: "2026-10-01T00:01:00+00:00", until: "2026-10-01T00:02:00Z", status: FAILED }',
    (n) => n < 27 && n % 9 === 2,
  ],
  ['{ job: "nowhere" }', () => false],
  ['{ platform: "" }', () => false],
  ['{}', () => true],
]

test.each(filters)('builds(filter: %s)', async (filter, matches) => {
  const { data } = await app.graphql(
    `{ builds(first: 100, filter: ${filter}) { totalCount nodes { uuid } } }`,
  )
  const numbers = [...Array(27).keys(), 900, 901].filter(matches)
  expect(data.builds.totalCount).toBe(numbers.length)
  expect(data.builds.nodes.map(({ uuid }: { uuid: string }) => uuid).sort()).toEqual(
    numbers.map(uuidOf).sort(),
  )
})

/** Conditions on the builds of a job and of a platform, and the same of all builds. */
const conditions = [
  'status: FAILED',
  'verdict: NO_OUTPUT',
  'verdict: REPRODUCED, status: SUCCEEDED',
  'since: "2026-10-01T00:01:00Z"',
  'until: "2026-10-01T00:03:00Z"',
  'receivedSince: "2026-01-01T00:00:00Z"',
  'receivedSince: "2100-01-01T00:00:00Z"',
  'order: RECEIVED',
  'order: RECEIVED, status: SUCCEEDED, until: "2026-10-01T00:03:00Z"',
]

test.each(conditions)(
  'lists of the builds of a job and of a platform take %s like that of all',
  async (own) => {
    const filter = own.replace(/order: \w+(, )?/, '')
    const order = /order: \w+/.exec(own)?.[0] ?? ''
    const list = 'totalCount nodes { uuid }'
    const { data, errors } = await app.graphql(`{
    job(name: "job-01") {
      all: builds(first: 100, ${own}) { ${list} }
      one: builds(first: 100, ${own}, platform: "debian-13") { ${list} } }
    platform(name: "debian-13") {
      all: builds(first: 100, ${own}) { ${list} }
      one: builds(first: 100, ${own}, job: "job-01") { ${list} } }
    ofJob: builds(first: 100, ${order} filter: { job: "job-01" ${filter} }) { ${list} }
    ofPlatform: builds(first: 100, ${order} filter: { platform: "debian-13" ${filter} }) { ${list} }
    ofBoth: builds(first: 100, ${order} filter: { job: "job-01", platform: "debian-13" ${filter} }) { ${list} } }`)
    expect(errors).toBeUndefined()
    expect(data.job).toEqual({ all: data.ofJob, one: data.ofBoth })
    expect(data.platform).toEqual({ all: data.ofPlatform, one: data.ofBoth })
    expect(data.ofJob.nodes).toHaveLength(data.ofJob.totalCount as number)
  },
)

test.each([
  ['{ search: "JOB-0" }', ['job-00', 'job-01', 'job-02']],
  ['{ search: "%" }', []],
  ['{ search: "_" }', []],
  ['{ search: "\\\\" }', []],
  ['{ search: "😀" }', ['😀']],
  ['{ search: "" }', ['job-00', 'job-01', 'job-02', '\u{ffee}', '😀']],
  ['{ hasSection: false, platform: "debian-13" }', ['job-00', 'job-01', 'job-02']],
  ['{ section: "Packages" }', []],
  ['{ platform: "plan9" }', []],
  ['{ activeWithinDays: 36500 }', ['job-00', 'job-01', 'job-02', '\u{ffee}', '😀']],
])('jobs(filter: %s)', async (filter, names) => {
  const { data } = await app.graphql(`{ jobs(filter: ${filter}) { totalCount nodes { name } } }`)
  expect(data.jobs).toEqual({ totalCount: names.length, nodes: names.map((name) => ({ name })) })
})

test('recent jobs are those that the limit of the site lets through', async () => {
  const days = (ago: number) => new Date(Date.now() - ago * 86_400_000)
  for (const [limit, names] of [
    ['30', ['new']],
    ['90', ['new', 'old']],
    ['0', ['new', 'old']],
  ] as const) {
    const site = await testApp({ env: { BUILDER_HUB_EXPIRED_JOBS: limit } })
    await receiveAll(site, [
      sampleRecord({ job: 'new', startedAt: days(29) }),
      sampleRecord({ job: 'old', startedAt: days(31) }),
    ])
    const { data } = await site.graphql(
      `{ site { jobCount recentJobCount } jobs(filter: { recent: true }) { totalCount nodes { name } }
         all: jobs(filter: { recent: false }) { totalCount } }`,
    )
    expect(data).toEqual({
      site: { jobCount: 2, recentJobCount: names.length },
      jobs: { totalCount: names.length, nodes: names.map((name) => ({ name })) },
      all: { totalCount: 2 },
    })
  }
})
