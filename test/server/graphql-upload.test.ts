import { createHash } from 'node:crypto'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { memoryBlobStore } from '../../server/blobs/memory-blob-store.ts'
import { StorageFullError } from '../../server/errors.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { createToken } from '../../server/users/tokens.ts'
import { alice, basicAuth, bytesOf, testApp, type TestApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'

const mutation = `mutation ($file: File!) { uploadBuild(input: { record: $file }) {
  __typename
  ... on UploadBuildSuccess { build { uuid job { name } artifacts { totalCount } } }
  ... on Refusal { message }
  ... on NotAuthorizedError { code retryAfterSeconds }
  ... on BuildExistsError { uuid }
  ... on MalformedRecordError { offsetBytes }
} }`

const operations = JSON.stringify({ query: mutation, variables: { file: null } })
const map = JSON.stringify({ record: ['variables.file'] })

type Part = [name: string, content: string | Uint8Array<ArrayBuffer>]

function formOf(parts: readonly Part[]): FormData {
  const form = new FormData()
  for (const [name, content] of parts) {
    if (typeof content === 'string') form.append(name, content)
    else form.append(name, new Blob([content]), 'full')
  }
  return form
}

type Answer = {
  status: number
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  data: any
  errors?: { message: string; extensions?: Record<string, unknown> }[]
}

async function send(
  app: TestApp,
  parts: readonly Part[],
  headers: Record<string, string> = { Authorization: basicAuth(alice) },
): Promise<Answer> {
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { Accept: 'application/json', ...headers },
    body: formOf(parts),
  })
  return { status: answer.status, ...((await answer.json()) as Omit<Answer, 'status'>) }
}

async function partsOf(record: ExecRecord | Uint8Array<ArrayBuffer>): Promise<Part[]> {
  const bytes = record instanceof Uint8Array ? record : await bytesOf(encodeExecRecord(record))
  return [
    ['operations', operations],
    ['map', map],
    ['record', bytes],
  ]
}

const uploadTo = async (app: TestApp, record: ExecRecord | Uint8Array<ArrayBuffer>, user = alice) =>
  send(app, await partsOf(record), { Authorization: basicAuth(user) })

async function countBuilds(app: TestApp): Promise<number> {
  return (await app.graphql(`{ builds { totalCount } }`)).data.builds.totalCount as number
}

test('a record in a multipart request is stored, and the answer has it', async () => {
  const app = await testApp()
  const record = sampleRecord({ artifacts: [file('bin/a', 'x'.repeat(300_000)), file('b', '')] })
  const { status, data } = await uploadTo(app, record)
  expect(status).toBe(200)
  expect(data.uploadBuild).toEqual({
    __typename: 'UploadBuildSuccess',
    build: { uuid: record.uuid, job: { name: 'hello' }, artifacts: { totalCount: 2 } },
  })
  const hash = createHash('sha256').update('x'.repeat(300_000)).digest('hex')
  expect(
    (await app.graphql(`{ artifacts(sha256: "${hash}") { totalCount } }`)).data.artifacts.totalCount,
  ).toBe(1)
})

test('a build that exists: BuildExistsError', async () => {
  const app = await testApp()
  const record = sampleRecord()
  await uploadTo(app, record)
  const { data } = await uploadTo(app, record)
  expect(data.uploadBuild).toEqual({
    __typename: 'BuildExistsError',
    uuid: record.uuid,
    message: `build ${record.uuid} exists already: it was stored before, there is nothing to do`,
  })
  expect(await countBuilds(app)).toBe(1)
})

test('a bad record: MalformedRecordError with the offset', async () => {
  const app = await testApp()
  const bytes = await bytesOf(encodeExecRecord(sampleRecord()))
  const cases: [bytes: Uint8Array<ArrayBuffer>, offset: number | null][] = [
    [Buffer.concat([bytes, Buffer.of(0)]), bytes.length],
    [bytes.subarray(0, -1), null],
    [Buffer.alloc(0), 0],
    [Buffer.from('not DER at all'), null],
  ]
  for (const [sent, offset] of cases) {
    const { data } = await uploadTo(app, sent)
    expect(data.uploadBuild).toMatchObject({
      __typename: 'MalformedRecordError',
      offsetBytes: offset ?? expect.any(Number),
      message: expect.stringContaining('malformed build record at byte '),
    })
  }
  expect(await countBuilds(app)).toBe(0)
})

