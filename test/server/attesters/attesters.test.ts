import { execFileSync } from 'node:child_process'
import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { preAuthEncoding, printEnvelope, statementPayloadType } from '../../../server/formats/signing/dsse.ts'
import { keyIdOf, publicPem, signEnvelope } from '../../../server/formats/signing/keys.ts'
import { linkOf, printMetadata, signMetadata } from '../../../server/formats/signing/link.ts'
import { predicateTypes, printStatement } from '../../../server/formats/signing/statement.ts'
import { readSitePolicy } from '../../../server/policy/site-policy.ts'
import { createToken } from '../../../server/users/tokens.ts'
import { alice, testApp, type TestApp } from '../../app.ts'
import { hub } from '../../hub.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const binary = 'a unikernel'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const record = sampleRecord({
  uuid: uuidOf(1),
  artifacts: [
    file('bin/hello.hvt', binary),
    file('opam-switch', 'opam-version: "2.0"\nroots: ["hello.1"]\ninstalled: ["hello.1"]\n'),
    file('build-environment', 'OS=linux\n'),
    file('system-packages', 'gcc=12.2.0\n'),
  ],
})

let app: TestApp
let dir: string
let key: KeyObject
const keyFile = () => join(dir, 'attest.pem')

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  app = await testApp({ keep: true, env: { BUILDER_HUB_CONFIG_DIR: dir } })
  await app.deps.runner.start()
  await app.upload(record)
  execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', keyFile()])
  key = createPrivateKey(readFileSync(keyFile()))
})
afterAll(async () => {
  await app.close()
  rmSync(dir, { recursive: true, force: true })
})

const statement = (content: string, more: object = {}) => ({
  subject: [{ name: 'hello.hvt', digest: { sha256: sha256(content) } }],
  ...{ predicateType: predicateTypes.provenance, predicate: {}, ...more },
})
const envelopeOf = (by: KeyObject, ...[content, more]: Parameters<typeof statement>) =>
  printEnvelope(signEnvelope(by, statementPayloadType, printStatement(statement(content, more))))
const linkBy = (by: KeyObject, content: string) =>
  printMetadata(
    signMetadata(
      [by],
      linkOf({
        name: 'rebuild hello.hvt',
        materials: {},
        products: { 'hello.hvt': { sha256: sha256(content) } },
      }),
    ),
  )

async function post(body: string | Uint8Array<ArrayBuffer>) {
  const response = await fetch(`${app.url}/attestations`, { method: 'POST', body })
  return { status: response.status, text: await response.text(), location: response.headers.get('location') }
}

test.each([
  ['no JSON', '{', /not JSON/],
  ['no object', '[]', /no object/],
  ['a key twice', '{"payload":"","payload":""}', /two keys with one name/],
  ['no signature', '{"payload":"","payloadType":"x","signatures":[]}', /no signature/],
  ['another payload', '{"payload":"","payloadType":"x","signatures":[{"sig":""}]}', /payloadType is not/],
  ['a link without files', '{"signed":{"_type":"link","name":"x"},"signatures":[]}', /materials/],
  ['a layout', '{"signed":{"_type":"layout"},"signatures":[]}', /_type is not link/],
  ['text that is no UTF-8', Uint8Array.of(0x7b, 0xff), /UTF-8/],
])('%s is refused as malformed', async (_name, body, message) => {
  expect(await post(body)).toMatchObject({ status: 400, text: expect.stringMatching(message) })
})

test('a statement without a hash, and one that is too large, are refused', async () => {
  const subject = [{ name: 'a', digest: { sha512: 'ab' } }]
  expect(await post(envelopeOf(key, binary, { subject }))).toMatchObject({ status: 400 })
  expect(await post('x'.repeat(1024 ** 2 + 1))).toMatchObject({ status: 413 })
})

test('a key that nobody has registered is refused', async () => {
  expect(await post(envelopeOf(key, binary))).toMatchObject({
    status: 403,
    text: expect.stringContaining('hub attest register'),
  })
})

