import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { expect, test } from 'vitest'
import { testApp, alice, basicAuth, bytesOf } from '../app.ts'
import { file, sampleRecord } from '../record.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import type { UploadStep } from '../../server/uploads/receive-build.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { addAccess } from '../../server/users/users.ts'

const sha256 = (content: string) => createHash('sha256').update(content).digest('hex')

test('a record is stored whole, and seen at once', async () => {
  const app = await testApp()
  const record = sampleRecord({ artifacts: [file('bin/a', 'binary'), file('dir/b.txt', 'text')] })
  const answer = await app.upload(record)
  expect(answer.status).toBe(201)
  expect(await answer.text()).toBe(`stored build ${record.uuid} of job hello\n`)
  const { data } = await app.graphql(
    `query ($uuid: UUID!) { build(uuid: $uuid) {
      job { name } platform { name } status startedAt finishedAt durationMs uploadedBy inputId
      result { __typename ... on ExitedResult { code } }
      mainBinary { path } artifacts { totalCount nodes { path sha256 sizeBytes } }
      console { totalCount nodes { number offsetMs text } } script } }`,
    { uuid: record.uuid },
  )
  expect(data.build).toEqual({
    job: { name: 'hello' },
    platform: { name: 'debian-12' },
    status: 'SUCCEEDED',
    startedAt: '2026-11-01T10:00:00.000Z',
    finishedAt: '2026-11-01T10:01:01.500Z',
    durationMs: 61_500,
    uploadedBy: 'alice',
    inputId: null,
    result: { __typename: 'ExitedResult', code: '0' },
    mainBinary: { path: 'bin/a' },
    artifacts: {
      totalCount: 2,
      nodes: [
        { path: 'bin/a', sha256: sha256('binary'), sizeBytes: 6 },
        { path: 'dir/b.txt', sha256: sha256('text'), sizeBytes: 4 },
      ],
    },
    console: {
      totalCount: 2,
      nodes: [
        { number: 1, offsetMs: 1, text: 'hello' },
        { number: 2, offsetMs: 2500, text: '\u001b[32mdone\u001b[0m' },
      ],
    },
    script: '#!/bin/sh\nset -e\necho hello\n',
  })
})

test('the input id is the hash of three digests', async () => {
  const app = await testApp()
  const record = sampleRecord()
  await app.upload(record)
  const digests = ['opam-version: "2.0"\n', 'PATH=/usr/bin\n', 'gcc=12.2.0\n'].map(sha256)
  const expected = createHash('sha256')
    .update(Buffer.from(digests.join(''), 'hex'))
    .digest('hex')
  const { data } = await app.graphql(`query ($uuid: UUID!) { build(uuid: $uuid) { inputId } }`, {
    uuid: record.uuid,
  })
  expect(data.build.inputId).toBe(expected)
})

test('README.md and .build-hashes are no artifacts; the readme at the root wins', async () => {
  const app = await testApp()
  const record = sampleRecord({
    artifacts: [
      file('doc/README.md', 'in a folder'),
      file('x.build-hashes', 'h'),
      file('README.md', 'at the root'),
      file('kept', 'k'),
    ],
  })
  await app.upload(record)
  const { data } = await app.graphql(
    `{ job(name: "hello") { readme { markdown } newestBuild { artifacts { nodes { path } } } } }`,
  )
  expect(data.job).toEqual({
    readme: { markdown: 'at the root' },
    newestBuild: { artifacts: { nodes: [{ path: 'kept' }] } },
  })
})

test('the readme is that of the newest build that has one, in whatever order builds arrive', async () => {
  const app = await testApp()
  const at = (day: number, readme: string | null) =>
    sampleRecord({
      startedAt: new Date(Date.UTC(2026, 9, day)),
      artifacts: readme === null ? [] : [file('README.md', readme)],
    })
  for (const record of [at(2, 'second'), at(1, 'first'), at(3, null)]) await app.upload(record)
  const { data } = await app.graphql(`{ job(name: "hello") { readme { markdown html } } }`)
  expect(data.job.readme).toEqual({ markdown: 'second', html: '<p dir="auto">second</p>' })
})