test('no user, a wrong password, a job that is not theirs: NotAuthorizedError', async () => {
  const app = await testApp()
  const bob = { name: 'bob', password: 'pw' }
  await addUser(app.deps.writer, byServer(), { ...bob, unrestricted: false })
  const parts = await partsOf(sampleRecord())
  const refusals = [
    [{ 'X-GraphQL-Yoga-CSRF': '1' }, 'this needs a user', 'UNAUTHENTICATED'],
    [{ Authorization: basicAuth({ ...alice, password: 'x' }) }, 'wrong user or password', 'UNAUTHENTICATED'],
    [{ Authorization: 'Bearer abc' }, 'wrong token', 'UNAUTHENTICATED'],
    [{ Authorization: basicAuth(bob) }, 'user bob may not upload builds of job hello', 'FORBIDDEN'],
  ] as const
  for (const [headers, message, code] of refusals) {
    const { data } = await send(app, parts, headers)
    expect(data.uploadBuild).toEqual({
      __typename: 'NotAuthorizedError',
      message: expect.stringContaining(message),
      code,
      retryAfterSeconds: null,
    })
  }
  expect(await countBuilds(app)).toBe(0)
})

test('too many wrong passwords: NotAuthorizedError says how long to wait', async () => {
  const app = await testApp()
  const parts = await partsOf(sampleRecord())
  const headers = { Authorization: basicAuth({ ...alice, password: 'x' }) }
  for (let attempt = 0; attempt < 10; attempt++) await send(app, parts, headers)
  const { data } = await send(app, parts, headers)
  expect(data.uploadBuild).toMatchObject({
    __typename: 'NotAuthorizedError',
    code: 'RATE_LIMIT',
    retryAfterSeconds: expect.any(Number),
  })
})

test('a record over the limit: RecordTooLargeError', async () => {
  const app = await testApp({ env: { BUILDER_HUB_UPLOAD_MAX_BYTES: '2000' } })
  const { data } = await uploadTo(app, sampleRecord({ artifacts: [file('big', 'x'.repeat(300_000))] }))
  expect(data.uploadBuild).toEqual({
    __typename: 'RecordTooLargeError',
    message: expect.stringContaining('2000'),
  })
})

test('no room: StorageFullError', async () => {
  const full = {
    ...memoryBlobStore(),
    stage: async () => {
      throw new StorageFullError()
    },
  }
  const app = await testApp({ blobs: full })
  const { data } = await uploadTo(app, sampleRecord())
  expect(data.uploadBuild).toEqual({
    __typename: 'StorageFullError',
    message: expect.stringContaining('no room'),
  })
})

const record = Buffer.from('file')