test('whoever has the private key registers it, and nobody else', async () => {
  const { text: token } = await createToken(app.deps.writer, byServer(), {
    ...{ userName: alice.name, name: 'attester', scopes: ['attest'] },
  })
  writeFileSync(join(dir, 'token'), token)
  const register = (file: string, name: string) =>
    hub([
      ...['attest', '--key', file, '--url', app.url, 'register'],
      ...['--name', name, '--user', alice.name, '--token-file', join(dir, 'token')],
    ])
  expect(await register(keyFile(), 'alice at home')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(`registered ${keyIdOf(key)}`),
  })
  expect(await register(keyFile(), 'again')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('is registered already'),
  })
  const other = generateKeyPairSync('ed25519').privateKey
  const body = { site: app.url, user: alice.name, keyId: keyIdOf(other), time: new Date().toISOString() }
  const possession = (by: KeyObject, more: object = {}) =>
    printEnvelope(
      signEnvelope(
        by,
        'application/vnd.builder-hub.possession+json',
        new TextEncoder().encode(JSON.stringify({ ...body, ...more })),
      ),
    )
  for (const [proof, message] of [
    [possession(key), /has not signed the proof/],
    [possession(other, { site: 'https://elsewhere.example' }), /the site https:\/\/elsewhere/],
    [possession(other, { user: 'bob' }), /the user bob/],
    [possession(other, { time: '2026-01-01T00:00:00Z' }), /older than ten minutes/],
  ] as const) {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({
        query: `mutation ($publicKey: String!, $proof: String!) { registerKey(name: "x", publicKey: $publicKey, proof: $proof) {
          __typename ... on Refusal { message } } }`,
        variables: { publicKey: publicPem(other), proof },
      }),
    })
    expect(await response.json()).toMatchObject({
      data: { registerKey: { message: expect.stringMatching(message) } },
    })
  }
})

test('a statement that openssl has signed is stored once, and is served as it is', async () => {
  const body = printStatement(statement(binary))
  writeFileSync(join(dir, 'signed'), preAuthEncoding(statementPayloadType, body))
  const sign = ['pkeyutl', '-sign', '-rawin', '-inkey', keyFile(), '-in', join(dir, 'signed')]
  const sig = execFileSync('openssl', sign).toString('base64')
  const payload = Buffer.from(body).toString('base64')
  const envelope = { payload, payloadType: statementPayloadType, signatures: [{ sig }] }
  const first = await post(JSON.stringify(envelope, null, 2))
  expect(first).toMatchObject({ status: 201 })
  expect(await post(JSON.stringify(envelope))).toMatchObject({ status: 200, location: first.location })
  expect(await (await fetch(app.url + first.location)).json()).toEqual(envelope)
  const lines = await (await fetch(`${app.url}/hash/${sha256(binary)}/attestations`)).text()
  expect(lines.split('\n').map((line) => line.includes(sig))).toContain(true)
  const changed = { ...envelope, payload: Buffer.from(printStatement(statement('other'))).toString('base64') }
  expect(await post(JSON.stringify(changed))).toMatchObject({ status: 403 })
})

test('a link counts, too, and what is not known here is not stored', async () => {
  expect(await post(linkBy(key, binary))).toMatchObject({ status: 201 })
  expect(await post(linkBy(key, 'something else'))).toMatchObject({ status: 404 })
  expect(await post(envelopeOf(key, 'something else'))).toMatchObject({ status: 404 })
})

const trust = async () => {
  const { data } = await app.graphql(
    `{ build(uuid: "${uuidOf(1)}") { trust { outcome groups evidence { attester kind } } } }`,
  )
  return data.build.trust
}
const grades = async () => {
  const grade = 'grade { kind words disputedBy }'
  const { data } = await app.graphql(
    `{ build(uuid: "${uuidOf(1)}") { reproducibility { verdict ${grade} } }
      job(name: "hello") { outputs(first: 1) { nodes { ${grade} } } } content(sha256: "${sha256(binary)}") { ${grade} } }`,
  )
  return [data.build.reproducibility.grade, data.job.outputs.nodes[0].grade, data.content.grade]
}
const until = (expected: object) =>
  vi.waitFor(async () => expect(await trust()).toMatchObject(expected), { timeout: 60_000, interval: 50 })