test.each([
  ['none under bin/', [], null],
  ['one under bin/', ['bin/x', 'x.debug'], 'bin/x'],
  ['two under bin/', ['bin/x', 'bin/y'], null],
  ['a folder under bin/', ['bin/sub/x'], 'bin/sub/x'],
])('main binary: %s', async (_name, paths, expected) => {
  const app = await testApp()
  await app.upload(sampleRecord({ artifacts: paths.map((path) => file(path, path)) }))
  const { data } = await app.graphql(`{ builds { nodes { mainBinary { path } } } }`)
  expect(data.builds.nodes[0].mainBinary?.path ?? null).toBe(expected)
})

test.each([
  ['no credentials', {}, 401, 'this needs a user'],
  [
    'a wrong password',
    { Authorization: basicAuth({ ...alice, password: 'wrong' }) },
    401,
    'wrong user or password',
  ],
  [
    'an unknown user',
    { Authorization: basicAuth({ name: 'mallory', password: 'secret' }) },
    401,
    'wrong user or password',
  ],
])('%s: 401 with a challenge', async (_name, headers, status, line) => {
  const app = await testApp()
  const body = await bytesOf(encodeExecRecord(sampleRecord()))
  const answer = await fetch(`${app.url}/upload`, { method: 'POST', headers, body })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('www-authenticate')).toBe('Basic realm="builder-hub"')
  expect(await answer.text()).toContain(line)
})

test('a restricted user may upload to the jobs in the access list only', async () => {
  const app = await testApp()
  const bob = { name: 'bob', password: 'pässword:with colon' }
  await addUser(app.deps.writer, byServer(), { ...bob, unrestricted: false })
  await addAccess(app.deps.writer, byServer(), 'bob', 'allowed')
  const send = async (job: string) =>
    fetch(`${app.url}/upload`, {
      method: 'POST',
      headers: { Authorization: basicAuth(bob) },
      body: await bytesOf(encodeExecRecord(sampleRecord({ job }))),
    })
  expect((await send('allowed')).status).toBe(201)
  const refusal = await send('other')
  expect(refusal.status).toBe(403)
  expect(await refusal.text()).toContain('user bob may not upload builds of job other')
})

test('the eleventh attempt after ten wrong passwords is not even checked', async () => {
  const app = await testApp()
  const attempt = (password: string) =>
    fetch(`${app.url}/upload`, {
      method: 'POST',
      headers: { Authorization: basicAuth({ ...alice, password }) },
      body: '',
    })
  for (let i = 0; i < 10; i++) expect((await attempt('wrong')).status).toBe(401)
  const refusal = await attempt(alice.password)
  expect(refusal.status).toBe(429)
  expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThan(0)
})

test('a build that exists is refused, and nothing of the second is kept', async () => {
  const app = await testApp()
  const record = sampleRecord()
  await app.upload(record)
  const again = await app.upload({ ...record, artifacts: [file('other', 'other content')] })
  expect(again.status).toBe(409)
  expect(await again.text()).toContain(record.uuid)
  const { data } = await app.graphql(
    `{ artifacts(sha256: "${sha256('other content')}") { totalCount } builds { totalCount } }`,
  )
  expect(data).toEqual({ artifacts: { totalCount: 0 }, builds: { totalCount: 1 } })
})

test('a build that exists is refused before its console and artifacts are read', async () => {
  const steps: UploadStep[] = []
  const app = await testApp({ onUploadStep: (step) => steps.push(step) })
  const record = sampleRecord()
  await app.upload(record)
  steps.length = 0
  expect((await app.upload(record)).status).toBe(409)
  expect(steps).toEqual(['job-named'])
})

