import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { predicateTypes } from '../../../server/formats/signing/statement.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { judgeAllTask } from '../../../server/policy/judge-task.ts'
import { readSitePolicy } from '../../../server/policy/site-policy.ts'
import { enqueue } from '../../../server/runner/enqueue.ts'
import { receiveBuild } from '../../../server/uploads/receive-build.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { alice, testApp, type TestApp } from '../../app.ts'
import { hub } from '../../hub.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const bob = { name: 'bob', password: 'a long secret of bob' }
const inputs = [
  file('opam-switch', 'opam-version: "2.0"\nroots: ["hello.1"]\ninstalled: ["hello.1"]\n'),
  file('build-environment', 'OS=linux\n'),
  file('system-packages', 'gcc=12.2.0\n'),
]

let app: TestApp
let configDir: string

beforeAll(async () => {
  configDir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  app = await testApp({ keep: true, env: { BUILDER_HUB_CONFIG_DIR: configDir, BUILDER_HUB_SIGNING: 'on' } })
  await addUser(app.deps.writer, byServer(), { ...bob, unrestricted: true })
  await app.deps.runner.start()
  await receive(alice, 1, 'a unikernel')
  await receive(bob, 2, 'a unikernel')
})
afterAll(async () => {
  await app.close()
  rmSync(configDir, { recursive: true, force: true })
})

async function receive(user: typeof alice, n: number, content: string) {
  const uploader = await app.deps.authenticate({ kind: 'password', ...user }, 'test')
  const startedAt = new Date(Date.UTC(2026, 10, n))
  const artifacts = [file('bin/hello.hvt', content), ...inputs]
  await receiveBuild(
    app.deps,
    uploader,
    encodeExecRecord(sampleRecord({ uuid: uuidOf(n), startedAt, artifacts })),
  )
}

const usePolicy = async (policy: object) => {
  writeFileSync(join(configDir, 'policy.json'), JSON.stringify({ version: 1, ...policy }))
  readSitePolicy(app.deps.config)
  await app.deps.writer.transact(['tasks'], (tx) => enqueue(tx, [judgeAllTask], new Date()))
}

const twoGroups = {
  attesters: [
    { user: 'alice', group: 'robur' },
    { user: 'bob', group: 'tarides' },
  ],
  rules: [{ jobs: ['hello'], groups: 2 }],
}

const ask = async (n: number) => {
  const { data } = await app.graphql(
    `{ build(uuid: "${uuidOf(n)}") { reproducibility { grade { kind words builders } }
        trust { outcome reason groups isCurrent evidence { kind isAgainst attester group build } } } }`,
  )
  return data.build
}

const until = (n: number, expected: object) =>
  vi.waitFor(async () => expect(await ask(n)).toMatchObject(expected), { timeout: 60_000, interval: 50 })

test('without a policy, each user is a group of his own', async () => {
  await until(1, {
    reproducibility: {
      grade: {
        kind: 'CONFIRMED',
        words: 'Confirmed by 2 independent builders (alice, bob)',
        builders: ['alice', 'bob'],
      },
    },
    trust: null,
  })
  const badge = await (await fetch(`${app.url}/job/hello/badge.svg`)).text()
  expect(badge).toContain('confirmed by 2 independent builders (alice, bob)')
})

test('two users of one group are one voice, and the policy says what is missing', async () => {
  await usePolicy({
    attesters: [
      { user: 'alice', group: 'robur' },
      { user: 'bob', group: 'robur' },
    ],
    rules: [{ jobs: ['hello'], groups: 2 }],
  })
  await until(1, {
    reproducibility: { grade: { kind: 'REPEATED', words: 'Repeated here ×2', builders: [] } },
    trust: { outcome: 'NOT_YET', reason: 'needs 1 more group', groups: ['robur'], isCurrent: true },
  })
})

test('with two groups the output is trusted, with its evidence', async () => {
  await usePolicy(twoGroups)
  await until(2, {
    reproducibility: { grade: { words: 'Confirmed by 2 independent builders (robur, tarides)' } },
    trust: { outcome: 'TRUSTED', reason: null, groups: ['robur', 'tarides'] },
  })
  const { trust } = await ask(2)
  expect(trust.evidence).toEqual(
    expect.arrayContaining([
      { kind: 'UPLOAD', isAgainst: false, attester: 'alice', group: 'robur', build: uuidOf(1) },
      { kind: 'UPLOAD', isAgainst: false, attester: 'bob', group: 'tarides', build: uuidOf(2) },
    ]),
  )
  await expect
    .poll(() => app.deps.db.event.findMany({ where: { type: 'trust.changed' } }))
    .toMatchObject([
      { job: 'hello', platform: 'debian-12', data: expect.stringContaining('"outcome":"TRUSTED"') },
    ])
})