test('hub attest signs what a record says, and the vote counts by the policy', async () => {
  const policy = {
    version: 1,
    attesters: [{ key: keyIdOf(key), name: 'alice at home', group: 'robur' }],
    rules: [{ jobs: ['*'], groups: 1, signed: true }],
  }
  writeFileSync(join(dir, 'policy.json'), JSON.stringify(policy))
  readSitePolicy(app.deps.config)
  writeFileSync(join(dir, 'full.der'), await buffer(encodeExecRecord(record)))
  const args = ['attest', '--key', keyFile(), '--url', app.url, '--record', join(dir, 'full.der')]
  expect(await hub(args)).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('stored the statement'),
  })
  await until({
    outcome: 'TRUSTED',
    groups: ['robur'],
    evidence: expect.arrayContaining([{ attester: 'alice at home', kind: 'ATTESTATION' }]),
  })
})

test('a statement that a rebuild differs disputes the output', async () => {
  const more = {
    predicateType: predicateTypes.testResult,
    predicate: { result: 'FAILED', configuration: [] },
  }
  expect(await post(envelopeOf(key, binary, more))).toMatchObject({ status: 201 })
  await until({ outcome: 'DISPUTED' })
  const disputed = { kind: 'DISPUTED', words: 'Disputed', disputedBy: ['robur'] }
  expect(await grades()).toEqual([disputed, disputed, disputed])
})

test.each([
  ['the badge', '/job/hello/badge.svg', ': disputed, '],
  ['the feed', '/job/hello/feed.atom', 'succeeded, disputed'],
  ['the page of the build without JavaScript', `/job/hello/build/${uuidOf(1)}`, 'succeeded, disputed'],
  ['the export', '/export/builds.csv', ',disputed,'],
  ['the page of the file without JavaScript', `/sha256/${sha256(binary)}`, 'Disputed'],
  ['the JSON of builder-web', `/job/hello/build/${uuidOf(1)}#json`, '"grade":"disputed"'],
])('%s says so, too', async (_name, path, words) => {
  const Accept = path.endsWith('json') ? 'application/json' : 'text/html'
  const response = await fetch(app.url + path.replace(/#json$/, ''), { headers: { Accept } })
  expect(await response.text()).toContain(words)
})

test('the filter for disputed builds finds it, that for builds that are not reproducible here does not', async () => {
  const count = async (list: string) =>
    (
      await app.graphql(
        `{ builds(filter: { job: "hello", ${list} }) { totalCount edges { node { uuid } } } }`,
      )
    ).data.builds
  const found = await count('isDisputed: true')
  expect(found.edges).toContainEqual({ node: { uuid: uuidOf(1) } })
  expect(found.totalCount).toBe(found.edges.length)
  expect((await count('verdict: NOT_REPRODUCIBLE')).totalCount).toBe(0)
  const others = await count('isDisputed: false')
  expect(others.edges).not.toContainEqual({ node: { uuid: uuidOf(1) } })
  expect(others.totalCount + found.totalCount).toBe((await count('')).totalCount)

  const exported = async (verdict: string) =>
    (await fetch(`${app.url}/export/builds.csv?verdict=${verdict}`)).text()
  expect(await exported('disputed')).toContain(uuidOf(1))
  expect(await exported('not-reproducible')).not.toContain(uuidOf(1))
})

test('GraphQL lists keys with what they have signed, and pages name them', async () => {
  const { data } = await app.graphql(
    `{ trustedKeys { keyId name owner group attestationCount } content(sha256: "${sha256(binary)}") {
        attestations { attester kind } } }`,
  )
  expect(data.trustedKeys).toEqual([
    { keyId: keyIdOf(key), name: 'alice at home', owner: 'alice', group: 'robur', attestationCount: 4 },
  ])
  expect(data.content.attestations).toEqual(
    expect.arrayContaining([
      { attester: 'alice at home', kind: 'DIFFERENT' },
      { attester: 'alice at home', kind: 'PROVENANCE' },
    ]),
  )
})

test('a revoked key votes no more, and its statements are refused', async () => {
  const token = readFileSync(join(dir, 'token'), 'utf8')
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: `mutation { revokeKey(keyId: "${keyIdOf(key)}", reason: "stolen") { __typename } }`,
    }),
  })
  expect(await response.json()).toMatchObject({ data: { revokeKey: { __typename: 'RevokeKeySuccess' } } })
  await until({ outcome: 'NOT_YET', groups: [] })
  expect(await grades()).toMatchObject(Array(3).fill({ kind: 'NOT_REPEATED', disputedBy: [] }))
  expect(await post(envelopeOf(key, `${binary}!`))).toMatchObject({ status: 409 })
})