test('a bad record is refused with the offset and the reason', async () => {
  const app = await testApp()
  const body = await bytesOf(encodeExecRecord(sampleRecord()))
  const send = (bytes: Uint8Array<ArrayBuffer>) =>
    fetch(`${app.url}/upload`, { method: 'POST', headers: { Authorization: basicAuth(alice) }, body: bytes })
  const truncated = await send(body.subarray(0, -1))
  expect(truncated.status).toBe(400)
  expect(await truncated.text()).toMatch(/^malformed build record at byte \d+: .+\n$/)
  const trailing = await send(Buffer.concat([body, Buffer.of(0)]))
  expect(trailing.status).toBe(400)
  expect(await trailing.text()).toContain(`at byte ${body.length}:`)
  expect((await app.graphql(`{ builds { totalCount } }`)).data.builds.totalCount).toBe(0)
})

test('a record over the limit: 413, whether its length is declared or not', async () => {
  const app = await testApp({ env: { BUILDER_HUB_UPLOAD_MAX_BYTES: '2000' } })
  const record = sampleRecord({ artifacts: [file('big', 'x'.repeat(3000))] })
  expect((await app.upload(record)).status).toBe(413)
  const body = await bytesOf(encodeExecRecord(record))
  const chunked = await fetch(`${app.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    body: new Blob([body]).stream(),
    duplex: 'half',
  } as RequestInit)
  expect(chunked.status).toBe(413)
})

test('a declared length over the limit is refused before the body is read', async () => {
  const app = await testApp({ env: { BUILDER_HUB_UPLOAD_MAX_BYTES: '2000' } })
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    const request = httpRequest(`${app.url}/upload`, {
      method: 'POST',
      headers: { Authorization: basicAuth(alice), 'Content-Length': 2001 },
    })
    request.on('response', (response) => resolve(response.resume().statusCode))
    request.on('error', reject)
    // The rest is not sent. Whoever reads this much answers 400: it is no record.
    request.write('no record')
  })
  expect(answer).toBe(413)
})

test('a record with as many artifacts as are allowed is stored whole', async () => {
  const app = await testApp()
  const artifacts = Array.from({ length: 10_000 }, (_, number) => file(`f/${number}`, `${number % 7}`))
  const record = sampleRecord({ artifacts })
  const answer = await app.upload(record)
  expect([answer.status, await answer.text()]).toEqual([201, `stored build ${record.uuid} of job hello\n`])
  expect(await app.deps.db.artifact.count()).toBe(10_000)
  const more = sampleRecord({ artifacts: [...artifacts, file('one-more', '')] })
  expect((await app.upload(more)).status).toBe(413)
})

const doors = ['/upload', '/job/hello/platform/debian-12/upload']

test.each(
  doors.flatMap(
    (door) =>
      [
        [door, { 'Sec-Fetch-Site': 'cross-site' }, 403],
        [door, { 'Sec-Fetch-Site': 'same-site' }, 403],
        [door, { Origin: 'http://evil.test' }, 403],
        [door, { Origin: 'null' }, 403],
        [door, { Origin: 'http://evil.test', Host: '1.2.3.4.5' }, 403],
        [door, { 'Sec-Fetch-Site': 'none' }, 201],
      ] as const,
  ),
)('an upload to %s with %j is answered %i', async (door, headers, status) => {
  const app = await testApp()
  const body = await bytesOf(encodeExecRecord(sampleRecord()))
  const answer = await new Promise<number | undefined>((resolve, reject) => {
    const request = httpRequest(`${app.url}${door}`, {
      method: 'POST',
      headers: { Authorization: basicAuth(alice), 'Content-Length': body.length, ...headers },
    })
    request.on('response', (response) => resolve(response.resume().statusCode))
    request.on('error', reject)
    request.end(body)
  })
  expect(answer).toBe(status)
  expect(await app.deps.db.build.count()).toBe(status === 201 ? 1 : 0)
})
