import { beforeEach, expect, test } from 'vitest'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { basicAuth, bytesOf, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'

let app: TestApp
let day = 0

beforeEach(async () => {
  app = await testApp()
  day = 0
})

type BuildFacts = {
  input: string
  output: string | null
  platform?: string
  job?: string
  failed?: boolean
  script?: string
}

/** A record of the next day; equal inputs and outputs are equal words. */
function built({
  input,
  output,
  platform = 'debian-12',
  job = 'hello',
  failed = false,
  script = 'make',
}: BuildFacts): ExecRecord {
  day += 1
  return sampleRecord({
    job,
    script: Buffer.from(script),
    platform,
    startedAt: new Date(Date.UTC(2026, 0, day)),
    result: { kind: 'exited', code: failed ? 1n : 0n },
    artifacts: [
      ...(output === null ? [] : [file('bin/hello', output)]),
      file('opam-switch', input),
      file('build-environment', 'PATH=/bin'),
      file('system-packages', 'gcc=12'),
    ],
  })
}

async function upload(facts: BuildFacts): Promise<string> {
  const record = built(facts)
  const answer = await app.upload(record)
  expect(answer.status).toBe(201)
  return record.uuid
}

const asked = `verdict buildCount inputCount uploaders platforms { name } otherOutputCount otherOutputs { uuid }`

async function ask(uuid: string) {
  const { data, errors } = await app.graphql(
    `query ($uuid: UUID!) { build(uuid: $uuid) { reproducibility { ${asked}
      all: reproductions { totalCount nodes { uuid } }
      same: reproductions(input: SAME) { totalCount nodes { uuid } }
      other: reproductions(input: OTHER) { totalCount nodes { uuid } } } } }`,
    { uuid },
  )
  expect(errors).toBeUndefined()
  return data.build.reproducibility
}

test('a build without a repetition is unconfirmed', async () => {
  const alone = await upload({ input: 'i1', output: 'a' })
  expect(await ask(alone)).toMatchObject({ verdict: 'UNCONFIRMED', buildCount: 1, inputCount: 1 })
})

test('a build without a main binary has no output', async () => {
  const failed = await upload({ input: 'i1', output: null, failed: true })
  expect(await ask(failed)).toMatchObject({
    verdict: 'NO_OUTPUT',
    buildCount: 0,
    all: { totalCount: 0, nodes: [] },
  })
})

test('reproduced: how often, on which platforms, by whom, from how many inputs', async () => {
  const bob = { name: 'bob', password: 'secret' }
  await addUser(app.deps.writer, byServer(), { ...bob, unrestricted: true })
  const first = await upload({ input: 'i1', output: 'a' })
  const again = await upload({ input: 'i1', output: 'a' })
  const elsewhere = built({ input: 'i2', output: 'a', platform: 'freebsd-14' })
  await fetch(`${app.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(bob) },
    body: await bytesOf(encodeExecRecord(elsewhere)),
  })
  expect(await ask(first)).toEqual({
    verdict: 'REPRODUCED',
    buildCount: 3,
    inputCount: 2,
    uploaders: ['alice', 'bob'],
    platforms: [{ name: 'debian-12' }, { name: 'freebsd-14' }],
    otherOutputCount: 0,
    otherOutputs: [],
    all: { totalCount: 2, nodes: [{ uuid: elsewhere.uuid }, { uuid: again }] },
    same: { totalCount: 1, nodes: [{ uuid: again }] },
    other: { totalCount: 1, nodes: [{ uuid: elsewhere.uuid }] },
  })
})

test('not reproducible: the same input gave other outputs, one build for each', async () => {
  const first = await upload({ input: 'i1', output: 'a' })
  await upload({ input: 'i1', output: 'b' })
  const newerB = await upload({ input: 'i1', output: 'b' })
  const c = await upload({ input: 'i1', output: 'c' })
  await upload({ input: 'i2', output: 'd' })
  expect(await ask(first)).toMatchObject({
    verdict: 'NOT_REPRODUCIBLE',
    buildCount: 1,
    otherOutputCount: 2,
    otherOutputs: [{ uuid: c }, { uuid: newerB }],
  })
})

test('other outputs that started at the same time are in the order of lists: the one stored last is first', async () => {
  const first = await upload({ input: 'i1', output: 'a' })
  const others: string[] = []
  // Eight outputs, so that an order by their hashes would hardly be this one.
  for (const output of ['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']) {
    day = 1
    others.unshift(await upload({ input: 'i1', output }))
  }
  const { otherOutputs } = await ask(first)
  expect(otherOutputs.map(({ uuid }: { uuid: string }) => uuid)).toEqual(others)
  const { data } = await app.graphql(`{ builds(first: 8) { nodes { uuid } } }`)
  expect(data.builds.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(others)
})

test('other outputs of other scripts or platforms only: what differs is told', async () => {
  const differsIn = async (uuid: string) => {
    const { data } = await app.graphql(
      `query ($uuid: UUID!) { build(uuid: $uuid) { reproducibility { otherOutputsDifferIn } } }`,
      { uuid },
    )
    return data.build.reproducibility.otherOutputsDifferIn
  }
  const first = await upload({ input: 'i1', output: 'a' })
  expect(await differsIn(first)).toEqual([])
  const script = await upload({ input: 'i1', output: 'b', script: 'make -j2' })
  expect(await differsIn(first)).toEqual(['SCRIPT'])
  expect(await differsIn(script)).toEqual(['SCRIPT'])
  await upload({ input: 'i1', output: 'b', script: 'make -j2', platform: 'freebsd-14' })
  expect(await differsIn(first)).toEqual(['SCRIPT'])
  // A failed build, and one with the same output, say nothing.
  await upload({ input: 'i1', output: null, failed: true })
  await upload({ input: 'i1', output: 'a' })
  expect(await differsIn(first)).toEqual(['SCRIPT'])
  await upload({ input: 'i1', output: 'c' })
  expect(await differsIn(first)).toEqual([])
  const elsewhere = await upload({ input: 'i2', output: 'd', platform: 'freebsd-14', script: 'gmake' })
  await upload({ input: 'i2', output: 'e' })
  expect(await differsIn(elsewhere)).toEqual(['SCRIPT', 'PLATFORM'])
})

test('a failure from the same input is no other output', async () => {
  const first = await upload({ input: 'i1', output: 'a' })
  await upload({ input: 'i1', output: null, failed: true })
  expect(await ask(first)).toMatchObject({ verdict: 'UNCONFIRMED' })
})

test('latest, next and previous different output stay on the job and platform', async () => {
  const first = await upload({ input: 'i1', output: 'a' })
  const second = await upload({ input: 'i1', output: 'a' })
  await upload({ input: 'x', output: 'z', job: 'other' })
  await upload({ input: 'x', output: 'y', platform: 'freebsd-14' })
  const failed = await upload({ input: 'i2', output: null, failed: true })
  const third = await upload({ input: 'i3', output: 'b' })
  const { data } = await app.graphql(
    `query ($uuids: [ID!]!) { nodes(ids: $uuids) { ... on Build { newestWithMainBinary { uuid } nextDifferentOutput { uuid }
      previousDifferentOutput { uuid } previousSuccess { uuid } nextSuccess { uuid } } } }`,
    { uuids: [first, second, failed, third].map((uuid) => Buffer.from(`Build:${uuid}`).toString('base64')) },
  )
  const at = (uuid: string | null) => (uuid === null ? null : { uuid })
  expect(data.nodes).toEqual([
    {
      newestWithMainBinary: at(third),
      nextDifferentOutput: at(third),
      previousDifferentOutput: null,
      previousSuccess: null,
      nextSuccess: at(second),
    },
    {
      newestWithMainBinary: at(third),
      nextDifferentOutput: at(third),
      previousDifferentOutput: null,
      previousSuccess: at(first),
      nextSuccess: at(third),
    },
    {
      newestWithMainBinary: at(third),
      nextDifferentOutput: null,
      previousDifferentOutput: null,
      previousSuccess: at(second),
      nextSuccess: at(third),
    },
    {
      newestWithMainBinary: at(third),
      nextDifferentOutput: null,
      previousDifferentOutput: at(second),
      previousSuccess: at(second),
      nextSuccess: null,
    },
  ])
})

test('outputs of a job: distinct main binaries with counts, on all platforms or one', async () => {
  await upload({ input: 'i1', output: 'a' })
  const b = await upload({ input: 'i2', output: 'bb' })
  const a2 = await upload({ input: 'i3', output: 'a', platform: 'freebsd-14' })
  await upload({ input: 'i4', output: null, failed: true })
  const outputs = `totalCount nodes { sizeBytes buildCount firstBuild { platform { name } } newestBuild { uuid } }`
  const { data } = await app.graphql(
    `{ job(name: "hello") { outputs { ${outputs} } onFreeBsd: outputs(platform: "freebsd-14") { ${outputs} }
      nowhere: outputs(platform: "plan-9") { totalCount nodes { sizeBytes } } } }`,
  )
  expect(data.job).toEqual({
    outputs: {
      totalCount: 2,
      nodes: [
        {
          sizeBytes: 1,
          buildCount: 2,
          firstBuild: { platform: { name: 'debian-12' } },
          newestBuild: { uuid: a2 },
        },
        {
          sizeBytes: 2,
          buildCount: 1,
          firstBuild: { platform: { name: 'debian-12' } },
          newestBuild: { uuid: b },
        },
      ],
    },
    onFreeBsd: {
      totalCount: 1,
      nodes: [
        {
          sizeBytes: 1,
          buildCount: 1,
          firstBuild: { platform: { name: 'freebsd-14' } },
          newestBuild: { uuid: a2 },
        },
      ],
    },
    nowhere: { totalCount: 0, nodes: [] },
  })
})

const statementsOf = async (query: string, variables: Record<string, unknown> = {}) => {
  app.takeQueries()
  const { errors } = await app.graphql(query, variables)
  expect(errors).toBeUndefined()
  return app.takeQueries().length
}

test('outputs have a verdict, and the newest build on each platform', async () => {
  await upload({ input: 'i1', output: 'a' })
  const onDebian = await upload({ input: 'i1', output: 'a' })
  const onFreeBsd = await upload({ input: 'i1', output: 'a', platform: 'freebsd-14' })
  const other = await upload({ input: 'i2', output: 'bb' })
  const rival = await upload({ input: 'i2', output: 'ccc' })
  const outputs = 'nodes { sizeBytes verdict firstStartedAt newestStartedAt newestBuilds { uuid } }'
  const { data } = await app.graphql(
    `{ job(name: "hello") { outputs { ${outputs} } onDebian: outputs(platform: "debian-12", last: 1) { ${outputs} } } }`,
  )
  const at = (date: number) => new Date(Date.UTC(2026, 0, date)).toISOString()
  const [a, verdict] = [{ sizeBytes: 1, verdict: 'REPRODUCED', firstStartedAt: at(1) }, 'NOT_REPRODUCIBLE']
  expect(data.job.outputs.nodes).toEqual([
    { sizeBytes: 3, verdict, firstStartedAt: at(5), newestStartedAt: at(5), newestBuilds: [{ uuid: rival }] },
    { sizeBytes: 2, verdict, firstStartedAt: at(4), newestStartedAt: at(4), newestBuilds: [{ uuid: other }] },
    { ...a, newestStartedAt: at(3), newestBuilds: [{ uuid: onDebian }, { uuid: onFreeBsd }] },
  ])
  expect(data.job.onDebian.nodes).toEqual([
    { ...a, newestStartedAt: at(2), newestBuilds: [{ uuid: onDebian }] },
  ])
})

test('verdicts of a list cost no statement, and how often each was reproduced one for all', async () => {
  for (let n = 0; n < 6; n++) await upload({ input: `i${n}`, output: n % 2 ? 'a' : 'b' })
  for (const first of [1, 6]) {
    const list = (fields: string) => statementsOf(`{ builds(first: ${first}) { nodes { uuid ${fields} } } }`)
    const alone = await list('')
    expect(await list('reproducibility { verdict }')).toBe(alone)
    expect(await list('reproducibility { verdict buildCount inputCount }')).toBe(alone + 1)
  }
})

test('the relatives of all builds of a list cost two statements', async () => {
  for (let n = 0; n < 6; n++) await upload({ input: `i${n}`, output: n % 2 ? 'a' : 'b' })
  for (const first of [2, 6]) {
    const list = (fields: string) => statementsOf(`{ builds(first: ${first}) { nodes { uuid ${fields} } } }`)
    const related = [
      'newestWithMainBinary',
      'nextDifferentOutput',
      'previousDifferentOutput',
      'nextSuccess',
      'previousSuccess',
    ]
    const asked = related.map((name) => `${name} { uuid startedAt }`).join(' ')
    expect(await list(asked)).toBe((await list('')) + 2)
  }
})

test('builds of a job are filtered by platform, verdict, status and date, and counted exactly', async () => {
  await upload({ input: 'i1', output: 'a' }) // 1 January
  await upload({ input: 'i1', output: 'a', platform: 'freebsd-14' })
  await upload({ input: 'i2', output: 'b' })
  await upload({ input: 'i2', output: 'c', failed: true })
  await upload({ input: 'i3', output: 'd' })
  await upload({ input: 'i4', output: null, failed: true })
  await upload({ input: 'i4', output: null }) // 7 January
  await upload({ input: 'i1', output: 'a', job: 'other' })
  const days = async (args: string) => {
    const nodes = 'totalCount nodes { startedAt reproducibility { verdict } }'
    const { data, errors } = await app.graphql(
      `{ job(name: "hello") { builds(first: 100, ${args}) { ${nodes} } }
         builds(filter: { job: "hello", ${args} }) { ${nodes} } }`,
    )
    expect(errors).toBeUndefined()
    expect(data.builds).toEqual(data.job.builds)
    expect(data.builds.totalCount).toBe(data.builds.nodes.length)
    return data.builds.nodes.map((build: { startedAt: string }) => new Date(build.startedAt).getUTCDate())
  }
  expect(await days('verdict: REPRODUCED')).toEqual([2, 1])
  expect(await days('verdict: REPRODUCED, platform: "debian-12"')).toEqual([1])
  expect(await days('verdict: NOT_REPRODUCIBLE')).toEqual([4, 3])
  expect(await days('verdict: NOT_REPRODUCIBLE, status: FAILED')).toEqual([4])
  expect(await days('verdict: UNCONFIRMED')).toEqual([5])
  expect(await days('verdict: NO_OUTPUT')).toEqual([7, 6])
  expect(await days('verdict: NO_OUTPUT, status: SUCCEEDED')).toEqual([7])
  expect(await days('since: "2026-01-02T00:00:00Z", until: "2026-01-05T00:00:00Z"')).toEqual([4, 3, 2])
  expect(await days('since: "2026-01-02T00:00:00Z", verdict: REPRODUCED')).toEqual([2])
  expect(await days('until: "2026-01-02T00:00:00Z", platform: "freebsd-14"')).toEqual([])
})

test('where a job stands: its newest build and its newest success on each platform', async () => {
  const good = await upload({ input: 'i1', output: 'a' })
  const elsewhere = await upload({ input: 'i2', output: 'b', platform: 'freebsd-14' })
  const failed = await upload({ input: 'i3', output: null, failed: true })
  const never = await upload({ input: 'i4', output: null, failed: true, platform: 'plan-9' })
  const standings = async () => {
    const { data } = await app.graphql(
      `{ job(name: "hello") { standings { platform { name } newestBuild { uuid } newestSuccess { uuid } } } }`,
    )
    return data.job.standings.map(
      (one: {
        platform: { name: string }
        newestBuild: { uuid: string }
        newestSuccess: { uuid: string } | null
      }) => [one.platform.name, one.newestBuild.uuid, one.newestSuccess?.uuid ?? null],
    )
  }
  expect(await standings()).toEqual([
    ['debian-12', failed, good],
    ['freebsd-14', elsewhere, elsewhere],
    ['plan-9', never, null],
  ])
  // A success that arrives late is not the newest.
  const again = await upload({ input: 'i1', output: 'a' })
  await app.upload({ ...built({ input: 'i1', output: 'a' }), startedAt: new Date(0) })
  expect((await standings())[0]).toEqual(['debian-12', again, again])
})

test('reproductions are filtered and ordered like every list of builds', async () => {
  const first = await upload({ input: 'i1', output: 'a' })
  const elsewhere = await upload({ input: 'i1', output: 'a', platform: 'freebsd-14' })
  const other = await upload({ input: 'i2', output: 'a', job: 'other' })
  const failed = await upload({ input: 'i1', output: 'a', failed: true })
  const list = async (uuid: string, args: string) => {
    const { data, errors } = await app.graphql(
      `query ($uuid: UUID!) { build(uuid: $uuid) { reproducibility {
        reproductions(${args}) { totalCount nodes { uuid } } } } }`,
      { uuid },
    )
    expect(errors).toBeUndefined()
    const { totalCount, nodes } = data.build.reproducibility.reproductions
    const uuids = (nodes as { uuid: string }[]).map((node) => node.uuid)
    expect(totalCount).toBe(uuids.length)
    return uuids
  }
  for (const [args, expected] of [
    ['platform: "freebsd-14"', [elsewhere]],
    ['platform: "debian-12"', [failed, other]],
    ['platform: "plan-9"', []],
    ['job: "other"', [other]],
    ['job: "hello", input: SAME', [failed, elsewhere]],
    ['job: "hello", input: OTHER', []],
    ['status: FAILED', [failed]],
    ['status: SUCCEEDED', [other, elsewhere]],
    ['verdict: REPRODUCED', [failed, other, elsewhere]],
    ['verdict: UNCONFIRMED', []],
    ['since: "2026-01-03T00:00:00Z"', [failed, other]],
    ['until: "2026-01-03T00:00:00Z"', [elsewhere]],
    ['receivedSince: "2020-01-01T00:00:00Z", order: RECEIVED', [failed, other, elsewhere]],
    ['receivedSince: "2999-01-01T00:00:00Z"', []],
  ] as const)
    expect({ args, found: await list(first, args) }).toEqual({ args, found: expected })
  // The build itself is left out, also where it does not match.
  expect(await list(elsewhere, 'platform: "freebsd-14"')).toEqual([])
  expect(await list(other, 'job: "hello"')).toEqual([failed, elsewhere, first])
})

test('pages of reproductions follow the order that is asked for', async () => {
  const late = built({ input: 'i1', output: 'a' })
  const uuids = [late.uuid]
  for (let n = 0; n < 3; n++) uuids.unshift(await upload({ input: 'i1', output: 'a' }))
  expect((await app.upload(late)).status).toBe(201)
  const own = uuids[0]
  const page = async (args: string) => {
    const { data } = await app.graphql(
      `query ($uuid: UUID!) { build(uuid: $uuid) { reproducibility {
        reproductions(${args}) { nodes { uuid } pageInfo { endCursor hasNextPage } } } } }`,
      { uuid: own },
    )
    const { nodes, pageInfo } = data.build.reproducibility.reproductions
    return { found: (nodes as { uuid: string }[]).map(({ uuid }) => uuid), ...pageInfo }
  }
  // `late` started first, and arrived last.
  expect((await page('first: 5')).found).toEqual(uuids.slice(1))
  const { found, endCursor, hasNextPage } = await page('first: 1, order: RECEIVED')
  expect(found).toEqual([late.uuid])
  expect(hasNextPage).toBe(true)
  expect(await page(`first: 5, order: RECEIVED, after: "${endCursor}"`)).toMatchObject({
    found: uuids.slice(1, 3),
    hasNextPage: false,
  })
})
