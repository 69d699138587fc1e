import { beforeAll, expect, test } from 'vitest'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { createWorkerPool, WorkersBusyError } from '../../../server/workers/worker-pool.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'

type Told = { n: number; at: string; output: string; platform?: string; dns?: string; environment?: string }

const opamSwitch = (dns: string) => `opam-version: "2.0"
roots: ["hello.1"]
installed: ["dns.${dns}" "hello.1"]
package "hello" { version: "1" }
`

function build({ n, at, output, platform = 'debian-12', dns = '7.0.2', environment = '' }: Told): ExecRecord {
  return sampleRecord({
    uuid: uuidOf(n),
    platform,
    startedAt: new Date(at),
    artifacts: [
      file('bin/hello', output),
      file('opam-switch', opamSwitch(dns)),
      file('build-environment', `PATH=/usr/bin\n${environment}`),
      file('system-packages', `${platform}=1\n`),
    ],
  })
}

/** Four outputs; the third was first built on FreeBSD while Debian still gave the second. */
const told: Told[] = [
  { n: 1, at: '2026-11-01T10:00:00Z', output: 'one' },
  { n: 2, at: '2026-11-02T10:00:00Z', output: 'two', dns: '7.0.3' },
  { n: 3, at: '2026-11-02T10:00:00Z', output: 'two', dns: '7.0.3', platform: 'freebsd-14' },
  {
    n: 4,
    at: '2026-11-03T10:00:00Z',
    output: 'three',
    dns: '7.0.3',
    platform: 'freebsd-14',
    environment: 'TZ=UTC\n',
  },
  { n: 5, at: '2026-11-04T10:00:00Z', output: 'two', dns: '7.0.3' },
  { n: 6, at: '2026-11-05T10:00:00Z', output: 'three', dns: '7.0.3', environment: 'TZ=UTC\n' },
  { n: 7, at: '2026-11-06T10:00:00Z', output: 'four', dns: '7.0.3', environment: 'TZ=UTC\n' },
]

const query = `query ($platform: String, $first: Int, $after: String) { job(name: "hello") {
  outputs(platform: $platform, first: $first, after: $after) {
    nodes { changeResourcePath change { resourcePath summary { headline } } } pageInfo { endCursor } } } }`

async function changesOf(app: TestApp, variables: Record<string, unknown> = {}) {
  const { data, errors } = await app.graphql(query, variables)
  expect(errors).toBeUndefined()
  return data.job.outputs
}

const change = (left: number, right: number, headline: string) => ({
  changeResourcePath: `/compare/${uuidOf(left)}/${uuidOf(right)}`,
  change: { resourcePath: `/compare/${uuidOf(left)}/${uuidOf(right)}`, summary: { headline } },
})

let app: TestApp
let underWay = 0
let mostUnderWay = 0

beforeAll(async () => {
  const workers = createWorkerPool()
  const counted: typeof workers = {
    ...workers,
    async run(...call) {
      mostUnderWay = Math.max(mostUnderWay, ++underWay)
      try {
        return await workers.run(...call)
      } finally {
        underWay -= 1
      }
    },
  }
  app = await testApp({ keep: true, workers: counted })
  await receiveAll(app, told.map(build))
  return () => app.close()
})

test('each output has the change from the previous output, on the same platform if possible', async () => {
  const { nodes } = await changesOf(app)
  expect(nodes).toEqual([
    change(6, 7, 'nothing that is recorded: not reproducible'),
    // Both on FreeBSD, though the last build of the output before was on Debian.
    change(3, 4, 'only the build environment'),
    change(1, 2, 'dns 7.0.2 → 7.0.3'),
    { changeResourcePath: null, change: null },
  ])
})

test.each([
  [
    'a platform that built both outputs, though another built the newer one first',
    [
      { n: 1, at: '2026-11-01T10:00:00Z', output: 'one', platform: 'debian-13' },
      { n: 2, at: '2026-11-02T10:00:00Z', output: 'two', dns: '7.0.3' },
      { n: 3, at: '2026-11-03T10:00:00Z', output: 'two', dns: '7.0.3', platform: 'debian-13' },
      { n: 4, at: '2026-11-04T10:00:00Z', output: 'two', dns: '7.0.3', platform: 'debian-13' },
    ],
    [1, 3],
  ],
  [
    'of several such platforms, the one that built the newer output first',
    [
      { n: 1, at: '2026-11-01T10:00:00Z', output: 'one' },
      { n: 2, at: '2026-11-01T11:00:00Z', output: 'one', platform: 'debian-13' },
      { n: 3, at: '2026-11-02T10:00:00Z', output: 'two', dns: '7.0.3', platform: 'freebsd-14' },
      { n: 4, at: '2026-11-03T10:00:00Z', output: 'two', dns: '7.0.3' },
      { n: 5, at: '2026-11-04T10:00:00Z', output: 'two', dns: '7.0.3', platform: 'debian-13' },
    ],
    [1, 4],
  ],
  [
    'two platforms, where no platform built both',
    [
      { n: 1, at: '2026-11-01T10:00:00Z', output: 'one', platform: 'debian-13' },
      { n: 2, at: '2026-11-02T10:00:00Z', output: 'two', dns: '7.0.3' },
    ],
    [1, 2],
  ],
  [
    'an older platform that built both, where none of twelve newer ones did',
    [
      { n: 1, at: '2026-11-01T10:00:00Z', output: 'one', platform: 'debian-13' },
      { n: 2, at: '2026-11-02T10:00:00Z', output: 'two', dns: '7.0.3', platform: 'debian-13' },
      ...Array.from({ length: 12 }, (_, n) => ({
        n: 3 + n,
        at: '2026-10-01T10:00:00Z',
        output: 'one',
        platform: `other-${n}`,
      })),
      { n: 15, at: '2026-11-01T11:00:00Z', output: 'one', platform: 'other-0' },
    ],
    [1, 2],
  ],
] as [string, Told[], [number, number]][])('a change is told on %s', async (_name, builds, [left, right]) => {
  const site = await testApp()
  await receiveAll(site, builds.map(build))
  const [newest] = (await changesOf(site)).nodes
  expect(newest.change.resourcePath).toBe(`/compare/${uuidOf(left)}/${uuidOf(right)}`)
})