test('latest?trusted=1 leads to the newest build that the policy trusts, and keeps the rest of the address', async () => {
  const latest = async (rest: string) => {
    const response = await fetch(`${app.url}/job/hello/build/latest${rest}`, { redirect: 'manual' })
    return { status: response.status, location: response.headers.get('location') }
  }
  const trusted = { status: 307, location: `/job/hello/build/${uuidOf(2)}` }
  expect(await latest('?trusted=1')).toEqual(trusted)
  expect(await latest('?trusted=1&platform=debian-12')).toEqual(trusted)
  expect(await latest('/main-binary?trusted=1&a=b')).toEqual({
    ...trusted,
    location: `${trusted.location}/main-binary?a=b`,
  })
  expect(await latest('?trusted=1&platform=freebsd-14')).toEqual({ status: 404, location: null })
})

/** The policies, by their hashes, that the summaries about the newest build name, oldest first. */
async function summarizedPolicies() {
  const lines = await (await fetch(`${app.url}/job/hello/build/${uuidOf(2)}/attestations`)).text()
  return (
    lines
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(Buffer.from(JSON.parse(line).payload, 'base64').toString()))
      .filter(({ predicateType }) => predicateType === predicateTypes.verificationSummary)
      .map(({ predicate }) => predicate)
      // Others are of the time without a policy.
      .filter(({ policy }) => policy.uri.endsWith('/policy.json'))
  )
}

test('a summary is signed for each policy by which the output is trusted, and names it by its hash', async () => {
  const publish = async () => {
    const text = await (await fetch(`${app.url}/policy.json`)).text()
    return { policy: JSON.parse(text), sha256: createHash('sha256').update(text).digest('hex') }
  }
  const first = await publish()
  expect(first.policy).toMatchObject({ version: 1, rules: [{ groups: 2 }] })
  const until = (policies: string[]) =>
    vi.waitFor(
      async () => {
        const found = await summarizedPolicies()
        expect(found.map(({ policy }) => policy.digest.sha256)).toEqual(policies)
        for (const { verificationResult, verifiedLevels, inputAttestations } of found) {
          expect(verificationResult).toBe('PASSED')
          expect(verifiedLevels).toContain('SLSA_BUILD_REPRODUCED')
          expect(inputAttestations.length).toBeGreaterThan(1)
        }
      },
      { timeout: 60_000, interval: 50 },
    )
  await until([first.sha256])
  await usePolicy({ ...twoGroups, rules: [{ jobs: ['*'], groups: 2 }] })
  const second = await publish()
  await until([first.sha256, second.sha256])
})

test('hub policy checks the file, and shows why an output is trusted', async () => {
  const file = join(configDir, 'policy.json')
  expect(await hub(['policy', 'check', file])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('2 attesters in 2 groups\n* on *: 2 groups'),
  })
  writeFileSync(join(configDir, 'bad.json'), '{"version":1,"rules":[{}]}')
  expect(await hub(['policy', 'check', join(configDir, 'bad.json')])).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/bad\.json has faults:\n {2}rules\.0\.jobs: /),
  })
})

/** Statements since the last call, without those that look for changes now and then. */
const factQueries = () =>
  app.takeQueries().filter((query) => /\b(?:Build|Job|JobOutput|Output|PolicyVerdict)\b/.test(query))

test('the outcome costs a build page one statement', async () => {
  const page = (more: string) =>
    app.graphql(`{ build(uuid: "${uuidOf(1)}") { uuid verdict: status ${more} } }`)
  await app.deps.runner.settled()
  // What the server looks up anew after a change.
  await page('job { name }')
  app.takeQueries()
  await page('')
  const without = factQueries().length
  await page('trust { outcome evidence { attester } }')
  expect(factQueries().length - without).toBe(1)
})

test('grades cost lists of builds and of outputs no statement', async () => {
  const lists = (more: string) =>
    app.graphql(`{ builds(first: 5) { nodes { reproducibility { buildCount ${more} } } }
      job(name: "hello") { outputs(first: 5) { nodes { buildCount ${more} } } } }`)
  await app.deps.runner.settled()
  await lists('')
  app.takeQueries()
  await lists('alias: buildCount')
  const without = factQueries().length
  expect(without).toBeGreaterThan(0)
  const { errors } = await lists('grade { kind words builders disputedBy }')
  expect(errors).toBeUndefined()
  expect(factQueries().length).toBe(without)
})

test('another output from the same inputs disputes both', async () => {
  await receive(bob, 3, 'another unikernel')
  await until(1, {
    reproducibility: { grade: { kind: 'DISPUTED', words: 'Disputed' } },
    trust: { outcome: 'DISPUTED', reason: 'tarides got another output from the same inputs' },
  })
  await until(3, {
    trust: { outcome: 'DISPUTED', reason: 'robur and tarides got another output from the same inputs' },
  })
})