test.each<[string, Part[], number, string]>([
  [
    'the file first',
    [
      ['record', record],
      ['operations', operations],
      ['map', map],
    ],
    400,
    'operations must come before',
  ],
  [
    'no map',
    [
      ['operations', operations],
      ['record', record],
    ],
    400,
    'map must come before',
  ],
  [
    'no file',
    [
      ['operations', operations],
      ['map', map],
    ],
    400,
    'needs the parts operations, map and a file',
  ],
  ['nothing', [], 400, 'needs the parts'],
  [
    'operations that are no JSON',
    [
      ['operations', '{'],
      ['map', map],
      ['record', record],
    ],
    400,
    'operations is not',
  ],
  [
    'a batch',
    [
      ['operations', `[${operations}]`],
      ['map', '{"record":["0.variables.file"]}'],
      ['record', record],
    ],
    400,
    'operations is not',
  ],
  [
    'a map of strings',
    [
      ['operations', operations],
      ['map', '{"record":"variables.file"}'],
      ['record', record],
    ],
    400,
    'map is not',
  ],
  [
    'a map without the file',
    [
      ['operations', operations],
      ['map', '{}'],
      ['record', record],
    ],
    400,
    'does not say where the file "record" goes',
  ],
  [
    'a map without anything for the file',
    [
      ['operations', operations],
      ['map', '{"record":[]}'],
      ['record', record],
    ],
    400,
    'does not say where the file "record" goes',
  ],
  ...[
    'variables.nothing',
    'variables',
    '',
    'query',
    'variables.file.x',
    'constructor.prototype.x',
    '__proto__.x',
    'variables.__proto__.polluted',
  ].map((path): [string, Part[], number, string] => [
    `a map to ${JSON.stringify(path)}`,
    [
      ['operations', operations],
      ['map', JSON.stringify({ record: [path] })],
      ['record', record],
    ],
    400,
    'the part map',
  ]),
  [
    '__proto__ in operations',
    [
      [
        'operations',
        `{"query":${JSON.stringify(mutation)},"variables":{"__proto__":{"file":null},"file":null}}`,
      ],
      ['map', '{"record":["variables.__proto__.file"]}'],
      ['record', record],
    ],
    400,
    '',
  ],
  [
    'a file called __proto__',
    [
      ['operations', operations],
      ['map', '{"__proto__":["variables.file"]}'],
      ['__proto__', record],
    ],
    400,
    'map',
  ],
  [
    'operations of 200 KB',
    [
      ['operations', `${operations}${' '.repeat(200_000)}`],
      ['map', map],
      ['record', record],
    ],
    413,
    'longer than',
  ],
])('%s: refused', async (_name, parts, status, message) => {
  const app = await testApp()
  const answer = await send(app, parts)
  expect(answer.status).toBe(status)
  expect(answer.errors?.[0]?.message).toContain(message)
  expect(Object.prototype).not.toHaveProperty('polluted')
  expect(Object.prototype).not.toHaveProperty('file')
  // The server is as before.
  expect((await uploadTo(app, sampleRecord())).data.uploadBuild.__typename).toBe('UploadBuildSuccess')
})

test('of two files the first is stored, the second dropped', async () => {
  const app = await testApp()
  const [first, second] = [sampleRecord(), sampleRecord()]
  const parts = await partsOf(first)
  const more: Part = ['second', await bytesOf(encodeExecRecord(second))]
  const { data } = await send(app, [...parts, more])
  expect(data.uploadBuild.build.uuid).toBe(first.uuid)
  expect(await countBuilds(app)).toBe(1)
})

test.each([
  ['no boundary', 'multipart/form-data', '--x\r\n\r\n--x--', 400],
  ['an empty boundary', 'multipart/form-data; boundary=', '--x\r\n\r\n--x--', 400],
  [
    'another boundary than in the body',
    'multipart/form-data; boundary=y',
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
    400,
  ],
  ['a body that ends in a header', 'multipart/form-data; boundary=x', '--x\r\nContent-Dispos', 400],
  [
    'a body that ends in a field',
    'multipart/form-data; boundary=x',
    '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"qu',
    400,
  ],
  ['parts without names', 'multipart/form-data; boundary=x', '--x\r\n\r\nb\r\n--x--\r\n', 400],
])('%s: refused', async (_name, type, body, status) => {
  const app = await testApp()
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': type, Authorization: basicAuth(alice) },
    body,
  })
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject({ errors: [{ message: expect.stringContaining('multipart') }] })
})

test('a file that the multipart body breaks off is not stored', async () => {
  const app = await testApp()
  const bytes = await bytesOf(encodeExecRecord(sampleRecord()))
  const head =
    `--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n${operations}\r\n` +
    `--x\r\nContent-Disposition: form-data; name="map"\r\n\r\n${map}\r\n` +
    `--x\r\nContent-Disposition: form-data; name="record"; filename="full"\r\nContent-Type: application/octet-stream\r\n\r\n`
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'multipart/form-data; boundary=x', Authorization: basicAuth(alice) },
    // All of the record, but the end of the part is missing: nobody can tell that it was all.
    body: Buffer.concat([Buffer.from(head), bytes]),
  })
  expect(await answer.json()).toMatchObject({ errors: [{ message: expect.stringContaining('ended') }] })
  expect(await countBuilds(app)).toBe(0)
})

test('a file that is no part of the request is refused', async () => {
  const app = await testApp()
  const { errors } = await app.graphql(mutation, { file: 'full' })
  expect(errors?.[0]?.message).toContain('File must be a part of a multipart request')
})