test('of one platform, its own outputs follow each other', async () => {
  const { nodes } = await changesOf(app, { platform: 'debian-12' })
  expect(nodes).toEqual([
    change(6, 7, 'nothing that is recorded: not reproducible'),
    change(5, 6, 'only the build environment'),
    change(1, 2, 'dns 7.0.2 → 7.0.3'),
    { changeResourcePath: null, change: null },
  ])
})

test('the last output of a page is compared with the first of the next', async () => {
  const page = await changesOf(app, { first: 1 })
  expect(page.nodes).toEqual([change(6, 7, 'nothing that is recorded: not reproducible')])
  const next = await changesOf(app, { first: 1, after: page.pageInfo.endCursor })
  expect(next.nodes).toEqual([change(3, 4, 'only the build environment')])
})

test('the build that started earlier is on the left, also when outputs overlap', async () => {
  const overlapping = await testApp()
  await receiveAll(
    overlapping,
    [
      { n: 1, at: '2026-11-01T10:00:00Z', output: 'one' },
      { n: 2, at: '2026-11-02T10:00:00Z', output: 'two', dns: '7.0.3' },
      { n: 3, at: '2026-11-03T10:00:00Z', output: 'one' },
      { n: 4, at: '2026-11-04T10:00:00Z', output: 'two', dns: '7.0.3' },
    ].map(build),
  )
  expect((await changesOf(overlapping)).nodes).toEqual([
    change(2, 3, 'dns 7.0.3 → 7.0.2'),
    { changeResourcePath: null, change: null },
  ])
})

test('a page of twenty costs as many statements as one of two, and a few comparisons at once', async () => {
  const { deps } = app
  const many = await testApp({ workers: deps.workers })
  const builds = Array.from({ length: 21 }, (_, n): Told => {
    const at = new Date(Date.UTC(2026, 9, 1 + n)).toISOString()
    return { n: 100 + n, at, output: `output ${n}`, dns: `1.${n}` }
  })
  await receiveAll(many, builds.map(build))
  const statements = async (first: number) => {
    many.takeQueries()
    const { nodes } = await changesOf(many, { first })
    expect(nodes[0]).toEqual(change(119, 120, 'dns 1.19 → 1.20'))
    expect(nodes).toHaveLength(first)
    return many.takeQueries().length
  }
  mostUnderWay = 0
  expect(await statements(20)).toBe(6)
  expect(mostUnderWay).toBeLessThanOrEqual(4)
  expect(await statements(2)).toBe(6)
})

test('a hundred outputs with their changes are within the limits', async () => {
  const { nodes } = await changesOf(app, { first: 100 })
  expect(nodes).toHaveLength(4)
})

test('a list of lists reads the changes in several statements, and more than that is refused', async () => {
  const site = await testApp()
  const records = [0, 1, 2].flatMap((job) =>
    Array.from({ length: 90 }, (_, n) => ({
      ...build({
        n: 100 * job + n,
        at: new Date(Date.UTC(2026, 9, 1 + n)).toISOString(),
        output: `${job} ${n}`,
      }),
      job: `job-${job}`,
    })),
  )
  await receiveAll(site, records)
  const listOf = (jobs: number) =>
    `{ jobs(first: ${jobs}) { nodes { outputs(first: 100) { nodes { changeUrl changeResourcePath } } } } }`
  site.takeQueries()
  const { data, errors } = await site.graphql(listOf(3))
  expect(errors).toBeUndefined()
  for (const [job, { outputs }] of data.jobs.nodes.entries())
    expect(
      outputs.nodes.map((output: { changeResourcePath: string | null }) => output.changeResourcePath),
    ).toEqual(
      Array.from({ length: 90 }, (_, n) =>
        n === 89 ? null : `/compare/${uuidOf(100 * job + 88 - n)}/${uuidOf(100 * job + 89 - n)}`,
      ),
    )
  const parameters = site.takeQueries().map((statement) => statement.split('?').length - 1)
  expect(Math.max(...parameters)).toBeLessThan(999)
  const refused = await site.graphql(listOf(100))
  expect(refused.errors).toMatchObject([{ extensions: { code: 'COST_LIMIT' } }])
})

test('a server with too much to do leaves out the changes, and says so', async () => {
  const workers = createWorkerPool()
  const busy = await testApp({
    workers: {
      ...workers,
      async run() {
        throw new WorkersBusyError('the server has much to do: try again')
      },
    },
  })
  await receiveAll(
    busy,
    [
      { n: 1, at: '2026-11-01T10:00:00Z', output: 'one', dns: '0.1' },
      { n: 2, at: '2026-11-02T10:00:00Z', output: 'two', dns: '0.2' },
    ].map(build),
  )
  const { data, errors } = await busy.graphql(
    '{ job(name: "hello") { outputs { nodes { sha256 change { resourcePath } } } } }',
  )
  expect(data.job.outputs.nodes).toMatchObject([{ change: null }, { change: null }])
  expect(errors).toMatchObject([{ extensions: { code: 'BUSY' } }])
})