test('with credentials no CSRF header is needed, unless a browser says that another site sent it', async () => {
  const app = await testApp()
  const parts = await partsOf(sampleRecord())
  const credentials = { Authorization: basicAuth(alice) }
  expect(await send(app, parts, { Origin: 'https://example.org' })).toMatchObject({ status: 403 })
  for (const site of ['cross-site', 'same-site']) {
    expect(await send(app, parts, { ...credentials, 'Sec-Fetch-Site': site })).toMatchObject({ status: 403 })
  }
  for (const origin of ['http://evil.test', 'null']) {
    expect(await send(app, parts, { ...credentials, Origin: origin })).toMatchObject({ status: 403 })
  }
  expect(await countBuilds(app)).toBe(0)
  const own = { ...credentials, Origin: app.url, 'Sec-Fetch-Site': 'same-origin' }
  const { data } = await send(app, parts, own)
  expect(data.uploadBuild.__typename).toBe('UploadBuildSuccess')
})

test.each([
  ['only the type', '{ __typename }', { __typename: 'UploadBuildSuccess' }],
  ['only refusals', '{ ... on Refusal { message } }', {}],
  [
    'only the type of the build',
    '{ ... on UploadBuildSuccess { build { __typename } } }',
    { build: { __typename: 'Build' } },
  ],
])('a build is stored and said to be when a client selects %s', async (_name, selection, expected) => {
  const app = await testApp()
  const parts = await partsOf(sampleRecord())
  const query = `mutation ($file: File!) { uploadBuild(input: { record: $file }) ${selection} }`
  const asked: Part[] = [
    ['operations', JSON.stringify({ query, variables: { file: null } })],
    ...parts.slice(1),
  ]
  const { status, data, errors } = await send(app, asked)
  expect({ status, data, errors }).toEqual({
    status: 200,
    data: { uploadBuild: expected },
    errors: undefined,
  })
  expect(await app.deps.db.build.count()).toBe(1)
})

test('on a private site a token for uploads reads no build through the answer, but learns its UUID', async () => {
  const app = await testApp({ env: { BUILDER_HUB_PRIVATE: 'true' } })
  const created = { userName: 'alice', name: 'builder' }
  const headersOf = async (...scopes: string[]) => {
    const { text } = await createToken(app.deps.writer, byServer(), { ...created, scopes })
    return { Authorization: `Bearer ${text}` }
  }
  const ask = async (selection: string, record: ExecRecord, headers: Record<string, string>) => {
    const query = `mutation ($file: File!) { uploadBuild(input: { record: $file }) { ... on UploadBuildSuccess { ${selection} } } }`
    const [, ...rest] = await partsOf(record)
    return send(app, [['operations', JSON.stringify({ query, variables: { file: null } })], ...rest], headers)
  }
  const [first, second, third] = [sampleRecord(), sampleRecord(), sampleRecord()]
  const toUpload = await headersOf('upload:*')
  expect((await ask('uuid', first, toUpload)).data).toEqual({ uploadBuild: { uuid: first.uuid } })
  const { data, errors } = await ask('build { job { builds { nodes { uuid } } } }', second, toUpload)
  expect([data.uploadBuild, errors?.[0]?.extensions]).toEqual([null, { code: 'FORBIDDEN' }])
  const toRead = await headersOf('upload:*', 'read')
  expect((await ask('build { uuid }', third, toRead)).data.uploadBuild.build).toEqual({ uuid: third.uuid })
  expect(await app.deps.db.build.count()).toBe(3)
})

test('the log of a refused upload names the job and the build', async () => {
  const lines: string[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) })
  const app = await testApp({ log })
  const record = sampleRecord({ job: 'named' })
  await uploadTo(app, record)
  await uploadTo(app, record)
  await app.upload(record)
  await uploadTo(app, record, { ...alice, password: 'x' })
  const refused = lines
    .map((line) => JSON.parse(line) as { msg: string })
    .filter(({ msg }) => msg === 'upload refused')
  const names = { job: 'named', uuid: record.uuid, user: alice.name }
  expect(refused).toMatchObject([names, names, { user: alice.name }])
  expect(refused[2]).not.toHaveProperty('job')
})
